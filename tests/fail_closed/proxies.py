"""A running proxy, as one test sees it."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from live import LiveProxy, wait_until

SECRET = "hunter2-7f3a"
"""A password that no output may show."""


@dataclass
class Proxy:
    """A proxy that other tests have used before.

    Args:
        kind: ``serve`` or ``mitmdump``.
        live: The process.
    """

    kind: str
    live: LiveProxy
    _events_before: int = 0
    _said_before: int = 0

    def begin(self) -> Self:
        """Know nothing of what was before."""
        self._events_before, self._said_before = len(self.live.events()), len(self.live.text())
        return self

    @property
    def port(self) -> int:
        return self.live.port

    def events(self, number: int) -> list[dict[str, Any]]:
        """The events of the test, when there are so many; there must not be more."""
        wait_until(lambda: len(self.live.events()) >= self._events_before + number, f"event {number}")
        found = self.live.events()[self._events_before :]
        assert len(found) == number, found
        return found

    def event(self) -> dict[str, Any]:
        """The event of the test."""
        return self.events(1)[0]

    def said(self) -> str:
        """What it has printed during the test."""
        return self.live.text()[self._said_before :]

    @contextlib.contextmanager
    def held(self, most: int) -> Iterator[None]:
        """Fails if its memory grows by more than so many bytes meanwhile, be it for a moment."""
        process = Path(f"/proc/{self.live.process.pid}")
        (process / "clear_refs").write_text("5")  # the highest so far is what there is now
        before = _kilobytes(process, "VmRSS")
        yield
        assert (_kilobytes(process, "VmHWM") - before) * 1024 <= most


def _kilobytes(process: Path, name: str) -> int:
    lines = (process / "status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith(f"{name}:"))
