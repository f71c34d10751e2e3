"""The report as one HTML file that asks no network for anything."""

import base64
import hashlib
from functools import cache
from importlib import resources

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from jira_compat.audit.report import wording as words
from jira_compat.audit.report.chart import HEIGHT, chart
from jira_compat.audit.report.document import IMPACTS, Report
from jira_compat.audit.report.matrix import matrix

MOST_USES = 3_000
MOST_RULES = 200
MOST_ENDPOINTS = 1_000
MOST_PROBLEMS = 200
"""Rows; a page of more is no pleasure to any browser, and CSV and JSON have all."""

_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'"
_FILTERS = (
    words.compact,
    words.counted,
    words.day,
    words.minute,
    words.name,
    words.number,
    words.period,
    words.short,
    words.statuses,
    words.uncalled,
)


def as_html(report: Report) -> str:
    """The page. Style and script are named to the browser by their hashes, so that nothing else can run or load."""
    style, script = _file("page.css"), _file("page.js")
    return (
        _environment()
        .get_template("page.html")
        .render(
            report=report,
            chart=chart(report),
            matrix=matrix(report),
            names=words.rule_names(report),
            remarks=words.remarks(report),
            labels=words.LABELS,
            meanings=IMPACTS,
            height=HEIGHT,
            most={"uses": MOST_USES, "rules": MOST_RULES, "endpoints": MOST_ENDPOINTS, "problems": MOST_PROBLEMS},
            style=Markup(style),  # noqa: S704 - our own
            script=Markup(script),  # noqa: S704 - our own
            policy=f"{_NOTHING}; style-src {_hash(style)}; script-src {_hash(script)}",
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("jira_compat.audit.report", "html"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {function.__name__: function for function in _FILTERS}
    return environment


def _file(name: str) -> str:
    return resources.files("jira_compat.audit.report").joinpath("html", name).read_text("utf-8")


def _hash(text: str) -> str:
    """A source of Content Security Policy, level 2, section 4.2.5."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
