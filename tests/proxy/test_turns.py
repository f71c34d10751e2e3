"""Places that clients take in turns."""

import asyncio

from jira_compat.proxy.turns import Turns


async def settled():
    for _ in range(5):
        await asyncio.sleep(0)


def test_a_free_place_is_taken_at_once():
    async def taking():
        turns = Turns(2)
        async with turns.of("a"), turns.of("a"):
            assert turns.waiting == 0

    asyncio.run(taking())


def test_a_client_that_wants_little_waits_for_one_request_of_each_other():
    order = []

    async def taking():
        turns, ends = Turns(2), asyncio.Event()

        async def work(name):
            async with turns.of(name):
                order.append(name)
                await ends.wait()

        busy = [asyncio.ensure_future(work("busy")) for _ in range(6)]
        await settled()
        modest = asyncio.ensure_future(work("modest"))
        await settled()
        assert (order, turns.waiting) == (["busy"] * 2, 5)
        ends.set()
        await asyncio.gather(*busy, modest)
        assert turns.waiting == 0

    asyncio.run(taking())
    assert order.index("modest") <= 3


def test_who_leaves_while_waiting_takes_no_place():
    async def taking():
        turns = Turns(1)
        await turns.take("a")
        waiting = [asyncio.ensure_future(turns.take("b")) for _ in range(3)]
        await settled()
        waiting[0].cancel()
        turns.give_back()
        waiting[1].cancel()  # it has its turn already, and gives it on
        await asyncio.gather(*waiting, return_exceptions=True)
        assert [task.cancelled() for task in waiting] == [True, True, False]
        assert turns.waiting == 0
        turns.give_back()
        async with turns.of("c"):
            pass

    asyncio.run(taking())
