"""A worker: one of several processes that serve, each a proxy, started and watched by their parent.

What it writes to standard output are events, for its parent to write.
"""

import asyncio
import os
import signal
import socket
import sys
from collections.abc import Sequence
from dataclasses import replace

from jira_compat.policy.index import PolicySet
from jira_compat.proxy.addons.compat import JiraCompat
from jira_compat.proxy.admin.state import State
from jira_compat.proxy.exchange.counters import total
from jira_compat.proxy.patches import install
from jira_compat.proxy.serve import ProxyParts, serve
from jira_compat.proxy.settings.options import IDENTITY_KEY
from jira_compat.proxy.settings.preflight import StartError
from jira_compat.proxy.workers.channel import Channel
from jira_compat.proxy.workers.messages import Ping, Start, Started, StartFailed, Status, Stop
from jira_compat.proxy.workers.pushed_policies import PushedPolicies

REPORT = 0.25
"""Seconds; what was counted since is lost with a worker that is killed."""


def main() -> None:
    """Serve as the parent says through the socket whose number is the last argument."""
    for number in (signal.SIGINT, signal.SIGHUP):  # the parent's own business
        signal.signal(number, signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {number})  # held back since this process was started
    os.set_blocking(sys.stdout.fileno(), False)  # the parent is seldom slow
    asyncio.run(_work(socket.socket(fileno=int(sys.argv[-1]))))


async def _work(connected: socket.socket) -> None:
    channel = await Channel.over(connected)
    work = await channel.receive()
    if work is not None:
        os.environ[IDENTITY_KEY] = work.key
        install.listen_on([_Listening(fileno=one) for one in work.sockets])
        try:
            await serve(work.what, _Parent(channel, work))
        except StartError as error:
            channel.send(StartFailed(error.lines))
    await channel.close()


class _Listening(socket.socket):
    """A socket that other workers listen on as well: none may change its queue."""

    def listen(self, _: int = 0, /) -> None:
        """Do nothing: it listens already."""


class _Parent:
    """The host of a worker: the process at the other end of its channel, with which it ends."""

    def __init__(self, channel: Channel, work: Start) -> None:
        self._channel = channel
        self._work = work
        self._told: State | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def addon(self) -> JiraCompat:
        """The addon with the policies that were given."""
        return JiraCompat(sys.stdout, reloading=lambda traffic: PushedPolicies(traffic, self._work.rules))

    def companions(self, parts: ProxyParts) -> Sequence[object]:
        """Return this host as an addon, which is called at the end."""
        self._parts = parts
        return [self]

    def take_signals(self, parts: ProxyParts) -> None:
        """SIGTERM, which some send to all processes of a service, ends it in order, however often it comes."""
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, parts.master.shutdown)
        self._tasks.append(asyncio.create_task(self._listen()))
        self._report()

    def served(self, _: ProxyParts) -> None:
        """Say that it serves, and how it is from now on."""
        self._report()
        self._channel.send(Started())
        self._tasks.append(asyncio.create_task(self._report_for_ever()))

    def done(self) -> None:
        """Report that the proxy has drained."""
        self._report()
        for task in self._tasks:
            task.cancel()

    async def _listen(self) -> None:
        about, master = self._parts.about, self._parts.master
        while (message := await self._channel.receive()) is not None:
            match message:
                case PolicySet():
                    self._parts.addon.reloading.take(message)
                case Ping(number, peer):
                    is_own = peer is not None and about.is_the_proxy(peer)
                    self._channel.send(Status(about.state(), number, is_own))
                case Stop(at_once):
                    if at_once:
                        self._parts.drain.hurry()
                    master.shutdown()
        master.shutdown()

    async def _report_for_ever(self) -> None:
        while True:
            await asyncio.sleep(REPORT)
            self._report()

    def _report(self) -> None:
        state = self._parts.about.state()
        if state != self._told:
            self._channel.send(Status(state))
            self._told = replace(state, counts=total([state.counts]))
