"""The commands that read captures and event logs, and say who still calls what."""

import os
import sys
from collections.abc import Callable
from functools import partial
from typing import Any, Literal

import click

from jira_compat.audit.counting.inventory import Calls, Client, Subject
from jira_compat.audit.files.captures import find_captures
from jira_compat.audit.files.problems import Problem
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.reader import ReadOptions
from jira_compat.audit.readers.detect import KINDS, Kind
from jira_compat.audit.readers.line_format import pattern_of
from jira_compat.audit.readers.log_formats import compile_format
from jira_compat.audit.report.write import FORMS, Form, write_report
from jira_compat.audit.run import Audit
from jira_compat.audit.run import audit as run_audit
from jira_compat.cli.flags import addon_flags, settings, with_flags
from jira_compat.cli.program import DONE, FAILED, FOUND, INTERRUPTED, Complaint, examples, version
from jira_compat.policy.errors import PolicyError
from jira_compat.proxy.settings.client_address import Network, client_address
from jira_compat.proxy.settings.options import IDENTITY_KEY
from jira_compat.proxy.settings.policies import load_rules
from jira_compat.stderr import reason

Command = Callable[..., Any]
FailOn = Literal["modified", "removed"]


def _options(command: Command) -> Command:
    """Add the options of both commands."""
    options = (
        addon_flags("policies", "override", "profile"),
        click.option(
            "--identity",
            type=click.Choice(["shown", "hashed", "none"]),
            default="shown",
            show_default=True,
            help=f"How users are shown; 'hashed' uses the key in {IDENTITY_KEY}.",
        ),
        click.option("--format", "form", type=click.Choice(FORMS), default=FORMS[0], show_default=True),
        click.option(
            "-o", "--output", metavar="FILE", help="Write the report to this file instead of standard output."
        ),
        click.option(
            "--fail-on",
            type=click.Choice(["modified", "removed"]),
            help="Exit with status 3 if a call uses a removed endpoint (with 'modified': a removed or modified one).",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command(
    epilog=examples(
        "audit traffic.har flows.mitm",
        "audit /var/log/jira --format html -o audit.html",
        "audit 'logs/access.log*.gz' --identity hashed --fail-on removed",
        "audit - --kind combined < access.log",
        "audit access.log --trusted-proxy 10.0.0.0/8",
    )
)
@click.argument("captures", metavar="CAPTURE...", nargs=-1, required=True)
@click.option(
    "--kind",
    type=click.Choice([kind for kind in KINDS if kind != "pattern"]),
    help="Format of every CAPTURE; by default it is detected.",
)
@click.option(
    "--pattern",
    metavar="REGEX",
    help="Regular expression for the lines of another log format, with the groups (?P<method>) and (?P<target>), and "
    "optionally client, user, time, status, agent, forwarded and request_id.",
)
@click.option(
    "--line-format",
    metavar="FORMAT",
    help="Format string of another log format, as in Apache's LogFormat or nginx's log_format.",
)
@_options
@addon_flags("max_body", "trusted_proxy")
def audit(
    captures: tuple[str, ...],
    kind: Kind | None,
    pattern: str | None,
    line_format: str | None,
    **others: Any,  # noqa: ANN401
) -> int:
    """Report which clients still call which endpoints, from captures and logs.

    A CAPTURE is a file, a glob, a folder (read with its subfolders) or '-' for standard input. It may be a HAR file, a
    mitmproxy flow file, an access log of Jira, Apache, nginx or HAProxy, a log of JSON lines or an event log, also
    compressed with gzip or zstd. No report shows a query value, a body or a credential.

    Exit status: 0 done, 1 an input could not be read, 2 wrong usage, 3 --fail-on matched, 130 interrupted (the report
    covers what was read until then). If several apply, the highest wins.
    """
    given = {"--pattern": pattern, "--line-format": line_format, "--kind": kind}
    names = [name for name, value in given.items() if value is not None]
    if len(names) > 1:
        raise click.UsageError(f"{names[0]} and {names[1]} exclude each other", click.get_current_context())
    try:
        if line_format is not None:
            pattern = pattern_of(line_format)
        if pattern is not None:
            compile_format("pattern", pattern)
    except ValueError as error:
        raise Complaint([f"{names[0]}: {error}"]) from None
    return _run(captures, "pattern" if pattern is not None else kind, pattern, **others)


@click.command(epilog=examples("report events.jsonl", "report events.jsonl* --format html -o report.html"))
@click.argument("events", metavar="EVENTS...", nargs=-1, required=True)
@_options
def report(events: tuple[str, ...], **others: Any) -> int:  # noqa: ANN401 - of several types
    """Report which clients still call which endpoints, from event logs.

    EVENTS is a file written by 'serve --events', a glob, a folder or '-' for standard input. Files may be compressed
    with gzip or zstd.

    Exit status: the same as for 'audit'.
    """
    return _run(events, "events", None, **others)


def _run(
    words: tuple[str, ...],
    kind: Kind | None,
    pattern: str | None,
    *,
    form: Form,
    output: str | None,
    fail_on: FailOn | None,
    **addon: Any,  # noqa: ANN401
) -> int:
    """Read, report, and say by the exit status how it was."""
    choices = _choices(kind, pattern, addon)
    problems: list[Problem] = []
    found = run_audit(find_captures(words, problems.append), choices, Progress(sys.stderr))
    found.problems[:0] = problems
    for problem in found.all_problems():
        click.echo(f"jira-compat: {problem}", err=True)
    try:
        write_report(found, choices.policies, form, output, by=f"jira-compat {version()}")
    except BrokenPipeError:
        raise
    except OSError as error:
        raise Complaint([f"--output: {output or 'standard output'} cannot be written ({reason(error)})"]) from None
    return _status(found, fail_on)


def _choices(kind: Kind | None, pattern: str | None, addon: dict[str, Any]) -> ReadOptions:
    try:
        chosen = settings({"mode": "observe", **addon})
        rules = load_rules(chosen)
    except (PolicyError, ValueError) as error:
        raise Complaint(map(with_flags, str(error).splitlines())) from None
    key = os.environ.get(IDENTITY_KEY, "").encode() or os.urandom(32)
    origin = partial(_origin, chosen.trusted_proxies) if chosen.trusted_proxies else None
    return ReadOptions(rules, chosen.max_body, chosen.identity, key, kind, pattern, origin)


def _origin(trusted: tuple[Network, ...], peer: str, forwarded: str) -> str:
    """The client's address, by the same rule as in ``serve``."""
    return client_address(peer, [(b"x-forwarded-for", forwarded.encode("latin-1", "replace"))], trusted)


def _status(found: Audit, fail_on: FailOn | None) -> int:
    if found.interrupted:
        return INTERRUPTED
    if fail_on is not None and any(_counts(*row, fail_on) for row in found.inventory.rows.items()):
        return FOUND
    return FAILED if any(problem.unread for problem in found.all_problems()) else DONE


def _counts(row: tuple[Subject, Client], calls: Calls, fail_on: FailOn) -> bool:
    """Return whether there is a call that counts; one that certainly had nothing that a rule removes does not."""
    subject, _ = row
    if subject.change not in {"removed", fail_on}:
        return False
    return calls.count > calls.carried.get("no", 0)
