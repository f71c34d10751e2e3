"""Processes and their connections, as Linux knows them."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

LISTENING = "0A"


def children(parent: int) -> list[int]:
    """The processes that a process has started and that run."""
    said = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True).stdout
    found = (line.split() for line in said.splitlines())
    return [int(pid) for pid, its_parent, state in found if int(its_parent) == parent and "Z" not in state]


def runs(pid: int) -> bool:
    """Whether there is such a process, and it has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in {"Z", "X"}
    except OSError:
        return False


def clients(pid: int, port: int) -> set[int]:
    """The ports of the clients that a process has accepted on that port."""
    return {far for near, far, state in _sockets(pid) if near == port and state != LISTENING}


def listens(pid: int, port: int) -> bool:
    """Whether a process listens on that port."""
    return any(near == port and state == LISTENING for near, _, state in _sockets(pid))


def _sockets(pid: int) -> Iterator[tuple[int, int, str]]:
    """Own port, the other end's and state of each."""
    own = set()
    for one in Path(f"/proc/{pid}/fd").iterdir():
        try:
            own.add(str(one.readlink()))
        except FileNotFoundError:
            continue
    for line in Path("/proc/net/tcp").read_text().splitlines()[1:]:
        _, near, far, state, *rest = line.split()
        if f"socket:[{rest[5]}]" in own:
            yield int(near[-4:], 16), int(far[-4:], 16), state
