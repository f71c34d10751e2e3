"""Requests that rules may be about, in spellings of their own."""

from hypothesis import strategies as st

from build import a_rule, policy_set, shipped_set
from export.model import Balancer
from jira_compat.model import Request

PARAMETERS = policy_set(
    a_rule("GET|PUT /rest/api/{2|3|latest}/issue/{key}/comment/{id}", respond={"text": "Gone."}),
    a_rule("PUT /rest/api/{2|3|latest}/issue/{key}", remove=("/a",)),
    a_rule("POST /rest/api/{2|3|latest}/issue/createmeta", respond={"text": "Gone."}),
    a_rule("GET /rest/api/2/serverInfo", respond={"text": "Gone."}),
    a_rule("DELETE /rest/{module}/1.0/{which}", respond={"text": "Gone."}),
    a_rule("PATCH /rest/api/2/x.json/y.Z", respond={"text": "Gone."}),
    a_rule("POST /rest/rest/{a}/{b}/rest", respond={"text": "Gone."}),
)
BALANCERS = [
    Balancer(shipped_set("cloud")),
    Balancer(shipped_set("staging", "observe")),
    Balancer(PARAMETERS),
]

WORDS = ("rest", "api", "2", "3.0", "user", "myself", "issue", "AB-1", "createmeta", "x.json", "Jira", "REST", "x")
METHODS = ("GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "put", "Post", "X", "PUT\0", "", "GET,PUT")
NOISE = (
    "/",
    "/.",
    "/x/..",
    "/./",
    "%2F",
    "%2e",
    "%",
    ";x",
    "/;",
    "\\",
    " ",
    "#",
    "?",
    "é",
    "\xff",
    "\n",
    "{}",
    "\0",
    "%00",
    "x",
)
CONTEXTS = (
    "/s/x/_",
    "/s/x/_",
    "/a" * 101,
    "/jira",
    "/a/b",
    "/rest",
    "/REST/x",
    "/api",
    "/api/x",
    "http://jira",
    "//x",
    "/x/..",
)
ENDS = (
    "/",
    ".json",
    ".xml/",
    ".JSON",
    ".json.xml",
    "?",
    "?a=b",
    "#a",
    "#?a",
    "?a#b",
    "/.",
    "/..",
    "/x/..",
    ";a=b",
    "%20",
)
FIELDS = ("X-HTTP-Method-Override", "x-method-override", "X-Http-Method")


def _override(draw, method, path, fields):
    field = draw(st.sampled_from(FIELDS)), draw(st.sampled_from([method, f"X, {method.lower()}"]))
    return draw(st.sampled_from(["GET", "POST", "PUT"])), path, [*fields, field]


def _override_in_query(draw, method, path, fields):
    name = draw(st.sampled_from(["_method", "%5Fmethod", "a&_method", "_%6dethod", "a=_method"]))
    return "POST", f"{path}?{name}={method}", fields


def _other_method(draw, method, path, fields):
    return draw(st.sampled_from([method.lower(), *METHODS])), path, fields


def _other_path(draw, method, path, fields):
    at = draw(st.integers(0, len(path)))
    before, behind = path[:at], path[at:]
    encoded = "".join(f"%{ord(one):02x}" for one in behind[:1]) + behind[1:]
    ways = [encoded, behind.upper(), behind.title(), behind.lower(), draw(st.sampled_from(NOISE)) + behind]
    return method, before + draw(st.sampled_from(ways)), fields


def _other_edge(draw, method, path, fields):
    before, behind = draw(st.sampled_from(CONTEXTS)), draw(st.sampled_from(ENDS))
    bare = path.removeprefix("/rest")
    return (
        method,
        draw(st.sampled_from([before + path, path + behind, bare, before + bare, before + path.title()])),
        fields,
    )


def _other_word(draw, method, path, fields):
    words = path.split("/")
    words[draw(st.integers(0, len(words) - 1))] = draw(st.sampled_from(WORDS))
    return method, "/".join(words), fields


STEPS = (_override, _override_in_query, _other_method, _other_path, _other_edge, _other_word)
"""Other spellings of a call, or other calls."""


@st.composite
def calls(draw, balancers=BALANCERS):
    """A balancer, and a request that its rules may be about: an endpoint's, in up to three steps of its own."""
    balancer = draw(st.sampled_from(balancers))
    method, _, path = draw(st.sampled_from(sorted(balancer.lines))).partition("/")
    call: tuple = method, "/" + path.replace("{}", draw(st.sampled_from(WORDS))), []
    for step in draw(st.lists(st.sampled_from(STEPS), max_size=3)):
        call = step(draw, *call)
    method, path, fields = call
    headers = tuple((name.encode(), value.encode()) for name, value in fields)
    return balancer, Request(method, path.encode("utf-8", "surrogateescape"), headers, None)
