import asyncio
import socket

import pytest

from jira_compat.proxy.workers.channel import Channel


async def pair():
    ours, theirs = socket.socketpair()
    return await Channel.over(ours), theirs


@pytest.mark.parametrize("message", [False, 0, (), "x" * 1_000_000, {("a", "b"): [b"\0\n", 1.5]}])
def test_what_is_sent_is_received(message):
    async def talk():
        ours, connected = await pair()
        theirs = await Channel.over(connected)
        ours.send(message)
        ours.send("then")
        received = [await theirs.receive(), await theirs.receive()]
        await ours.close()
        received.append(await theirs.receive())
        theirs.send("nobody hears it")
        await theirs.close()
        return received

    assert asyncio.run(talk()) == [message, "then", None]


def test_half_a_message_is_none():
    async def talk():
        ours, theirs = await pair()
        theirs.sendall(b"\0\0\0\0\0\0\0\x09half")
        theirs.close()
        received = await ours.receive()
        await ours.close()
        ours.send("after the end")
        return received

    assert asyncio.run(talk()) is None
