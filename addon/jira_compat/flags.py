"""The addon's options as flags of the command line, so that there is one list of them."""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import click

from jira_compat.model import Header
from jira_compat.proxy.options import OPTIONS, Settings, read_options

Command = Callable[..., Any]

_METAVARS = {
    "policies": "DIR",
    "override": "FILE",
    "events": "FILE|-",
    "hosts": "GLOB",
    "refuse_status": "STATUS",
    "max_body": "SIZE",
}
_TEXTS = {"events": "File to append events to; '-' is standard output."}
"""Where a flag means another thing than the addon's option."""
_ADDRESS = re.compile(r"(?:\[([0-9A-Fa-f:.]+)\]|([^:\[\]/\s]+)):([0-9]{1,5})")


def addon_flags(*names: str) -> Callable[[Command], Command]:
    """The options of these names (all, if there is none) as flags."""

    def add(command: Command) -> Command:
        for option, kind, default, text, choices in reversed(OPTIONS):
            name = option.removeprefix("jira_")
            if not names or name in names:
                repeatable = kind == Sequence[str]
                command = click.option(
                    flag(option),
                    type=click.Choice(choices) if choices else int if kind == int | None else str,
                    multiple=repeatable,
                    default=default,
                    show_default=default not in (None, ()),
                    metavar=_METAVARS.get(name),
                    help=f"{_TEXTS.get(name, text)}{' Repeatable.' if repeatable else ''}",
                )(command)
        return command

    return add


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
        raise click.BadParameter(f"{text!r} is no address; write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080")
    return match[1] or match[2], int(match[3])


def fields(_: click.Context, __: click.Parameter, lines: Sequence[str]) -> tuple[Header, ...]:
    """Read header fields, ``NAME: VALUE``.

    Raises:
        click.BadParameter: One is none.
    """
    pairs = [line.partition(":") for line in lines]
    if any(not name.strip() or not colon for name, colon, _ in pairs):
        raise click.BadParameter("there is no colon behind a name; write 'NAME: VALUE'")
    return tuple((name.strip().encode(), value.strip().encode()) for name, _, value in pairs)


def settings(flags: Mapping[str, Any]) -> Settings:
    """What some flags say, and the addon's defaults for the rest.

    Raises:
        ValueError: As :func:`~jira_compat.proxy.options.read_options`.
    """
    values = {option: default for option, _, default, _, _ in OPTIONS}
    values |= {f"jira_{name}": value for name, value in flags.items()}
    return read_options(values.__getitem__)
