"""What a process and its children spend. Linux only."""

import os
from collections.abc import Iterator
from pathlib import Path
from time import perf_counter, process_time

_TICKS = os.sysconf("SC_CLK_TCK")


class Usage:
    """Processor time and memory of a process and its children, threads included."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._seen: dict[int, float] = {}

    def processes(self) -> list[int]:
        """The process and its children, which live now."""
        found = sorted(int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit())
        return [self._pid, *filter(self._is, found)]

    def _is(self, child: int) -> bool:
        fields = _stat(child)
        return bool(fields) and int(fields[1]) == self._pid

    def processor(self) -> float:
        """Seconds so far; of children that have ended, as far as it was seen."""
        for pid in self.processes():
            if fields := _stat(pid):
                self._seen[pid] = (int(fields[11]) + int(fields[12])) / _TICKS
        return sum(self._seen.values())

    def memory(self, which: str = "VmRSS") -> float:
        """MB, resident, of all of them; ``VmHWM`` is the highest so far."""
        return sum(_memory(pid, which) for pid in self.processes())

    def forget_peak(self) -> None:
        """Reset the highest value to the current one."""
        for pid in self.processes():
            Path(f"/proc/{pid}/clear_refs").write_text("5", encoding="ascii")


def _stat(pid: int) -> list[str]:
    """The fields of ``/proc/PID/stat`` behind the name: state, parent, ...; none if it has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
    except OSError:
        return []


def _memory(pid: int, which: str) -> float:
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return 0.0
    return int(status.partition(f"{which}:")[2].split()[0]) * 1024 / 1e6 if f"{which}:" in status else 0.0


def loop() -> tuple[float, float]:
    """Run a fixed loop of pure Python; return its seconds by the clock and of processor."""
    began, spent = perf_counter(), process_time()
    for _ in _steps():
        pass
    return perf_counter() - began, process_time() - spent


def _steps() -> Iterator[int]:
    value = 0
    for number in range(1_000_000):
        value = (value * 31 + number) & 0xFFFF
        if value == number:
            yield value
