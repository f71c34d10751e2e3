import asyncio
import threading

import pytest

from jira_compat.proxy.offload import Busy, Offload

LONG = 60.0


class Gate:
    """Work that ends when it may."""

    def __init__(self):
        self.begun = threading.Event()
        self.open = threading.Event()

    def __call__(self):
        self.begun.set()
        assert self.open.wait(LONG)
        return threading.current_thread() is not threading.main_thread()


async def until(event: threading.Event) -> None:
    assert await asyncio.to_thread(event.wait, LONG)


def test_work_is_done_in_a_thread_and_its_result_returned():
    async def check():
        gate, offload = Gate(), Offload()
        task = asyncio.create_task(offload.run("a", gate))
        await until(gate.begun)
        gate.open.set()
        assert await task
        offload.close()

    asyncio.run(check())


def test_an_exception_is_raised_and_ends_the_turn():
    async def check():
        offload = Offload()
        with pytest.raises(KeyError):
            await offload.run("a", {}.popitem)
        assert await offload.run("a", lambda: 1) == 1
        offload.close()

    asyncio.run(check())


def test_clients_take_turns():
    async def check():
        gate, offload = Gate(), Offload()
        done: list[str] = []
        tasks = [asyncio.create_task(offload.run("hostile", gate))]
        await until(gate.begun)
        for client, name in [("hostile", "h1"), ("hostile", "h2"), ("hostile", "h3"), ("honest", "o1"), (None, "n1")]:
            tasks.append(asyncio.create_task(offload.run(client, lambda name=name: done.append(name))))  # type: ignore[misc]
            await asyncio.sleep(0)
        gate.open.set()
        await asyncio.gather(*tasks)
        assert done == ["h1", "o1", "n1", "h2", "h3"]
        offload.close()

    asyncio.run(check())


def test_no_more_than_a_number_waits():
    async def check():
        gate, offload = Gate(), Offload(most=2)
        tasks = [asyncio.create_task(offload.run("a", gate))]
        await until(gate.begun)
        tasks += [asyncio.create_task(offload.run("b", lambda: True)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Busy):
            await offload.run("c", lambda: True)
        gate.open.set()
        assert await asyncio.gather(*tasks) == [True] * 3
        assert await offload.run("c", lambda: True)
        offload.close()

    asyncio.run(check())


def test_no_work_waits_for_ever():
    async def check():
        gate, offload = Gate(), Offload(seconds=0.01)
        task = asyncio.create_task(offload.run("a", gate))
        await until(gate.begun)
        with pytest.raises(Busy):
            await offload.run("b", lambda: True)
        gate.open.set()
        assert await task
        assert await offload.run("b", lambda: True)
        offload.close()

    asyncio.run(check())


@pytest.mark.parametrize("has_turn", [False, True])
def test_who_leaves_gives_the_turn_on(has_turn):
    async def check():
        gate, offload = Gate(), Offload()
        first = asyncio.create_task(offload.run("a", gate))
        await until(gate.begun)
        leaves, stays = (asyncio.create_task(offload.run(client, lambda: True)) for client in "bc")
        await asyncio.sleep(0)
        if has_turn:
            gate.open.set()
            first.add_done_callback(lambda _: leaves.cancel())
            await first
        else:
            leaves.cancel()
            gate.open.set()
        assert await stays
        assert await asyncio.gather(leaves, return_exceptions=True)
        assert await offload.run("d", lambda: True)
        offload.close()

    asyncio.run(check())
