"""Product and version out of a ``User-Agent``."""

import functools
import re
from typing import NamedTuple


class Agent(NamedTuple):
    """Product and version; the version is ``""`` where it is not given."""

    product: str
    version: str


UNKNOWN = Agent("unknown", "")
OTHERS = Agent("other clients", "")
"""The name for all clients beyond the limit."""

_VERSION = r"(?:[/ ]v?([0-9][0-9A-Za-z.+_-]{0,31}))?"
_KNOWN = tuple(
    (product, re.compile(f"(?:{pattern}){_VERSION}", re.IGNORECASE))
    for product, pattern in (
        ("jira-python", r"\bjira-python"),
        ("atlassian-python-api", r"\batlassian-python-api"),
        ("JiraPS", r"\bJiraPS"),
        ("Jenkins", r"\bJenkins"),
        ("Terraform", r"\bTerraform"),
        ("Ansible", r"\bansible-httpget"),
        ("ScriptRunner", r"\bScriptRunner"),
        ("Atlassian application link", r"\bAtlassian ?HttpClient"),
        ("PowerShell", r"(?:Windows)?PowerShell"),
        ("Postman", r"\bPostmanRuntime"),
        ("go-jira", r"\bgo-jira"),
        ("node-jira-client", r"\bnode-jira-client"),
        ("jira-connector", r"\bjira-connector"),
        ("jira.js", r"\bjira\.js"),
        ("Microsoft Excel", r"\bMicrosoft(?: Office)? Excel|\bMicrosoft\.Data\.Mashup"),
    )
)
_BROWSERS = (
    ("Edge", re.compile(r"\bEdge?/([0-9]{1,4})")),
    ("Opera", re.compile(r"\bOPR/([0-9]{1,4})")),
    ("Firefox", re.compile(r"\bFirefox/([0-9]{1,4})")),
    ("Chrome", re.compile(r"\b(?:Headless)?Chrom(?:e|ium)/([0-9]{1,4})")),
    ("Safari", re.compile(r"\bVersion/([0-9]{1,4})\S* .*Safari/")),
    ("Internet Explorer", re.compile(r"\bMSIE ([0-9]{1,4})|Trident/([0-9]{1,4})")),
)
_FIRST_TOKEN = re.compile(rf"([A-Za-z][A-Za-z0-9._ -]{{0,39}}?){_VERSION}(?=[\s;(,]|$)")
_LONGEST = 512


def agent(text: str | None) -> Agent:
    """Product and version of a ``User-Agent`` (RFC 9110, section 10.1.5); nothing else of it is kept."""
    return UNKNOWN if not text or text == "-" else _named(text[:_LONGEST])


@functools.lru_cache(1024)
def _named(text: str) -> Agent:
    for product, pattern in _KNOWN:
        if found := pattern.search(text):
            return Agent(product, found[1] or "")
    if text.startswith(("Mozilla/", "Opera/")):
        return _browser(text)
    found = _FIRST_TOKEN.match(text)
    return UNKNOWN if found is None else Agent(found[1].strip(), found[2] or "")


def _browser(text: str) -> Agent:
    for product, pattern in _BROWSERS:
        if found := pattern.search(text):
            return Agent(product, next(filter(None, found.groups()), ""))
    return Agent("browser", "")
