"""What the exported configuration makes of a request, in Python: out of the same tables, by another hand."""

import re
from dataclasses import dataclass, field

from jira_compat.export.endpoints import TO_API_PATH, endpoint_lines, parameter_places, taken, to_line
from jira_compat.export.oddities import ODDITIES, Oddity
from jira_compat.model import Request
from jira_compat.policy.index import PolicySet

_ORIGIN = re.compile(r"\A[A-Za-z][A-Za-z0-9+.-]*://[^/?]*")


@dataclass
class Balancer:
    """HAProxy with the configuration for these rules."""

    rules: PolicySet
    lines: frozenset[str] = field(init=False)

    def __post_init__(self) -> None:
        self.lines = frozenset(endpoint_lines(self.rules))

    def oddity(self, request: Request) -> Oddity | None:
        """The first thing that is odd about a request."""
        return next((oddity for oddity in ODDITIES if _has(request, oddity)), None)

    def could_be_touched(self, request: Request) -> bool:
        """Whether the look-up finds it."""
        path = taken(_samples(request, "path")[0].lower(), TO_API_PATH)
        calls = (taken(request.method + path, to_line(places)) for places in parameter_places(self.rules))
        return any(call in self.lines for call in calls)

    def sends_to_workers(self, request: Request) -> bool:
        """Whether it may not go straight to the site, by whatever name."""
        return self.oddity(request) is not None or self.could_be_touched(request)


def _has(request: Request, oddity: Oddity) -> bool:
    return any(_matches(sample, oddity) for sample in _samples(request, oddity.sample)) != oddity.negated


def _matches(sample: str, oddity: Oddity) -> bool:
    values = oddity.values
    match oddity.match:
        case "found":
            return True
        case "str":
            return sample in values
        case "beg":
            return sample.startswith(values)
        case "sub":
            return any(value in sample for value in values)
        case "reg":
            return any(re.search(value, sample, re.IGNORECASE if oddity.folded else 0) for value in values)


def _samples(request: Request, name: str) -> tuple[str, ...]:
    """What HAProxy looks at; nothing where there is nothing of the kind."""
    target = request.target.decode("latin-1")
    path, mark, query = _ORIGIN.sub("", target).partition("?")
    match name:
        case "method":
            return (request.method,)
        case "url":
            return (target,)
        case "path":
            return (path,)
        case "query":
            return (query,) if mark else ()
        case "req.hdrs":
            return (b"".join(b"%b: %b\r\n" % field for field in request.headers).decode("latin-1"),)
    wanted = re.fullmatch(r"req\.fhdr\((.+)\)", name)
    assert wanted is not None, name
    found = [value for field, value in request.headers if field.decode("latin-1").lower() == wanted[1]]
    return tuple(value.decode("latin-1") for value in found)
