"""Work that takes long, done in a thread and in turns, so that no client waits for another's.

The thread shares the interpreter with the event loop, which gets its turn every 5 ms (``sys.getswitchinterval``) as
long as no single match or call takes longer: see :data:`jira_compat.message.body.json_scanner.SLICE`.
"""

import asyncio
from collections.abc import Callable, Hashable
from concurrent.futures import ThreadPoolExecutor

from jira_compat.proxy.turns import Turns

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
        self._turns = Turns(1)
        self._thread = ThreadPoolExecutor(1, "jira-compat")

    async def run[Result](self, client: Hashable, work: Callable[[], Result]) -> Result:
        """Do a piece of work when it is its client's turn.

        Raises:
            Busy: It was not.
        """
        await self._turn(client)
        try:
            return await asyncio.get_running_loop().run_in_executor(self._thread, work)
        finally:
            self._turns.give_back()

    def close(self) -> None:
        """Begin no more work."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def _turn(self, client: Hashable) -> None:
        if self._turns.waiting >= self._most:
            raise Busy
        try:
            async with asyncio.timeout(self._seconds):
                await self._turns.take(client)
        except TimeoutError:
            raise Busy from None
