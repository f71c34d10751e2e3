"""A proxy in a process of its own, as an operator starts it."""

import contextlib
import json
import queue
import re
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

START, EVENT, END = 30.0, 10.0, 10.0
"""Seconds to wait for the proxy to listen, for an event to be written, for the proxy to end."""

_LISTENING = re.compile(r"listening on (\S+),")


class DemoError(Exception):
    """The demonstration cannot go on: one line."""


class Proxy:
    """A running ``jira-compat serve``: its address, its events.

    Args:
        process: The process.
        url: Where it listens.
        events_file: Where it writes events.
    """

    def __init__(self, process: "subprocess.Popen[str]", url: str, events_file: Path) -> None:
        self.process = process
        self.url = url
        self.events_file = events_file

    def events(self) -> list[dict[str, Any]]:
        """The events of exchanges so far."""
        lines = self.events_file.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
        events: list[dict[str, Any]] = [json.loads(line) for line in lines]
        return [event for event in events if not event["event"].startswith("policies_")]

    def event_after(self, count: int) -> dict[str, Any] | None:
        """The first event after so many, once it is written; ``None`` if it does not come."""
        deadline = time.monotonic() + EVENT
        while len(events := self.events()) <= count:
            if time.monotonic() > deadline:
                return None
            time.sleep(0.01)
        return events[count]


@contextlib.contextmanager
def running_proxy(upstream: str, folder: Path, *, profile: str = "staging") -> Iterator[Proxy]:
    """Start a proxy before ``upstream`` that keeps its files in ``folder``, and end it.

    Raises:
        DemoError: It does not start.
    """
    events = folder / f"{profile}.jsonl"
    command = [sys.executable, "-m", "jira_compat", "serve", "--upstream", upstream, "--listen", "127.0.0.1:0"]
    command += ["--profile", profile, "--events", str(events), "--confdir", str(folder)]
    with subprocess.Popen(  # noqa: S603 - ourselves
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None  # noqa: S101 - asked for
        try:
            yield Proxy(process, _address(process.stderr), events)
        finally:
            process.terminate()
            try:
                process.wait(END)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(stderr: IO[str]) -> str:
    """The address in the line that says it; other lines are passed on, then and later."""
    found: queue.Queue[str | None] = queue.Queue()
    threading.Thread(target=_pass_on, args=(stderr, found.put), daemon=True).start()
    try:
        address = found.get(timeout=START)
    except queue.Empty:
        raise DemoError(f"the proxy did not listen within {START:.0f} s; try again on a less busy machine") from None
    if address is None:
        raise DemoError("the proxy did not start; its own lines above say why")
    return address


def _pass_on(stderr: IO[str], listens: Callable[[str | None], None]) -> None:
    for line in stderr:
        match = _LISTENING.search(line)
        if match:
            listens(match[1])
        else:
            sys.stderr.write(line)
    listens(None)
