"""Oddities: signs that a server could read something else in a request than a plain look-up of its path does.

An odd request is for :func:`~jira_compat.decide.decide` to judge, whatever it is about. What is left has one
reading: :func:`~jira_compat.message.target.target.read_target` finds no doubt in it but that of letter case, which a
look-up in lower case covers.
"""

from dataclasses import dataclass
from typing import Literal

from jira_compat.message.target.method import OVERRIDES
from jira_compat.message.target.readings import LONGEST
from jira_compat.policy.endpoint import METHODS

Match = Literal["found", "str", "beg", "sub", "reg"]
"""Is there, is, begins with, has in it, holds what a regular expression matches."""


@dataclass(frozen=True, slots=True)
class Oddity:
    """Something odd, as HAProxy can see it.

    Args:
        why: What it is, and why it counts; a comment.
        sample: What is looked at: ``method``, ``url`` (the target), ``path``, ``query``, ``req.hdrs`` (the fields, each
            a line) or ``req.fhdr(NAME)``.
        match: How.
        values: One of them is enough.
        negated: It is odd if none of them matches.
        folded: Letter case does not count.
    """

    why: str
    sample: str
    match: Match
    values: tuple[str, ...] = ()
    negated: bool = False
    folded: bool = False


_PLAIN = "A-Za-z0-9/._~:@!,=+-"
"""The octets of nearly all of Jira's paths. None of them is read differently by two servers."""


def _field(name: str, why: str) -> Oddity:
    return Oddity(why, f"req.fhdr({name})", "found")


ODDITIES = (
    Oddity(
        "A method that no rule can name, as 'put', may be taken for one that a rule names.",
        "method",
        "str",
        ("GET", "HEAD", "OPTIONS", *(method for method in METHODS if method != "GET")),
        negated=True,
    ),
    *(_field(name.decode(), "An override of the method.") for name in sorted(OVERRIDES)),
    Oddity("An override of the method, in the query.", "query", "reg", ("(^|[&;?])_method",), folded=True),
    Oddity("A parameter whose name is encoded: it could be one.", "query", "reg", ("(^|&)[^=&]*%",)),
    Oddity("Absolute-form, '*', and anything else that is not a path.", "url", "beg", ("/",), negated=True),
    Oddity("A fragment, which no client may send.", "url", "sub", ("#",)),
    Oddity("'%', ';', '\\', control characters, what is not ASCII ...", "path", "reg", (f"[^{_PLAIN}]",)),
    Oddity("Empty segments and dot segments.", "path", "sub", ("//", "/.")),
    Oddity(
        "The article's spelling, /api/2/user, also where Jira forwards /s/x/_/PATH inside of itself.",
        "path",
        "reg",
        ("(^|/_)/api(/|$)",),
        folded=True,
    ),
    Oddity("Two segments at which the API could begin.", "path", "reg", ("/rest/(.*/)?rest(/|$)",), folded=True),
    Oddity("More segments than any of Jira's paths has.", "path", "reg", (f"(/[^/]*){{{LONGEST + 1}}}",)),
    Oddity("Control characters in header fields.", "req.hdrs", "reg", (r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]",)),
    _field("transfer-encoding", "Chunks: what else they hold, such as trailers, is looked at."),
    _field("connection", "Fields for one hop; HAProxy itself has taken 'close' and 'keep-alive' out."),
    _field("upgrade", "Requests of another protocol are not judged."),
)
