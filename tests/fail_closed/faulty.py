"""A proxy in which functions can be made to raise while it runs: ``python faulty.py FILE KIND ARGUMENTS...``.

FILE holds ``MODULE:NAME ERROR``, or nothing; it is read whenever one of ``FUNCTIONS`` is called. KIND is ``serve``
or ``mitmdump``, whose arguments follow. What is raised carries a secret, which no output may show.
"""

import asyncio
import functools
import importlib
import sys
from pathlib import Path
from typing import Any

FUNCTIONS = (
    "jira_compat.actions.remove:edit",
    "jira_compat.proxy.exchange.hooks:read_target",
    "jira_compat.actions.replace:replace",
    "jira_compat.events.vocabulary:rule_event",
    "jira_compat.events.log:EventLog.write",
    "jira_compat.policy.index:PolicySet.at",
    "jira_compat.proxy.exchange.links:_links",
    "jira_compat.proxy.exchange.flow:answer",
    "jira_compat.proxy.exchange.flow:pass_on",
    "jira_compat.proxy.exchange.flow:to_exchange",
    "jira_compat.proxy.exchange.flow:write_request",
    "jira_compat.proxy.exchange.exchange:ActivePolicy.is_bound_for_jira",
    "jira_compat.proxy.exchange.exchange:decide",
    "jira_compat.proxy.exchange.conversation:Conversation.receive",
    "jira_compat.proxy.exchange.exchange:edit_step",
    "jira_compat.proxy.exchange.exchange:rewritten_body",
    "jira_compat.proxy.exchange.hooks:ExchangeHooks.response_overflow",
    "jira_compat.proxy.exchange.hooks:ExchangeHooks.step_overflow",
    "jira_compat.proxy.exchange.hooks:ExchangeHooks.connected",
    "jira_compat.proxy.exchange.hooks:ExchangeHooks.error_response",
    "jira_compat.proxy.exchange.hooks:ExchangeHooks.needs_body",
    "jira_compat.proxy.exchange.hooks:ExchangeHooks.overflow",
    "jira_compat.proxy.exchange.hooks:links_of",
    "jira_compat.proxy.exchange.hooks:rewrite_request_headers",
    "jira_compat.proxy.exchange.hooks:rewrite_response_headers",
    "jira_compat.translate.search_steps:read_page",
    "jira_compat.message.body.edit:coding",
    "jira_compat.message.body.edit:read_text",
    "jira_compat.events.writers:File.info",
    "mitmproxy.proxy.layers.http:HttpStream.state_consume_request_body",
    "mitmproxy.proxy.layers.http:HttpStream.state_stream_request_body",
    "mitmproxy.proxy.layers.http:HttpStream.state_stream_response_body",
)
"""Where they are looked up, which is not always where they are defined."""
SECRET = "hunter2-7f3a"


def fault(name: str) -> BaseException:
    """What is raised."""
    if name == "UnicodeDecodeError":
        return UnicodeDecodeError("utf-8", SECRET.encode(), 0, 1, SECRET)
    kinds: tuple[type[BaseException], ...] = (ValueError, MemoryError, KeyError, asyncio.CancelledError)
    return next(kind for kind in kinds if kind.__name__ == name)(SECRET)


def without_end() -> None:
    """A recursion that ends as they do."""
    without_end()


def make_faulty(function: str, armed: Path) -> None:
    """Replace a function by itself, if nothing else is said."""
    module, _, names = function.partition(":")
    *path, name = names.split(".")
    place: Any = functools.reduce(getattr, path, importlib.import_module(module))
    real = getattr(place, name)

    @functools.wraps(real)
    def faulty(*arguments: Any, **named: Any) -> Any:
        wanted, _, error = armed.read_text().partition(" ")
        if wanted == function and error == "RecursionError":
            without_end()
        elif wanted == function:
            raise fault(error)
        return real(*arguments, **named)

    setattr(place, name, faulty)


def main() -> None:
    """Make them faulty, then run what is asked for."""
    armed, kind = Path(sys.argv[1]), sys.argv[2]
    sys.argv = [kind, *([kind] if kind == "serve" else []), *sys.argv[3:]]
    for function in FUNCTIONS:
        make_faulty(function, armed)
    if kind == "serve":
        from jira_compat.cli.main import main as serve  # noqa: PLC0415 - what it imports must be faulty by then

        sys.exit(serve())
    from mitmproxy.tools.main import mitmdump  # noqa: PLC0415 - the same

    mitmdump()


if __name__ == "__main__":
    main()
