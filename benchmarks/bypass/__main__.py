"""``python -m benchmarks.bypass``: the corpus of bypasses through this proxy and others, one table.

All are given the same policy and judged alike: what must be refused was refused with any 4xx and did not
reach the upstream; what must be edited reached it without the secret and with all else; what is harmless
reached it equal. The tests hold this proxy to more: exact statuses, field order, the shape of refusals.
"""

import argparse
import re
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "tests")]

from fair import judge_fairly  # noqa: E402
from peers import PEERS, Peer  # noqa: E402

from bypass import client, corpus  # noqa: E402
from bypass.corpus import SECRET, Case  # noqa: E402
from bypass.recorder import Recorder  # noqa: E402
from bypass.secret import holds  # noqa: E402
from bypass.verdict import Outcome  # noqa: E402

_SHOWN = 200
"""Characters of what is wrong with a case; a few targets are long."""
BLOCK = re.compile(r"(<!-- bypass:begin -->\n).*?(<!-- bypass:end -->)", re.DOTALL)


@dataclass(frozen=True)
class Row:
    """The result of the corpus in front of a proxy."""

    name: str
    passed: dict[str, int]
    let_through: int
    failed: dict[str, list[str]]


def run(peer: Peer, version: str) -> Row:
    """Send every case."""
    passed: dict[str, int] = {}
    failed: dict[str, list[str]] = {}
    let_through = 0
    with Recorder() as recorder, peer.run(recorder.port) as port:
        for case in corpus.load():
            outcome = client.run(port, case, recorder)
            wrong = judge_fairly(case, outcome)
            passed[case.group] = passed.get(case.group, 0) + (not wrong)
            let_through += bool(wrong) and _is_through(case, outcome)
            if wrong:
                failed[case.id] = wrong
    return Row(f"{peer.name} {version}".strip(), passed, let_through, failed)


def _is_through(case: Case, outcome: Outcome) -> bool:
    """Tell whether the upstream got a secret, or a part of a request to reject."""
    if any(holds(data, SECRET) for data in outcome.upstream):
        return True
    refused = all(expected.kind != "forwarded" for alternatives in case.expected for expected in alternatives)
    return refused and any(outcome.upstream)


def table(rows: Iterable[Row]) -> str:
    """The rows as Markdown."""
    cases = corpus.load()
    groups = list(dict.fromkeys(case.group for case in cases))
    sizes = {group: sum(case.group == group for case in cases) for group in groups}
    heads = [group.partition("-")[2].replace("-", " ") for group in groups]
    lines = [
        f"| proxy | all {len(cases)} | " + " | ".join(f"{h} {sizes[g]}" for h, g in zip(heads, groups, strict=True)),
        "|---" * (len(groups) + 2),
    ]
    lines = [lines[0] + " | let through |", lines[1] + "|---|"]
    for row in rows:
        cells = [row.name, sum(row.passed.values()), *(row.passed[group] for group in groups), row.let_through]
        lines.append("| " + " | ".join(map(str, cells)) + " |")
    return "\n".join(lines)


def main() -> None:
    """Run what is installed and print, or write, the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--write", metavar="FILE", nargs="+", type=Path, default=[], help="files with a block for it")
    parser.add_argument("--only", metavar="TEXT", default="", help="of the proxies, those with this in their name")
    parser.add_argument("--failed", action="store_true", help="list what failed, and how")
    options = parser.parse_args()
    rows = []
    for peer in PEERS:
        if options.only not in peer.name:
            continue
        version = peer.find()
        if version is None:
            sys.stderr.write(f"{peer.name}: not installed, left out; {peer.install}\n")
            continue
        rows.append(run(peer, version))
        sys.stderr.write(f"{rows[-1].name}: {sum(rows[-1].passed.values())} passed\n")
        for case, wrong in rows[-1].failed.items() if options.failed else ():
            sys.stderr.write(f"  {case}: {'; '.join(fault[:_SHOWN] for fault in wrong)}\n")
    text = table(rows)
    print(text)
    for file in options.write:
        _write(file, text)


def _write(file: Path, text: str) -> None:
    before = file.read_text()
    after, number = BLOCK.subn(lambda found: f"{found[1]}{text}\n{found[2]}", before)
    if not number:
        sys.exit(f"{file}: it has no block for the table; put <!-- bypass:begin --> and <!-- bypass:end --> into it")
    file.write_text(after)


if __name__ == "__main__":
    main()
