"""The counting of an access log, done by DuckDB: ``python -m benchmarks.audit.duck FORM FILE`` prints its totals.

DuckDB splits lines and adds up; rules are asked for each distinct method and path. It does less than the plain reader:
no example with its place, no hours, no line that fits nothing is named.
"""

import json
import os
import sys
from datetime import UTC
from typing import Any

import duckdb
from benchmarks.audit.plain import in_force, totals

from jira_compat.audit.counting.classify import Classifier
from jira_compat.audit.counting.inventory import Calls, Client, Inventory
from jira_compat.events.user_agent import agent

MEMORY = "400MB"
_REQUEST = r'"([A-Z]{1,12}) ([^ "]+)[^"]*" ([0-9]{3}|-)'
_PATTERNS = {
    "combined": rf'^([^ ]+) [^ ]+ ([^\[]*?) \[([^\]]+)\] {_REQUEST} [0-9-]+ "[^"]*" "([^"]*)".*$',
    "jira": rf'^([^ ]+) [0-9]+x[0-9]+x[0-9]+ ([^\[]*?) \[([^\]]+)\] {_REQUEST} [0-9-]+ [0-9.-]+ "[^"]*" "([^"]*)".*$',
}
_QUERY = r"""
WITH lines AS (
  SELECT line FROM read_csv($file, columns = {'line': 'VARCHAR'}, delim = E'\x01', quote = '', escape = '',
    header = false, auto_detect = false, strict_mode = false)
), fields AS (
  SELECT regexp_extract(line, $pattern, ['client', 'who', 'stamp', 'method', 'target', 'status', 'agent']) AS one
  FROM lines
)
SELECT
  one.method,
  regexp_replace(split_part(one.target, '?', 1), '/([0-9]{4,}|[A-Z][A-Z0-9_]*-[0-9]+)', '/any-0', 'g') AS path,
  CASE WHEN contains(one.target, 'password') THEN regexp_replace(split_part(one.target, '?', 2), '=[^&]*', '=', 'g')
       ELSE '' END AS names,
  one.agent, one.client, one.who, one.status, count(*) AS calls,
  min(strptime(one.stamp, '%d/%b/%Y:%H:%M:%S +0000')) AS first,
  max(strptime(one.stamp, '%d/%b/%Y:%H:%M:%S +0000')) AS last
FROM fields GROUP BY ALL
"""


def count(file: str, form: str) -> Inventory:
    """The inventory of a log."""
    config = {"threads": len(os.sched_getaffinity(0)), "memory_limit": MEMORY}
    rows = duckdb.connect(config=config).execute(_QUERY, {"file": file, "pattern": _PATTERNS[form]})
    classifier, inventory = Classifier(in_force(), 10_000_000), Inventory()
    while batch := rows.fetchmany(10_000):
        for row in batch:
            _add(row, classifier, inventory)
    return inventory


def _add(row: tuple[Any, ...], classifier: Classifier, inventory: Inventory) -> None:
    method, path, names, name, address, user, status, calls, first, last = row
    verdict = classifier.classify_line(method.encode(), f"{path}?{names}".encode() if names else path.encode())
    began, ended = (time.replace(tzinfo=UTC).timestamp() for time in (first, last))
    counted = Calls(calls, began, ended, {int(status): calls} if status.isdigit() else {})
    inventory.add_row(verdict.subject, Client(*agent(name), user, address), counted)


if __name__ == "__main__":
    json.dump(totals(count(sys.argv[2], sys.argv[1])), sys.stdout)
