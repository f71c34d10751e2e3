"""docs/engines.md as it stands: its tables take what a real proxy wrote, and its queries say what the report says."""

import base64
import io
import json
import re
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from build import shipped_set
from jira_compat.audit.counting.inventory import Calls, Client, Subject
from jira_compat.audit.files.captures import Capture
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.reader import ReadOptions
from jira_compat.audit.run import audit
from jira_compat.events import vocabulary
from jira_compat.standin import StandIn
from live import ROOT, exchange, live_proxy, request

PAGE = (ROOT / "docs" / "engines.md").read_text()
STATEMENTS = re.findall(r"```sql\n-- (\w+): (\w+)\n(.*?)```", PAGE, re.DOTALL)
PROGRAMS = {"duckdb": ("duckdb", "duck.py"), "clickhouse": ("chdb", "clickhouse.py")}
QUERIES = ("clients", "endpoints", "statuses", "hours", "failures")

JSON = "Content-Type: application/json"
CALLS = [
    *[("GET", f"/rest/api/2/issue/DEMO-{number}?fields=x", "", "curl/8.1", "") for number in range(1, 6)],
    ("GET", "/rest/api/2/issue/NONE-1", "", "jira-python/3.10 python-requests/2.32", "fred"),
    ("GET", "/browse/DEMO-1", "", "", ""),
    ("GET", "/rest/api/2/myself", "", "python-requests/2.31", "admin"),
    ("POST", "/rest/api/2/user", '{"name": "a", "password": "x"}', "python-requests/2.31", "admin"),
    ("POST", "/rest/api/2/user", '{"name": "b", "password": "x"}', "python-requests/2.31", "admin"),
    ("POST", "/rest/api/2/user", '{"name": "c"}', "python-requests/2.31", "admin"),
    ("POST", "/rest/api/2/user", '{"name":', "python-requests/2.28", "admin"),
    ("PUT", "/rest/api/2/user/password?username=a", "{}", "curl/8.1", "fred"),
    ("PUT", "/rest/api/2/user/password?username=a", "{}", "curl/8.2", "fred"),
    ("POST", "/rest/auth/1/session", "{}", "", ""),
]


@dataclass(frozen=True)
class Run:
    """Events of a real run, and what the report makes of them."""

    folder: Path
    rows: dict[tuple[Subject, Client], Calls]
    hours: dict[tuple[str, int], int]
    failures: dict[str, int]


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run")
    file = folder / "events.jsonl"
    options = {"inventory": True, "confdir": folder}
    with StandIn() as jira, live_proxy("serve", file, upstream=jira.url, options=options) as proxy:
        for method, target, body, agent, user in CALLS:
            fields = [JSON, *([f"User-Agent: {agent}"] if agent else [])]
            fields += [f"Authorization: Basic {base64.b64encode(f'{user}:x'.encode()).decode()}"] if user else []
            exchange(proxy.port, request(method, target, body, *fields))
        proxy.stop()
    with file.open("a") as log:  # what no proxy does on demand
        for name in ("rewrite_failed", "policies_rejected", "links_left"):
            log.write(
                json.dumps({"v": 1, "timestamp": "2026-03-02T09:15:12.380154Z", "event": name, "errors": []}) + "\n"
            )
    choices = ReadOptions(shipped_set(), 10**7, "shown", b"")
    found = audit([Capture(str(file), file, file.stat().st_size)], choices, Progress(io.StringIO()), 1)
    assert found.all_problems() == []
    assert sum(calls.count for calls in found.inventory.rows.values()) == len(CALLS)
    inventory = found.inventory
    return Run(folder, inventory.rows, inventory.hours, inventory.failures)


@pytest.fixture(scope="module", params=PROGRAMS)
def said(request, run):
    """The rows of an engine's queries, by name."""
    module, program = PROGRAMS[request.param]
    if find_spec(module) is None:
        pytest.skip(f"{module} is not installed; `make engines` does it (200 MB)")
    named = [
        (name, statement.strip())
        for engine, name, text in STATEMENTS
        if engine == request.param
        for statement in re.split(r";\n", text)
        if statement.strip()
    ]
    done = subprocess.run(
        [sys.executable, str(Path(__file__).with_name(program))],
        input=json.dumps([statement for _, statement in named]),
        cwd=run.folder,
        text=True,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip((name for name, _ in named), json.loads(done.stdout), strict=True))


def at(text):
    """A time as the engines write it, in seconds."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def number(value):
    """ClickHouse writes 64 bits as text, DuckDB no rows as null."""
    return int(value or 0)


def test_the_page_asks_both_engines_the_same():
    for engine in PROGRAMS:
        assert [name for one, name, _ in STATEMENTS if one == engine][-len(QUERIES) :] == list(QUERIES)


@pytest.mark.parametrize("engine", PROGRAMS)
def test_the_tables_have_every_field_of_an_event(engine):
    table = next(text for one, name, text in STATEMENTS if one == engine and name in {"table", "load"})
    columns = re.findall(r"'([\w.]+)': '" if engine == "duckdb" else r"(?m)^  `([\w.]+)` ", table)
    assert sorted(columns) == sorted(vocabulary.FIELDS)


def test_clients_are_those_of_the_report(run, said):
    expected = {
        (subject.policy, subject.rule, *(fact or "" for fact in client)): (
            calls.count,
            calls.carried.get("yes", 0),
            calls.carried.get("unknown", 0),
            calls.applied,
            calls.first,
            calls.last,
        )
        for (subject, client), calls in run.rows.items()
        if subject.rule
    }
    names = ("policy", "rule", "product", "version", "user_name", "address")
    found = {
        tuple(row[name] or "" for name in names): (
            *(number(row[name]) for name in ("calls", "carried", "unknown", "applied")),
            at(row["first_seen"]),
            at(row["last_seen"]),
        )
        for row in said["clients"]
    }
    assert found == expected
    assert len(said["clients"]) == len(expected) >= 5


def test_the_worst_stand_first(said):
    assert [row["rule"] for row in said["clients"]][:2] == ["refuse-password-change"] * 2
    assert said["clients"][-1]["rule"] == "leave-login"


def test_endpoints_are_those_of_the_report(run, said):
    expected = {
        (subject.endpoint, client.product): (calls.count, calls.first, calls.last)
        for (subject, client), calls in run.rows.items()
        if not subject.rule
    }
    found = {
        (row["endpoint"], row["product"]): (number(row["calls"]), at(row["first_seen"]), at(row["last_seen"]))
        for row in said["endpoints"]
    }
    assert found == expected
    assert found["GET /rest/api/2/issue/{id}", "curl"][0] == 5


def test_statuses_are_those_of_the_report(run, said):
    expected: dict[tuple[str, int], int] = {}
    for (subject, _), calls in run.rows.items():
        for status, count in calls.statuses.items():
            expected[subject.endpoint, status] = expected.get((subject.endpoint, status), 0) + count
    found = {(row["endpoint"], int(row["status"])): number(row["calls"]) for row in said["statuses"]}
    assert found == expected


def test_hours_are_those_of_the_report(run, said):
    found = {
        (f"{row['policy']}/{row['rule']}", int(at(row["hour"])) // 3600): number(row["calls"]) for row in said["hours"]
    }
    assert found == run.hours


def test_failures_are_those_of_the_report(run, said):
    assert {row["event"]: number(row["exchanges"]) for row in said["failures"]} == run.failures == {"rewrite_failed": 1}
