"""Old clients, unmodified: what they report in front of Jira Server is what they report through the proxy on Cloud.

Each makes its steps twice. People are left out of the comparison: Cloud names them by account id.
"""

import json
import shutil
import subprocess
import sys
from base64 import b64encode
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from jira_compat.standin import StandIn
from live import PATIENCE, ROOT, live_proxy, wait_until

HERE = Path(__file__).parent
COUNT = 120
JQL = "project = DEMO ORDER BY key"
WIDE = "text ~ issue ORDER BY created DESC, key ASC"
UNKNOWN = "project = NOWHERE"
MALFORMED = "project = "


def step(name, *given, **named):
    return [name, *given], named


SEARCHES = [
    step("search", JQL),
    step("search", JQL, maxResults=20),
    step("search", JQL, maxResults=20, startAt=20),
    step("search", JQL, maxResults=20, startAt=40),
    step("search", JQL, maxResults=50, startAt=100),
    step("search", JQL, maxResults=20, startAt=20),
    step("search", JQL, maxResults=50, startAt=500),
    step("search", JQL, maxResults=1000, fields=["summary", "status"]),
    step("search", JQL, maxResults=5, fields=["-description", "*navigable"]),
    step("search", "key = DEMO-7"),
    step("search", "ORDER BY key DESC", maxResults=5),
    step("search", "summary ~ 'ORDER BY' ORDER BY key", maxResults=5),
    step("search", "", maxResults=5),
    step("search", "labels = nothing-has-it"),
    step("search", UNKNOWN),
    step("search", MALFORMED),
    *(step("loop", JQL, size) for size in (7, 50, 120, 1000)),
]
JIRA = [
    *SEARCHES,
    step("search", JQL, maxResults=False, fields="summary"),
    step("search", JQL, maxResults=5, fields="summary,customfield_10007", expand="changelog,names,schema"),
    step("search", JQL, maxResults=2, json_result=True),
    step("search", JQL, maxResults=2, startAt=2, json_result=True, expand="names"),
    step("search", UNKNOWN, validate_query=False),
    step("attributes", JQL),
    step("update", "DEMO-7", "written by an old client"),
    step("create", "made by an old client"),
]
ATLASSIAN = [
    step("search", JQL),
    step("search", JQL, limit=20),
    step("search", JQL, limit=20, start=20),
    step("search", JQL, limit=50, start=100, fields=["summary", "status"]),
    step("search", JQL, limit=1000, fields="summary", expand="changelog"),
    step("search", JQL, limit=0),
    step("search", "ORDER BY key DESC", limit=5),
    step("search", UNKNOWN),
    step("search", MALFORMED),
    *(step("loop", JQL, size) for size in (7, 50)),
    step("count", "DEMO"),
    step("project", "DEMO"),
]
NEWER_ATLASSIAN = [
    *ATLASSIAN,
    step("tickets", JQL, fields="summary"),
    step("tickets", JQL, fields="summary", limit=70),
    step("search", UNKNOWN, validate_query=False),
    step("project", "DEMO", start=7, limit=9),
]
NODE = [
    *SEARCHES,
    step("search", JQL, maxResults=0),
    step("search", JQL, maxResults=3, expand=["names", "changelog"], fields=["*all"]),
    step("search", UNKNOWN, validateQuery="warn"),
]


@dataclass(frozen=True)
class Client:
    """An old client: where its program is, what it is called there, and what it shall do."""

    name: str
    library: str
    steps: list[Any]
    options: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return self.name

    @property
    def command(self) -> list[str]:
        if self.library.startswith("jira-"):
            node = shutil.which("node")
            if node is None:
                pytest.skip("node is not installed; apt-get install nodejs npm")
            if not (HERE / "node" / "node_modules" / self.library).exists():
                pytest.skip(f"{self.library} is not installed; run make setup")
            return [node, str(HERE / "node" / "search.js")]
        python = Path(sys.executable)
        if self.name != self.library:
            python = ROOT / ".old-clients" / self.name / "bin" / "python"
            if not python.exists():
                first = (HERE / "old_clients" / f"{self.name}.txt").read_text().splitlines()[0]
                reason = first.removeprefix("# ") if first.startswith("# Python") else "it is not installed"
                pytest.skip(f"{reason}; run make setup")
        return [str(python), str(HERE / "old_clients" / "driver.py")]

    def drive(self, command: list[str], url: str, steps: list[Any]) -> list[Any]:
        """What the client reports of its steps at an address."""
        line = json.dumps({"client": self.library, "url": url, "options": self.options, "steps": steps})
        result = subprocess.run(
            command, input=f"{line}\n", capture_output=True, text=True, timeout=3 * PATIENCE, check=False
        )
        assert result.returncode == 0, result.stderr
        reports: list[Any] = json.loads(result.stdout)
        return reports


CLIENTS = [
    Client("jira-1.0.15", "jira", JIRA),
    Client("jira-2.0.0", "jira", JIRA),
    Client("jira-3.5.2", "jira", JIRA),
    Client("jira", "jira", JIRA, {"get_server_info": False}),  # today's asks Cloud for search/jql itself
    Client("atlassian-python-api-1.14.9", "atlassian", ATLASSIAN),
    Client("atlassian-python-api-3.41.21", "atlassian", NEWER_ATLASSIAN),
    Client("atlassian", "atlassian", NEWER_ATLASSIAN),
    Client("jira-connector-3.1.0", "jira-connector", NODE),
    Client("jira-client-8.2.2", "jira-client", NODE),
]
PEOPLE = {"assignee", "reporter", "creator", "author"}


