"""The addon's options as flags of the command line, so that there is one list of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from jira_compat.model import Header
from jira_compat.proxy.settings.limits import Limits, count, head_size, seconds
from jira_compat.proxy.settings.options import OPTIONS, Settings, read_options, size

Command = Callable[..., Any]

_TYPES: dict[Any, type] = {int | None: int, bool: bool}
_METAVARS = {
    "policies": "DIR",
    "override": "FILE",
    "events": "FILE|-",
    "hosts": "GLOB",
    "refuse_status": "STATUS",
    "max_body": "SIZE",
    "site_url": "URL",
    "translate_limit": "NAME=VALUE",
    "trusted_proxy": "ADDRESS",
}
_TEXTS = {"events": "File to append events to; '-' is standard output. Without it no events are written."}
"""Texts of flags that mean another thing than the addon's option."""
_LIMITS = (
    ("upstream_timeout", "TIME", "How long to wait for the start of Jira's response before answering 504."),
    ("idle_timeout", "TIME", "Close a connection after this long without traffic."),
    ("head_timeout", "TIME", "How long a client may take to send the head of a request, and to begin its first."),
    ("max_head", "SIZE", "Largest head of a request; a larger one is refused with 431."),
    ("max_connections", "NUMBER", "Most client connections at a time for each worker; further ones are closed."),
    (
        "max_connections_per_address",
        "NUMBER",
        "Most client connections at a time from one address for each worker, --trusted-proxy excepted.",
    ),
    (
        "max_held",
        "SIZE",
        "Most bytes of bodies held at a time for each worker; others wait, and after 10 s are answered 503.",
    ),
    ("drain_timeout", "TIME", "How long to wait for in-flight requests after SIGTERM."),
)
_METHOD = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f.]*:[0-9A-Fa-f:.]*)\]|([^:\[\]/\s]+)):([0-9]{1,5})")


def addon_flags(*names: str) -> Callable[[Command], Command]:
    """The options of these names (all, if there is none) as flags."""

    def add(command: Command) -> Command:
        for option, kind, default, text, choices in reversed(OPTIONS):
            name = option.removeprefix("jira_")
            if not names or name in names:
                repeatable = kind == Sequence[str]
                command = click.option(
                    flag(option),
                    type=click.Choice(choices) if choices else _TYPES.get(kind, str),
                    is_flag=kind is bool,
                    multiple=repeatable,
                    default=default,
                    show_default=default not in (None, (), False),
                    metavar=_METAVARS.get(name),
                    help=f"{_TEXTS.get(name, text)}{' Repeatable.' if repeatable else ''}",
                )(command)
        return command

    return add


def limit_flags(command: Command) -> Command:
    """Add the limits of ``serve`` as flags."""
    for name, metavar, text in reversed(_LIMITS):
        default = getattr(Limits(), name)
        shown = f"{default:g}s" if metavar == "TIME" else str(default)
        command = click.option(
            flag(name), metavar=metavar, default=shown, show_default=True, callback=_limit, help=text
        )(command)
    return command


def _limit(_: click.Context, parameter: click.Parameter, text: str) -> float:
    try:
        match next(metavar for name, metavar, _ in _LIMITS if name == parameter.name):
            case "TIME":
                return seconds(text, least=0 if parameter.name == "drain_timeout" else 0.001)
            case "SIZE":
                return head_size(size("", text))
            case _:
                return count(text)
    except ValueError as error:
        raise click.BadParameter(str(error).removeprefix(": ")) from None


def flag(option: str) -> str:
    """``--max-body`` for ``jira_max_body``."""
    return f"--{option.removeprefix('jira_').replace('_', '-')}"


def with_flags(line: str) -> str:
    """A line about an option of the addon, as one about its flag."""
    name, colon, rest = line.partition(":")
    return f"{flag(name)}:{rest}" if colon and any(name == option for option, *_ in OPTIONS) else line


def address(_: click.Context, __: click.Parameter, text: str) -> tuple[str, int]:
    """Read ``HOST:PORT``.

    Raises:
        click.BadParameter: It is none.
    """
    match = _ADDRESS.fullmatch(text)
    if match is None or int(match[3]) > 65535:
        raise click.BadParameter(f"{text!r} is not an address; write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    return match[1] or match[2], int(match[3])


def admin_address(context: click.Context, parameter: click.Parameter, text: str | None) -> tuple[str, int] | None:
    """Read ``HOST:PORT``; a port alone is on loopback.

    Raises:
        click.BadParameter: It is neither.
    """
    if text is None:
        return None
    return address(context, parameter, f"127.0.0.1:{text}" if text.isdecimal() else text)


def method_name(_: click.Context, __: click.Parameter, text: str) -> str:
    """Read a request's method (RFC 9110, section 9.1).

    Raises:
        click.BadParameter: It is none.
    """
    if _METHOD.fullmatch(text) is None:
        raise click.BadParameter(f"{text!r} is not a method; write one such as PUT")
    return text


def fields(_: click.Context, __: click.Parameter, lines: Sequence[str]) -> tuple[Header, ...]:
    """Read header fields, ``NAME: VALUE``.

    Raises:
        click.BadParameter: One is none.
    """
    pairs = [line.partition(":") for line in lines]
    if any(not name.strip() or not colon for name, colon, _ in pairs):
        raise click.BadParameter("a header field needs a name and a colon; write 'NAME: VALUE'")
    return tuple((_octets(name), _octets(value)) for name, _, value in pairs)


def _octets(text: str) -> bytes:
    return text.strip().encode(errors="surrogateescape")


def settings(flags: Mapping[str, Any]) -> Settings:
    """Return the addon's settings from some flags, with its defaults for the rest.

    Raises:
        ValueError: As :func:`~jira_compat.proxy.settings.options.read_options`.
    """
    values = {option: default for option, _, default, _, _ in OPTIONS}
    values |= {f"jira_{name}": value for name, value in flags.items()}
    return read_options(values.__getitem__)
