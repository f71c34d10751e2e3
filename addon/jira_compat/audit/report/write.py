"""Where the report of an audit goes."""

import json
import sys
from pathlib import Path

from jira_compat.audit.run import Audit
from jira_compat.policy.index import PolicySet

FORMS = ("table", "json")


def write_report(audit: Audit, policies: PolicySet, form: str, output: str | None) -> None:
    """Write it.

    Raises:
        OSError: The file cannot be written.
    """
    rows = [
        {
            "endpoint": subject.endpoint,
            "policy": subject.policy,
            "rule": subject.rule,
            "change": subject.change,
            "product": client.product,
            "version": client.version,
            "user": client.user,
            "address": client.address,
            "calls": calls.count,
            "first": calls.first,
            "last": calls.last,
            "statuses": calls.statuses,
            "carried": calls.carried,
            "fields": calls.fields,
            "example": None if calls.example is None else [calls.example.place, calls.example.line],
        }
        for (subject, client), calls in audit.inventory.rows.items()
    ]
    lines = [json.dumps(row) for row in rows]
    text = f"[{',\n'.join(lines)}]\n" if form == "json" else "".join(f"{line}\n" for line in lines)
    if output in {None, "-"}:
        sys.stdout.write(text)
    else:
        Path(output or "").write_text(text, encoding="utf-8")
    del policies
