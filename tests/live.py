"""A real proxy in a process of its own, and raw requests to it."""

import contextlib
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PATIENCE = 60.0
"""Seconds after which something that should have happened has not."""
SERVE = ("-m", "jira_compat")

_LISTENING = re.compile(r"listening (?:on http://|at )(?:\S*?:)?(\d+)")


def wait_until(condition: Callable[[], Any], what: str, patience: float = PATIENCE) -> Any:
    """The first true value of a condition; fails when there is none in time."""
    deadline = time.monotonic() + patience
    while True:
        if value := condition():
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {patience} s in vain for {what}")
        time.sleep(0.01)


@dataclass
class LiveProxy:
    """A running proxy: its port, what it printed, its events."""

    process: subprocess.Popen[str]
    events_file: Path
    output: list[str] = field(default_factory=list)
    port: int = 0

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def events(self) -> list[dict[str, Any]]:
        """The events of exchanges so far."""
        lines = self.all_events()
        return [line for line in lines if not line["event"].startswith("policies_")]

    def all_events(self) -> list[dict[str, Any]]:
        if not self.events_file.exists():
            return []
        whole = self.events_file.read_text().rpartition("\n")[0]
        return [json.loads(line) for line in whole.splitlines()]

    def event(self, number: int = 1) -> dict[str, Any]:
        """The only event so far, or the last of ``number``; waits for it."""
        found = wait_until(lambda: (events := self.events()) and len(events) >= number and events, f"event {number}")
        assert len(found) == number, found
        last: dict[str, Any] = found[-1]
        return last

    def text(self) -> str:
        return "".join(self.output)

    def stop(self) -> int:
        """End it as an operator would, and give its exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        try:
            return self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise


@contextlib.contextmanager
def live_proxy(
    kind: str,
    events: Path,
    *,
    upstream: str | None,
    options: dict[str, Any] | None = None,
    program: Sequence[str] = SERVE,
) -> Iterator[LiveProxy]:
    """Start ``serve`` or ``mitmdump -s``; ``options`` are the addon's, without ``jira_``, or mitmproxy's own.

    ``program`` is what Python runs for ``serve``.
    """
    command = _command(kind, events, upstream, options or {}, program)
    with start(command, events) as proxy:
        yield proxy


@contextlib.contextmanager
def start(command: list[str], events: Path, env: dict[str, str] | None = None, cwd: Path = ROOT) -> Iterator[LiveProxy]:
    process = subprocess.Popen(
        command,
        cwd=cwd,
        text=True,
        errors="replace",
        bufsize=1,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, "PYTHONUNBUFFERED": "1", **(env or {})},
    )
    proxy = LiveProxy(process, events)
    reader = threading.Thread(target=_read, args=(process, proxy.output), daemon=True)
    reader.start()
    try:
        found = wait_until(lambda: _LISTENING.search(proxy.text()) or process.poll() is not None, "the proxy to listen")
        assert found is not True, proxy.text()
        proxy.port = int(found[1])
        yield proxy
    finally:
        proxy.stop()
        reader.join(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


def _read(process: subprocess.Popen[str], output: list[str]) -> None:
    assert process.stdout is not None
    output.extend(process.stdout)


def _command(
    kind: str, events: Path, upstream: str | None, options: dict[str, Any], program: Sequence[str] = SERVE
) -> list[str]:
    if kind == "serve":
        command = [sys.executable, *program, "serve", "--listen", "127.0.0.1:0", "--events", str(events)]
        command += ["--forward"] if upstream is None else ["--upstream", upstream]
        for name, value in options.items():
            for one in value if isinstance(value, list | tuple) else [value]:
                flag = f"--{name.replace('_', '-')}"
                command += [flag] if one is True else [flag, str(one)]
        return command
    command = [str(BIN / "mitmdump"), "-s", "addon/main.py", "--listen-host", "127.0.0.1", "--listen-port", "0"]
    command += ["--set", f"jira_events={events}", "--set", "jira_policies=policies"]
    if upstream is not None:
        command += ["--mode", f"reverse:{upstream}"]
    for name, value in options.items():
        for one in value if isinstance(value, list | tuple) else [value]:
            said = "true" if one is True else one
            command += ["--set", f"{_OF_MITMPROXY.get(name, f'jira_{name}')}={said}"]
    return command


_OF_MITMPROXY = {name: name for name in ("confdir", "keep_host_header", "save_stream_file", "ssl_insecure")} | {
    "upstream_ca": "ssl_verify_upstream_trusted_ca"
}
"""Options that are mitmproxy's own, by the name that they have in ``options``."""


def exchange(port: int, raw: bytes, *, patience: float = PATIENCE) -> bytes:
    """Send bytes, say that nothing follows, and read all that comes back."""
    with socket.create_connection(("127.0.0.1", port), patience) as client:
        client.sendall(raw)
        received = b""
        while True:
            try:
                chunk = client.recv(65536)
            except ConnectionResetError:
                return received
            if not chunk:
                return received
            received += chunk


def request(method: str, target: str, body: bytes | str = b"", *headers: str, host: str = "proxy") -> bytes:
    """A raw HTTP/1.1 request that asks for the connection to be closed."""
    body = body.encode() if isinstance(body, str) else body
    lines = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close", *headers]
    if body and not any(line.lower().startswith(("content-length", "transfer-encoding")) for line in lines):
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode("utf-8", "surrogateescape") + body


def status(answer: bytes) -> int:
    """The status code of a raw answer."""
    return int(answer.split(b" ", 2)[1])
