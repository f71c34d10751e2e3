"""What was fuzzed with, and what fuzzing found, stays found: each input of ``fuzz/corpus`` holds."""

from pathlib import Path

import pytest

from oracles import body, policy, target

CORPUS = Path(__file__).parent.parent / "fuzz" / "corpus"
CHECKS = {"body": body.check, "policy": policy.check, "target": target.check}
INPUTS = sorted(path for path in CORPUS.glob("*/*") if path.parent.name in CHECKS)


def test_each_target_has_a_corpus():
    assert {path.parent.name for path in CORPUS.iterdir() if path.is_dir()} >= set()
    assert {path.parent.name for path in INPUTS} == CHECKS.keys()


@pytest.mark.parametrize("path", INPUTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_it_holds(path):
    CHECKS[path.parent.name](path.read_bytes())
