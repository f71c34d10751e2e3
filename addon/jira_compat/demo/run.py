"""The demonstration: a stand-in Jira, a real proxy, real clients.

First the fifteen calls of the article, then a search as old clients page through it.
"""

import contextlib
import os
import signal
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

from rich.console import Console

from jira_compat.demo.calls import CALLS
from jira_compat.demo.clients import clients
from jira_compat.demo.observe import Row, observe
from jira_compat.demo.proxy import DemoError, Proxy, running_proxy
from jira_compat.demo.search import show_search
from jira_compat.demo.table import table
from jira_compat.standin import StandIn

WIDTH = 132
REMEMBERED = 100
"""Requests that the stand-in keeps; a call makes a handful."""

_GUIDE = """\
The stand-in Jira  {jira}   users admin/admin and fred/fred
The proxy          {proxy}
Its events         tail -f {events}
Try                curl -i -u admin:admin -X PUT '{proxy}/rest/api/2/user/password?username=fred' \\
                     -H 'Content-Type: application/json' -d '{{"password": "tulip"}}'
Ctrl-C ends both.
"""


def run(say: Callable[[str], None], *, keep: bool, old_client: Path | None = None) -> bool:
    """Make every call, directly and through the proxy, and show what became of it.

    Args:
        say: Where the lines go.
        keep: Leave stand-in and proxy running until SIGINT or SIGTERM.
        old_client: A Python that has an old release of the library ``jira``, for the search.

    Returns:
        Whether everything was as promised.

    Raises:
        DemoError: The proxy did not start, or ended by itself.
        OSError: There is no free port or no room for temporary files.
    """
    os.environ["no_proxy"] = "*"  # all is on loopback, and a company's proxy leads nowhere from there
    with _stage() as (standin, proxy, folder):
        name, make = clients()
        say(f"A stand-in for Jira Server, jira-compat in front of it (profile staging), and {name}.\n")
        rows = [observe(call, standin, make, proxy) for call in CALLS]
        console = Console()
        console.width = min(console.width, WIDTH) if console.is_terminal else WIDTH
        with console.capture() as captured:
            console.print(table(rows))
        say("\n".join(line.rstrip() for line in captured.get().splitlines()))
        say(_summary(rows))
        is_found = show_search(say, folder, old_client)
        if keep:
            standin.reset()
            ended = _signalled()  # before the lines that say how to end it
            say("\n" + _GUIDE.format(jira=standin.url, proxy=proxy.url, events=proxy.events_file))
            _wait(proxy, ended)
    return is_found and all(row.kept for row in rows)


@contextlib.contextmanager
def _stage() -> Iterator[tuple[StandIn, Proxy, Path]]:
    with (
        tempfile.TemporaryDirectory(prefix="jira-compat-demo-") as folder,
        StandIn("server", remember=REMEMBERED) as standin,
        running_proxy(standin.url, Path(folder)) as proxy,
    ):
        yield standin, proxy, Path(folder)


def _summary(rows: list[Row]) -> str:
    changes = [row.call.change for row in rows]
    counts = ", ".join(f"{changes.count(change)} {change}" for change in dict.fromkeys(changes))
    direct, through = (sum(leaks) for leaks in zip(*(row.leaks for row in rows), strict=True))
    return (
        f"{sum(row.kept for row in rows)} of {len(rows)} calls ({counts}) went as promised; "
        f"a new password reached Jira in {direct} of them directly, in {through} through the proxy."
    )


def _signalled() -> threading.Event:
    """Return what SIGINT and SIGTERM set."""
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    return ended


def _wait(proxy: Proxy, ended: threading.Event) -> None:
    while not ended.wait(0.5):
        if proxy.process.poll() is not None:
            raise DemoError("the proxy ended by itself; its own lines above say why")
