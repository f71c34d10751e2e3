"""A real HAProxy with the configuration that is exported, in a process of its own."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from jira_compat.export.haproxy import CONFIG, ENDPOINTS, haproxy
from jira_compat.export.layout import Layout
from jira_compat.message.links.address import parse_address
from jira_compat.policy.index import PolicySet
from live import PATIENCE, LiveProxy, wait_until

HAPROXY = shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
needs_haproxy = pytest.mark.skipif(HAPROXY is None, reason="haproxy is not installed; apt-get install haproxy")

_FOR_TESTS = ("    mode http\n", "    mode http\n    http-reuse never\n")
"""A recorder tells clients by their connections."""
_IMPATIENT = (" inter 2s ", " inter 100ms ")
_ADMIN = re.compile(r"health and metrics on http://127\.0\.0\.1:(\d+)\n")


def admin_port(worker: LiveProxy) -> int:
    """The port of a worker's health pages; it was started with ``--admin``."""
    found = wait_until(lambda: _ADMIN.search(worker.text()), "the health pages")
    return int(found[1])


@dataclass
class Balancer:
    """A running HAProxy: its port and what it printed."""

    process: subprocess.Popen[str]
    port: int
    output: list[str] = field(default_factory=list)

    def text(self) -> str:
        return "".join(self.output)


@contextlib.contextmanager
def reserved_port() -> Iterator[int]:
    """A port that nobody else gets; HAProxy may listen on it, as it shares ports."""
    with socket.socket() as held:
        held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        held.bind(("127.0.0.1", 0))
        yield held.getsockname()[1]


def layout(port: int, upstream: str, workers: Sequence[int], **more: Any) -> Layout:
    """Everybody is on loopback."""
    site = parse_address(more.pop("site", upstream))
    places = tuple(("127.0.0.1", worker) for worker in workers)
    return Layout(site, parse_address(upstream), places, listen=("127.0.0.1", port), **more)


def write(folder: Path, rules: PolicySet, chosen: Layout) -> Path:
    """The configuration as it is exported."""
    written = haproxy(rules, chosen)
    (folder / ENDPOINTS).write_text(written.endpoints)
    (folder / CONFIG).write_text(written.config)
    return folder / CONFIG


@contextlib.contextmanager
def balancer(folder: Path, rules: PolicySet, chosen: Layout, *, impatient: bool = False) -> Iterator[Balancer]:
    """Run HAProxy until the end of the block; ``impatient`` finds out soon that a worker is not ready."""
    assert HAPROXY is not None
    config = write(folder, rules, chosen)
    text = config.read_text()
    for old, new in (_FOR_TESTS, *([_IMPATIENT] if impatient else [])):
        assert old in text
        text = text.replace(old, new)
    config.write_text(text)
    process = subprocess.Popen(
        [HAPROXY, "-db", "-f", str(config)],
        text=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    running = Balancer(process, chosen.listen[1])
    reader = threading.Thread(target=_read, args=(running,), daemon=True)
    reader.start()
    try:
        wait_until(lambda: _listens(running.port) or process.poll() is not None, "HAProxy to listen")
        assert process.poll() is None, running.text()
        yield running
    finally:
        process.terminate()
        process.wait(PATIENCE)
        reader.join(PATIENCE)
        assert process.stdout is not None
        process.stdout.close()


def _read(running: Balancer) -> None:
    assert running.process.stdout is not None
    running.output.extend(running.process.stdout)


def _listens(port: int) -> bool:
    with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
        return True
    return False