def without_people(value, *addresses):
    """A report without people, and with the same address for each site."""
    if isinstance(value, dict):
        return {name: without_people(part, *addresses) for name, part in value.items() if name not in PEOPLE}
    if isinstance(value, list):
        return [without_people(part, *addresses) for part in value]
    if isinstance(value, str):
        for address in addresses:
            value = value.replace(address, "http://jira")
    return value


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    """Today's Cloud and a proxy in front of it."""
    folder = tmp_path_factory.mktemp("old-clients")
    with (
        StandIn("cloud-today") as cloud,
        live_proxy("serve", folder / "events.jsonl", upstream=cloud.url, options={"confdir": folder}) as proxy,
    ):
        yield cloud, proxy
    assert "Traceback" not in proxy.text()


@pytest.fixture
def sites(proxied):
    """A Jira Server, today's Cloud, and a proxy in front of the latter; the sites as on their first day."""
    cloud, proxy = proxied
    cloud.reset()
    with StandIn("server") as server:
        for site in (server, cloud):
            site.seed_issues(COUNT)
        yield server, cloud, proxy


@pytest.mark.parametrize("client", CLIENTS, ids=str)
def test_an_old_client_reports_what_it_reports_of_server(sites, client):
    server, cloud, proxy = sites
    command, earlier = client.command, len(proxy.events())
    [straight] = client.drive(command, cloud.url, client.steps[:1])
    with ThreadPoolExecutor() as pool:  # jira 1 and 2 sleep for seconds after an update
        drives = pool.map(lambda url: client.drive(command, url, client.steps), (server.url, proxy.url))
    of_server, through = drives

    for wanted, expected, actual in zip(client.steps, of_server, through, strict=True):
        assert without_people(actual, proxy.url, cloud.url) == without_people(expected, server.url), wanted
    refused = [terms for (terms, _), report in zip(client.steps, of_server, strict=True) if "thrown" in report]
    assert all(terms[1] in {UNKNOWN, MALFORMED} for terms in refused), refused
    assert "The requested API has been removed" in json.dumps(straight)

    def translated():
        return [event for event in proxy.events()[earlier:] if event["event"] == "request_translated"]

    wait_until(lambda: len(translated()) >= len(client.steps), "an event for each step")


def while_less_than_total(ask, size):
    keys: list[str] = []
    total = 1
    while len(keys) < total:
        page = ask(startAt=len(keys), maxResults=size)
        total = page["total"]
        keys += page["issues"]
    return keys


def until_an_empty_page(ask, size):
    keys: list[str] = []
    while issues := ask(startAt=len(keys), maxResults=size)["issues"]:
        keys += issues
    return keys


def until_a_short_page(ask, size):
    keys: list[str] = []
    while True:
        page = ask(startAt=len(keys), maxResults=size)
        keys += page["issues"]
        if len(page["issues"]) < page["maxResults"]:
            return keys


def by_the_echoed_size(ask, size):
    keys, start = [], 0
    while True:
        page = ask(startAt=start, maxResults=size)
        keys += page["issues"]
        start = page["startAt"] + page["maxResults"]
        if start >= page["total"]:
            return keys


def by_the_number_of_pages(ask, size):
    total = ask(maxResults=0)["total"]
    return [key for number in range(-(-total // size)) for key in ask(startAt=number * size, maxResults=size)["issues"]]


def backwards(ask, size):
    starts = range(0, ask(maxResults=1)["total"], size)
    pages = [ask(startAt=start, maxResults=size)["issues"] for start in reversed(starts)]
    return [key for page in reversed(pages) for key in page]


def all_at_once(ask, _):
    return ask(maxResults=ask()["total"])["issues"]


def with_the_largest_number(ask, _):
    return ask(maxResults=2147483647)["issues"]


def with_minus_one(ask, _):
    return ask(startAt=0, maxResults=-1)["issues"]


def two_at_once(ask, size):
    """Two loops in turns: the second has pages of another size."""
    keys: list[str] = []
    others: list[str] = []
    while len(keys) < COUNT or len(others) < COUNT:
        keys += ask(startAt=len(keys), maxResults=size)["issues"]
        others += ask(startAt=len(others), maxResults=size + 1)["issues"]
    assert keys == others
    return keys


LOOPS = [
    while_less_than_total,
    until_an_empty_page,
    until_a_short_page,
    by_the_echoed_size,
    by_the_number_of_pages,
    backwards,
    all_at_once,
    with_the_largest_number,
    with_minus_one,
    two_at_once,
]


@pytest.mark.parametrize("loop", LOOPS, ids=lambda loop: loop.__name__)
def test_a_loop_as_people_write_it_gets_what_it_gets_of_server(sites, loop):
    server, cloud, proxy = sites
    login = {"Authorization": "Basic " + b64encode(b"admin@example.com:admin-token").decode()}

    def run(site):
        calls = []

        def ask(**terms):
            calls.append(terms)
            query = urlencode({"jql": JQL, "fields": "summary", **terms})
            request = Request(f"{site.url}/rest/api/2/search?{query}", headers=login)  # noqa: S310
            with opener.open(request, timeout=PATIENCE) as answer:
                page = json.load(answer)
            return page | {"issues": [issue["key"] for issue in page["issues"]]}

        return loop(ask, 50), calls

    opener = build_opener(ProxyHandler({}))
    assert run(proxy) == run(server)
    assert run(proxy)[0] == [f"DEMO-{number}" for number in range(1, COUNT + 1)]
    assert {call.target.partition(b"?")[0] for call in cloud.received} <= TODAY


TODAY = {b"/rest/api/2/search/jql", b"/rest/api/2/issue/bulkfetch"}
