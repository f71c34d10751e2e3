"""The second part of the demonstration: an old client pages through a search of today's Jira Cloud."""

import json
import subprocess
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jira_compat.demo.clients import PlainClient
from jira_compat.demo.proxy import DemoError, Proxy, running_proxy
from jira_compat.standin import StandIn

COUNT = 120
LOGIN = ("admin@example.com", "admin-token")
QUERY = "project = DEMO ORDER BY key"
SECONDS = 60.0
"""Seconds that the client may take for all its pages."""
PAGE = 50

_SCRIPT = """
import json, sys, warnings
warnings.simplefilter("ignore")
from jira import JIRA, JIRAError, __version__
url, user, token, query, size = sys.argv[1:]
result = {"version": __version__, "keys": [], "pages": 0}
try:
    jira = JIRA(url, basic_auth=(user, token), max_retries=0)
    while True:
        page = jira.search_issues(query, startAt=len(result["keys"]), maxResults=int(size))
        result["keys"] += [issue.key for issue in page]
        result["pages"] += 1
        if not page or len(result["keys"]) >= page.total:
            break
except JIRAError as error:
    result.update(status=error.status_code, text=error.text)
print(json.dumps(result))
"""
"""A loop as scripts write it; any release of the library ``jira`` runs it."""


@dataclass(frozen=True, slots=True)
class Pages:
    """What a client reports of its loop.

    Args:
        keys: Keys of the issues, in the order in which they came.
        count: How many pages it read.
        status: The status that ended it; ``None`` if it ended by itself.
        text: What came with that.
        version: Of the library, if one made the calls.
    """

    keys: tuple[str, ...] = ()
    count: int = 0
    status: int | None = None
    text: str = ""
    version: str = ""

    def __str__(self) -> str:
        if self.status is not None:
            return f"{self.status} {self.text}"
        ends = f": {self.keys[0]} to {self.keys[-1]}" if self.keys else ""
        return f"{len(self.keys)} issues in {self.count} pages{ends}"


Loop = Callable[[str], Pages]
"""Pages through the search at an address."""


def show_search(say: Callable[[str], None], folder: Path, old_client: Path | None) -> bool:
    """Page through a search, directly and through the proxy, and print the result of both.

    Args:
        say: Takes the lines.
        folder: Takes the proxy's files.
        old_client: A Python that has an old release of the library ``jira``; without it the standard library asks.

    Returns:
        Whether everything was as promised.

    Raises:
        DemoError: The proxy did not start.
        OSError: There is no free port.
    """
    loop = library_loop(old_client) if old_client is not None and old_client.exists() else plain_loop
    with StandIn("cloud-today") as standin:
        standin.seed_issues(COUNT)
        with running_proxy(standin.url, folder, profile="cloud") as proxy:
            direct, through = loop(standin.url), loop(proxy.url)
            events = _events(proxy, through.count)
    name = f"the library 'jira' {through.version}" if through.version else "a loop of Python's urllib"
    requests = [event["upstream.requests"] for event in events]
    say(f"\nA stand-in for today's Jira Cloud with {COUNT} issues, and {name}, which pages by startAt and total:\n")
    say(f"  directly           {direct}")
    say(f"  through the proxy  {through}")
    say(f"  events             {len(events)} request_translated, for {sum(requests)} requests to Jira")
    expected = tuple(f"DEMO-{number}" for number in range(1, COUNT + 1))
    return direct.status == 410 and through.keys == expected and len(events) == through.count


def library_loop(python: Path) -> Loop:
    """Return the loop of a library that lives in an environment of its own."""

    def loop(url: str) -> Pages:
        command: Sequence[str] = [str(python), "-c", _SCRIPT, url, *LOGIN, QUERY, str(PAGE)]
        try:
            ended = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
            found = json.loads(ended.stdout)
        except (OSError, ValueError, subprocess.TimeoutExpired):
            raise DemoError(f"{python} did not run the library jira; leave --old-client out") from None
        return Pages(tuple(found["keys"]), found["pages"], found.get("status"), found.get("text", ""), found["version"])

    return loop


def plain_loop(url: str) -> Pages:
    """Page by the standard library."""
    client, keys, pages = PlainClient(url, LOGIN), list[str](), 0
    while True:
        result, page = client.search(QUERY, len(keys), PAGE)
        if page is None:
            return Pages(tuple(keys), pages, result.status, result.text)
        keys += [issue["key"] for issue in page["issues"]]
        pages += 1
        if not page["issues"] or len(keys) >= page["total"]:
            return Pages(tuple(keys), pages)


def _events(proxy: Proxy, count: int) -> list[dict[str, Any]]:
    if count:
        proxy.event_after(count - 1)
    return [event for event in proxy.events() if event["event"] == "request_translated"]
