"""The content of a request: whole when it is small, else its size, its hash and its beginning."""

import hashlib

KEPT = 1_000_000
"""Octets up to which content is kept whole."""

HEAD = 65_536
"""Octets that are kept of larger content: enough to find a file's name in multipart framing."""


class Body:
    """Content that arrives piece by piece and is never held beyond :data:`KEPT`."""

    def __init__(self, content: bytes = b"") -> None:
        self._kept = bytearray()
        self._hash = hashlib.sha256()
        self.size = 0
        self.add(content)

    def add(self, piece: bytes) -> None:
        """Take in the next octets."""
        self._hash.update(piece)
        self.size += len(piece)
        if self.whole:
            self._kept += piece
        elif len(self._kept) != HEAD:
            self._kept = (self._kept + piece[:HEAD])[:HEAD]

    @property
    def whole(self) -> bool:
        """True if :attr:`content` is complete."""
        return self.size <= KEPT

    @property
    def content(self) -> bytes:
        """The octets; ``b""`` if there were too many to keep."""
        return bytes(self._kept) if self.whole else b""

    @property
    def head(self) -> bytes:
        """The first octets, at least :data:`HEAD` of them if there were so many."""
        return bytes(self._kept)

    @property
    def sha256(self) -> str:
        """Hash of all octets so far, in hexadecimal."""
        return self._hash.hexdigest()
