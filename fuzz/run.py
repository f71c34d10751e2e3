"""Coverage-guided fuzzing of one target with atheris (libFuzzer), for a bounded time; ``make fuzz`` runs them all.

Inputs are made in a folder that is thrown away. What fails is written to ``fuzz/found/``: mend the code, give the
file a name that says what it showed and move it to ``fuzz/corpus/``, where ``tests/test_fuzz_corpus.py`` runs it.
"""

import argparse
import importlib
import importlib.util
import subprocess
import sys
import tempfile
from pathlib import Path

import mutators

HERE = Path(__file__).parent
ROOT = HERE.parent
TARGETS = {
    "body": ("jira_compat.message",),
    "target": ("jira_compat.message", "jira_compat.decide"),
    "policy": ("jira_compat.policy", "jira_compat.actions", "jira_compat.explain.examples", "ruamel.yaml"),
}
"""Each has ``tests/oracles/TARGET.py``, which says what must hold, and a corpus; the modules guide the fuzzer."""

SLOWEST = 5
"""Seconds; an input that takes longer is a failure as well."""
LARGEST = 4096
_INSIDE = "--inside"


def main() -> int:
    """Fuzz; exit status 1 if anything was found."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("targets", nargs="*", metavar="TARGET", help=f"of {', '.join(TARGETS)}; all without")
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    options = parser.parse_args()
    if unknown := set(options.targets) - TARGETS.keys():
        parser.error(f"unknown: {' '.join(unknown)}; choose from {', '.join(TARGETS)}")
    if importlib.util.find_spec("atheris") is None:
        sys.stderr.write(
            f"fuzz: atheris is not in {sys.prefix}; `make fuzz` installs it (Linux and macOS, 3.12 to 3.14)\n"
        )
        return 1
    return max(run(target, options.seconds) for target in options.targets or TARGETS)


def run(target: str, seconds: int) -> int:
    """Fuzz in a process of its own, which libFuzzer ends."""
    found = HERE / "found" / target
    found.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        options = {"max_total_time": seconds, "timeout": SLOWEST, "max_len": LARGEST, "rss_limit_mb": 1024}
        flags = [f"-{name}={value}" for name, value in options.items()]
        flags += [f"-dict={HERE / f'{target}.dict'}", f"-artifact_prefix={found}/", "-print_final_stats=1"]
        command = [sys.executable, __file__, _INSIDE, target, *flags, scratch, str(HERE / "corpus" / target)]
        print(f"fuzz: {target}, {seconds} s", flush=True)
        failed = subprocess.run(command, check=False).returncode
    if not any(found.iterdir()):
        found.rmdir()
    return 1 if failed else 0


def fuzz(target: str, flags: list[str]) -> None:
    """Hand over to libFuzzer, which does not come back."""
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore] # noqa: PLC0415 - not everybody has it

    sys.path[:0] = [str(ROOT / "addon"), str(ROOT / "tests")]
    with atheris.instrument_imports(include=list(TARGETS[target])):
        oracle = importlib.import_module(f"oracles.{target}")
    mutator = mutators.of(target, lambda part, most: atheris.Mutate(part, most))  # noqa: PLW0108 - Fuzz() puts another there
    atheris.Setup([sys.argv[0], *flags], oracle.check, custom_mutator=mutator)
    atheris.Fuzz()


if __name__ == "__main__":
    if sys.argv[1:2] == [_INSIDE]:
        fuzz(sys.argv[2], sys.argv[3:])
    sys.exit(main())
