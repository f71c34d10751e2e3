import asyncio
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from mitmproxy.master import Master
from mitmproxy.proxy import commands, events
from mitmproxy.proxy.layers.http._hooks import HttpRequestHook
from mitmproxy.test import tflow

from jira_compat.proxy.patches.connection_handler import InlineHooksLayer
from jira_compat.proxy.patches.hook_dispatch import HookTable

ONE, OTHER = object(), object()


def sends(connection: Any, data: bytes) -> commands.SendData:
    return commands.SendData(connection, data)


class Scripted:
    """A layer that answers each event with commands, and notes what it is told."""

    context = None

    def __init__(self, *answers: Iterable[commands.Command]) -> None:
        self.told: list[events.Event] = []
        self._answers = iter(answers)

    def handle_event(self, event: events.Event) -> Iterable[commands.Command]:
        self.told.append(event)
        yield from next(self._answers, ())


def outcome(layer: Scripted, *addons: object) -> list[commands.Command]:
    """What is left of the commands upon one event."""

    async def run() -> list[commands.Command]:
        master = Master(None)
        master.addons = HookTable(master)
        master.addons.add(*addons)
        found = list(InlineHooksLayer(layer, master.addons).handle_event(events.Start()))  # type: ignore[arg-type]
        await master.done()
        return found

    return asyncio.run(run())


def shown(found: Iterable[commands.Command]) -> list[object]:
    return [(one.connection, one.data) if isinstance(one, commands.SendData) else one for one in found]


def test_without_commands_there_are_none():
    assert outcome(Scripted()) == []


def test_what_is_no_hook_and_no_write_passes_in_its_order():
    log, wakeup = commands.Log("a"), commands.RequestWakeup(1)

    assert outcome(Scripted([log, wakeup])) == [log, wakeup]


@pytest.mark.parametrize(
    ("written", "left"),
    [
        ([(ONE, b"a")], [(ONE, b"a")]),
        ([(ONE, b"a"), (ONE, b"b"), (ONE, b"c")], [(ONE, b"abc")]),
        ([(ONE, b"a"), (OTHER, b"b"), (ONE, b"c")], [(ONE, b"a"), (OTHER, b"b"), (ONE, b"c")]),
        ([(ONE, b"a"), None, (ONE, b"b")], [(ONE, b"a"), None, (ONE, b"b")]),
        ([(ONE, b"a"), (ONE, b"b" * 65_535), (ONE, b"c")], [(ONE, b"a"), (ONE, b"b" * 65_535), (ONE, b"c")]),
        ([(ONE, b"a" * 65_534), (ONE, b"b"), (ONE, b"c")], [(ONE, b"a" * 65_534 + b"b"), (ONE, b"c")]),
    ],
)
def test_writes_to_one_connection_that_follow_each_other_are_one(written, left):
    log = commands.Log("between")
    found = outcome(Scripted([sends(*one) if one else log for one in written]))

    assert shown(found) == [one or log for one in left]


def test_a_hook_is_called_and_completed_at_once():
    hook = HttpRequestHook(tflow.tflow())
    seen: list[object] = []
    layer = Scripted([sends(ONE, b"a"), hook], [sends(ONE, b"b")])

    assert shown(outcome(layer, SimpleNamespace(request=seen.append))) == [(ONE, b"ab")]
    assert seen == [hook.flow]
    assert [getattr(event, "command", None) for event in layer.told] == [None, hook]


def test_a_hook_that_nobody_waits_for_is_not_completed():
    hook = HttpRequestHook(tflow.tflow())
    seen: list[object] = []
    hook.blocking = False
    layer = Scripted([hook], [sends(ONE, b"b")])

    assert outcome(layer, SimpleNamespace(request=seen.append)) == []
    assert (seen, len(layer.told)) == ([hook.flow], 1)


def test_a_hook_in_which_somebody_may_wait_is_left_to_mitmproxy():
    class Waiting:
        def __await__(self) -> Iterator[None]:
            raise AssertionError

    hook = HttpRequestHook(tflow.tflow())

    assert outcome(Scripted([hook]), SimpleNamespace(request=lambda _: Waiting())) == [hook]


def test_what_comes_of_a_completed_hook_may_be_another_hook():
    hooks = [HttpRequestHook(tflow.tflow()) for _ in range(3)]
    seen: list[object] = []
    layer = Scripted(*([hook] for hook in hooks), [sends(ONE, b"a")])

    assert shown(outcome(layer, SimpleNamespace(request=seen.append))) == [(ONE, b"a")]
    assert seen == [hook.flow for hook in hooks]
