"""The counting of a capture as ``jira-compat audit`` does it.

``python -m benchmarks.audit.plain FILE`` prints its totals.
"""

import io
import json
import sys
from pathlib import Path

from jira_compat.audit.counting.inventory import Inventory
from jira_compat.audit.files.captures import Capture
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.reader import ReadOptions
from jira_compat.audit.run import audit
from jira_compat.policy.files import policy_files, shipped_policies
from jira_compat.policy.index import PolicySet, RunOptions, compile_policies
from jira_compat.policy.load import load_policies


def in_force() -> PolicySet:
    """The rules that ship, as audits have them."""
    return compile_policies(load_policies(policy_files([shipped_policies()])), RunOptions(mode="observe"))


def totals(inventory: Inventory) -> list[list[object]]:
    """What can be compared: each row's subject, client, count, times (in whole seconds) and statuses."""
    return sorted(
        [
            *subject[:3],
            *client,
            calls.count,
            int(calls.first or 0),
            int(calls.last or 0),
            sorted(calls.statuses.items()),
        ]
        for (subject, client), calls in inventory.rows.items()
    )


if __name__ == "__main__":
    path = Path(sys.argv[1])
    capture = Capture(path.name, path, path.stat().st_size)
    found = audit([capture], ReadOptions(in_force(), 10_000_000, "shown", b""), Progress(io.StringIO()))
    json.dump(totals(found.inventory), sys.stdout)
