"""A command's time, and the memory of all its processes, looked at while it runs."""

import os
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

_STEP = 0.02
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Measured:
    """What a run took.

    Args:
        seconds: From its start to its end.
        cpu: Seconds of processor time, of all its processes.
        peak: The most resident memory of all its processes at a time, in bytes; what they share counts for each.
        output: What it printed.
    """

    seconds: float
    cpu: float
    peak: int
    output: bytes


def measure(command: list[str], output: Path) -> Measured:
    """Run a command to its end.

    Raises:
        subprocess.CalledProcessError: It failed.
    """
    before = os.times()
    began = time.perf_counter()
    with output.open("wb") as file:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=file)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process.pid))
        time.sleep(_STEP)
    seconds, after = time.perf_counter() - began, os.times()
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, command)
    cpu = after.children_user + after.children_system - before.children_user - before.children_system
    return Measured(seconds, cpu, peak, output.read_bytes())


def _resident(pid: int) -> int:
    """Of a process and its children (Linux: /proc)."""
    folder = Path("/proc") / str(pid)
    try:
        pages = int((folder / "statm").read_text().split()[1])
        children = (folder / "task" / str(pid) / "children").read_text().split()
    except (OSError, IndexError):  # it has ended meanwhile
        return 0
    return pages * _PAGE + sum(_resident(int(child)) for child in children)
