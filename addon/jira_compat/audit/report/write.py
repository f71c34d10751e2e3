"""A report, written where it was asked for."""

import shutil
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal, assert_never, get_args

import click

from jira_compat.audit.report.document import Report, as_json
from jira_compat.audit.run import Audit
from jira_compat.policy.index import PolicySet

Form = Literal["table", "json", "csv", "markdown", "html"]
FORMS: tuple[Form, ...] = get_args(Form)
STDOUT = "-"
WIDTH = 100
"""Columns that the table fits into."""


def write_report(audit: Audit, policies: PolicySet, form: Form, output: str | None, *, by: str) -> None:
    """Write the report of an audit.

    Args:
        audit: What was found.
        policies: The rules it was judged by.
        form: How to write it.
        output: Name of a file; ``None`` and ``-`` are standard output.
        by: Program and version.

    Raises:
        OSError: It cannot be written there.
    """
    from jira_compat.audit.report.compose import compose  # noqa: PLC0415 - who asks for FORMS needs none of this

    report = compose(audit, policies, by=by, at=datetime.now(UTC).replace(microsecond=0))
    if output is not None and output != STDOUT:
        Path(output).write_bytes(rendered(report, form).encode())
    elif sys.stdout.isatty():
        width = min(shutil.get_terminal_size((WIDTH, 0)).columns, WIDTH)
        click.echo(rendered(report, form, width=width, styled=True), nl=False)
    else:
        click.echo(rendered(report, form), nl=False)


def rendered(report: Report, form: Form, *, width: int = WIDTH, styled: bool = False) -> str:
    """A report in one of its forms; ``width`` and ``styled`` are for the table."""
    match form:
        case "json":
            return f"{as_json(report)}\n"
        case "table":
            from jira_compat.audit.report.terminal import as_table  # noqa: PLC0415 - each form imports what it alone needs

            return as_table(report, styled=styled, width=width)
        case "csv":
            from jira_compat.audit.report.csv_rows import as_csv  # noqa: PLC0415 - the same

            return as_csv(report)
        case "markdown":
            from jira_compat.audit.report.markdown import as_markdown  # noqa: PLC0415 - the same

            return as_markdown(report)
        case "html":
            from jira_compat.audit.report.page import as_html  # noqa: PLC0415 - the same; Jinja2

            return as_html(report)
        case _:
            assert_never(form)
