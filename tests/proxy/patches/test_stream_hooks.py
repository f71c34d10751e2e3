import inspect

import pytest

from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.patches.stream_hooks import StreamHooks

METHODS = [name for name, member in vars(StreamHooks).items() if inspect.isfunction(member) and name[0] != "_"]


def test_the_hooks_of_exchanges_are_those_of_their_streams():
    hooks: StreamHooks = ExchangeHooks()

    assert [name for name in StreamHooks.__annotations__ if not hasattr(hooks, name)] == []


@pytest.mark.parametrize("name", METHODS)
def test_they_take_the_same_arguments(name):
    wanted = inspect.signature(getattr(StreamHooks, name)).parameters

    assert list(inspect.signature(getattr(ExchangeHooks, name)).parameters) == list(wanted)
