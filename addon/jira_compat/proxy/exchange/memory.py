"""A bounded cache of what plans remember, apart for each client of each site."""

import hashlib
import hmac
import os
import re
from collections import OrderedDict
from collections.abc import Callable, Hashable
from time import monotonic

from jira_compat.model import Request
from jira_compat.proxy.settings.translation import TranslationLimits

MOST_OF_ONE = 1_000_000
"""Bytes of one value; a larger one is not kept."""
_ENTRY = 200
"""Bytes that an entry takes besides its value."""
_CREDENTIALS = frozenset({b"authorization", b"cookie"})
_IN_QUERY = re.compile(rb"(?:\A|&)(os_(?:username|password)=[^&#]*)")


class Memory:
    """What was remembered last, within bounds of bytes and time.

    Keys are hashed with the client's credentials under a key of this process, so that nobody sees another's, and no
    credential and no query is kept.
    """

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        self.most = TranslationLimits().cache
        """Bytes of all that is remembered."""
        self.age = TranslationLimits().age
        """Seconds that it is remembered."""
        self._clock = clock
        self._key = os.urandom(32)
        self._entries: OrderedDict[bytes, tuple[float, int, Hashable]] = OrderedDict()
        self._bytes = 0

    def client_of(self, site: str, request: Request) -> bytes:
        """Return what stands for the client of a site: a hash of all credentials that it sent."""
        sent = [name.lower() + b":" + value for name, value in request.headers if name.lower() in _CREDENTIALS]
        sent += _IN_QUERY.findall(request.target.partition(b"?")[2])
        return self._hash(site.encode(), *sent)

    def recall(self, client: bytes, key: Hashable) -> Hashable:
        """Return what was remembered; ``None`` if it is not there."""
        entry = self._entries.get(self._place(client, key))
        if entry is None or entry[0] < self._clock():
            return None
        return entry[2]

    def remember(self, client: bytes, key: Hashable, value: Hashable) -> None:
        """Keep a value; the oldest others go where there is no room."""
        place, size = self._place(client, key), _ENTRY + len(repr(value))
        self._forget(place)
        if size > MOST_OF_ONE:
            return
        self._entries[place] = (self._clock() + self.age, size, value)
        self._bytes += size
        while self._bytes > self.most:
            self._forget(next(iter(self._entries)))

    def _forget(self, place: bytes) -> None:
        entry = self._entries.pop(place, None)
        self._bytes -= 0 if entry is None else entry[1]

    def _place(self, client: bytes, key: Hashable) -> bytes:
        return self._hash(client, repr(key).encode("utf-8", "surrogatepass"))

    def _hash(self, *parts: bytes) -> bytes:
        mac = hmac.new(self._key, digestmod=hashlib.sha256)
        for part in parts:
            mac.update(len(part).to_bytes(8, "big") + part)
        return mac.digest()
