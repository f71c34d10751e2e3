"""A worker, as the process that started it sees it."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
from asyncio.subprocess import DEVNULL, Process
from collections.abc import Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Self

import jira_compat
from jira_compat.proxy.admin.http_server import Peer
from jira_compat.proxy.admin.state import State
from jira_compat.proxy.workers.channel import Channel
from jira_compat.proxy.workers.event_pipe import EventPipe
from jira_compat.proxy.workers.messages import Ping, Start, Started, StartFailed, Status

PATIENCE = 1.0
"""Seconds for a worker to say how it is."""
_MAIN = "import sys; sys.path.append(sys.argv[1]); from jira_compat.proxy.workers.worker import main; main()"
"""Not ``-m``, which looks for modules in the current folder first."""


class WorkerProcess:
    """A process of its own interpreter; it ends when this process does.

    Its ``state`` is what it reported last; ``speaks`` is whether it has reported anything, as it does before it
    listens; ``answered`` is when it last did so because it was asked, or was started, by the clock of the loop.
    """

    def __init__(self, process: Process, channel: Channel) -> None:
        self.state = State()
        self.speaks = False
        self.answered = asyncio.get_running_loop().time()
        self._process = process
        self._channel = channel
        self._asked: dict[int, asyncio.Future[bool]] = {}
        self._numbers = count()
        self._started: asyncio.Future[Sequence[str] | None] = asyncio.get_running_loop().create_future()
        self._listening = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, work: Start, events: EventPipe | None) -> Self:
        """Start a worker.

        Raises:
            OSError: The system does not allow it.
        """
        ours, theirs = socket.socketpair()
        with theirs:
            channel = await Channel.over(ours)
            try:
                process = await _process(theirs.fileno(), work.sockets, events)
            except BaseException:
                await channel.close()
                raise
        started = cls(process, channel)
        started.send(work)
        return started

    @property
    def pid(self) -> int:
        """Its process."""
        return self._process.pid

    def send(self, message: object) -> None:
        """Tell it something."""
        self._channel.send(message)

    async def served(self) -> Sequence[str] | None:
        """Wait until it serves; why it does not, if it does not, and ``None`` if it ended without a word."""
        return await self._started

    def ask(self) -> None:
        """Have it say how it is."""
        self.send(Ping(next(self._numbers)))

    async def is_own(self, peer: Peer) -> bool | None:
        """Return whether the socket at that address is the worker's own; also brings ``state`` up to date.

        ``None`` if it does not say so in time.
        """
        number = next(self._numbers)
        answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
        self._asked[number] = answer
        self.send(Ping(number, peer))
        try:
            async with asyncio.timeout(PATIENCE):
                return await answer
        except TimeoutError:
            return None
        finally:
            del self._asked[number]

    async def ended(self) -> str:
        """Wait until it has ended and its last message is read; return how it ended."""
        status = await self._process.wait()
        await self._listening
        await self._channel.close()
        if status >= 0:
            return f"exit status {status}"
        with contextlib.suppress(ValueError):
            return signal.Signals(-status).name
        return f"signal {-status}"

    def kill(self) -> None:
        """Stop it at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    async def _listen(self) -> None:
        while (message := await self._channel.receive()) is not None:
            match message:
                case Status(state, number, is_own):
                    self.state, self.speaks = state, True
                    if number is not None:
                        self.answered = asyncio.get_running_loop().time()
                    answer = None if number is None else self._asked.get(number)
                    if answer is not None and not answer.done():
                        answer.set_result(is_own)
                case Started():
                    self._started.set_result(())
                case StartFailed(lines):
                    self._started.set_result(lines)
        if not self._started.done():
            self._started.set_result(None)
        for answer in self._asked.values():
            if not answer.done():
                answer.set_result(False)


async def _process(channel: int, sockets: Sequence[int], events: EventPipe | None) -> Process:
    words = [sys.executable, "-P", *["-O"] * sys.flags.optimize, "-c", _MAIN]
    words += [str(Path(jira_compat.__file__).parents[1]), "jira-compat", "worker", str(channel)]  # for readers of `ps`
    with contextlib.ExitStack() as stack:
        stack.enter_context(_undisturbed())
        output = DEVNULL
        if events is not None:
            output = events.pipe()
            stack.callback(os.close, output)
        return await asyncio.create_subprocess_exec(
            *words,
            stdin=DEVNULL,
            stdout=output,
            pass_fds=(channel, *sockets),
            process_group=0,  # Ctrl-C is for the parent, who tells its workers
        )


@contextlib.contextmanager
def _undisturbed() -> Iterator[None]:
    """Hold back the signals that are the parent's business, also from who is started meanwhile."""
    held = {signal.SIGINT, signal.SIGHUP}
    before = signal.pthread_sigmask(signal.SIG_BLOCK, held)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_UNBLOCK, held - before)
