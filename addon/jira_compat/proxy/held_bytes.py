"""The bytes of bodies that are held at a time, in all of a process: what does not fit waits.

A body gets room as a whole, for as much as it may become. So whatever has room comes to its end, and makes room.
"""

from dataclasses import dataclass

FREE = 1 << 16
"""Bytes of a body that need no room."""
WAIT = 10.0
"""Seconds that a body may wait for room."""
HOLD = 60.0
"""Seconds within which a body that has room must be complete, or others wait for one that drips."""


@dataclass(slots=True)
class Body:
    """A body that is held.

    Args:
        length: Its bytes so far.
        room: The bytes that it has room for.
    """

    length: int = 0
    room: int = 0


class HeldBytes:
    """The bodies of a process.

    Args:
        most: Bytes that all bodies may have room for. One alone may have more: then no other has any.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self._room = 0
        self._length = 0

    @property
    def is_overrun(self) -> bool:
        """Return whether so much has come of bodies without room that none may wait any longer."""
        return self._length > 2 * self.most

    def grow(self, body: Body, length: int, expected: int) -> bool:
        """Take note of a body's length; false if it must wait for room.

        Args:
            body: The body.
            length: Its bytes so far.
            expected: The bytes that it may become.
        """
        self._length += length - body.length
        body.length = length
        if length <= FREE or body.room:
            return True
        if self._room and self._room + expected > self.most:
            return False
        self._room += expected
        body.room = expected
        return True

    def release(self, body: Body) -> None:
        """Forget a body."""
        self._length -= body.length
        self._room -= body.room
        body.length = body.room = 0
