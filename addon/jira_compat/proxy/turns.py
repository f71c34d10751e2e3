"""Places that clients take in turns, however much each of them asks for."""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Hashable
from contextlib import asynccontextmanager


class Turns:
    """So many places. Whoever waits for one stands behind one request of each other client.

    Args:
        places: How many may be taken at a time.
    """

    def __init__(self, places: int) -> None:
        self.waiting = 0
        """How many wait."""
        self._free = places
        self._queues: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def of(self, client: Hashable) -> AsyncIterator[None]:
        """Hold a place."""
        await self.take(client)
        try:
            yield
        finally:
            self.give_back()

    async def take(self, client: Hashable) -> None:
        """Take a place when it is the client's turn."""
        if self._free:
            self._free -= 1
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._queues.setdefault(client, deque()).append(turn)
        self.waiting += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.give_back()
            raise
        finally:
            self.waiting -= 1

    def give_back(self) -> None:
        """Give a place to the next client; one that wants more stands behind the others then."""
        while self._queues:
            client, turns = self._queues.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._queues[client] = turns
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1
