"""The conventions of the program: its error lines and exit statuses."""

import io
import os
import sys
from collections.abc import Iterable
from importlib import metadata
from typing import Any

import click

DONE, FAILED, USAGE, FOUND, INTERRUPTED = 0, 1, 2, 3, 130


class Complaint(click.ClickException):
    """A failure, one line for each problem; exit status 1."""

    exit_code = FAILED

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__("\n".join(lines))


class Program(click.Group):
    """Says errors in one line each on standard error, and exits as documented."""

    def main(self, *args: Any, **extra: Any) -> Any:  # noqa: ANN401 - as click has it
        """Run a command line and exit."""
        extra |= {"prog_name": "jira-compat", "standalone_mode": False}
        for stream in (sys.stdout, sys.stderr):
            if isinstance(stream, io.TextIOWrapper):
                stream.reconfigure(errors="backslashreplace")  # better than a traceback about an ellipsis
        try:
            status = super().main(*args, **extra)
        except click.UsageError as error:
            path = error.ctx.command_path if error.ctx else "jira-compat"
            text = " ".join(error.format_message().split()).rstrip(".?")
            _exit(USAGE, f"{text}; see {path} --help")
        except click.ClickException as error:
            _exit(error.exit_code, *error.message.splitlines())
        except click.Abort:
            _exit(INTERRUPTED)
        _exit(status if isinstance(status, int) else DONE)


def examples(*lines: str) -> str:
    """The end of a command's help."""
    return "\b\nExamples:\n" + "\n".join(f"  jira-compat {line}" for line in lines)


def version() -> str:
    """The version of the distribution."""
    try:
        return metadata.version("jira-compat")
    except metadata.PackageNotFoundError:
        return "(not installed)"


def _exit(status: int, *lines: str) -> None:
    for line in lines:
        click.echo(f"jira-compat: {line}", err=True)
    try:
        sys.stdout.flush()
    except OSError:  # the reader is gone; Python would report that at its exit
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    sys.exit(status)
