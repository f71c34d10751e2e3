"""Work that takes long, done in a thread and in turns, so that no client waits for another's.

The thread shares the interpreter with the event loop, which gets its turn every 5 ms (``sys.getswitchinterval``) as
long as no single match or call takes longer: see :data:`jira_compat.message.body.json_scanner.SLICE`.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor

WAIT = 10.0
"""Seconds that work may wait for its turn."""
MOST = 64
"""Pieces of work that may wait; each holds a body."""


class Busy(Exception):  # noqa: N818 - what it is
    """Too much waits, or it waited too long."""


class Offload:
    """One thread. Clients take turns, however much each of them asks for.

    Args:
        seconds: The most that work waits for its turn.
        most: How many pieces of work may wait.
    """

    def __init__(self, seconds: float = WAIT, most: int = MOST) -> None:
        self._seconds = seconds
        self._most = most
        self._waiting: OrderedDict[Hashable, deque[asyncio.Future[None]]] = OrderedDict()
        self._number = 0
        self._is_busy = False
        self._thread = ThreadPoolExecutor(1, "jira-compat")

    async def run[Result](self, client: Hashable, work: Callable[[], Result]) -> Result:
        """Do a piece of work when it is its client's turn.

        Raises:
            Busy: It was not.
        """
        if self._is_busy:
            await self._turn(client)
        self._is_busy = True
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._next()

    def close(self) -> None:
        """Begin no more work."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _turn(self, client: Hashable) -> None:
        if self._number >= self._most:
            raise Busy
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(client, deque()).append(turn)
        self._number += 1
        try:
            async with asyncio.timeout(self._seconds):
                await turn
        except TimeoutError:
            raise Busy from None
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self._next()
            raise
        finally:
            self._number -= 1

    def _next(self) -> None:
        """Give the next client its turn; one that has more to do stands behind the others then."""
        self._is_busy = False
        while self._waiting:
            client, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            if turns:
                self._waiting[client] = turns
            if not turn.done():
                self._is_busy = True
                turn.set_result(None)
                return
