r"""What must hold of any request target: it is read without an exception, and no server finds what the proxy missed.

An input is a method, a space and a target: ``PUT /rest/api/2/user/password``.
"""

from functools import cache

from decided import decided as decide
from jira_compat.message.target.target import read_target
from jira_compat.model import Request
from jira_compat.policy.files import policy_files, shipped_policies
from jira_compat.policy.index import PolicySet, RunOptions, compile_policies
from jira_compat.policy.load import load_policies
from oracles.servers import CHAINS, endpoint, path_of

REMOVED = {
    ("POST", ("user", "application")),
    ("DELETE", ("user", "application")),
    ("PUT", ("user", "password")),
    ("PUT", ("myself",)),
    ("PUT", ("myself", "password")),
    ("GET", ("password", "policy")),
    ("POST", ("password", "policy", "createUser")),
    ("POST", ("password", "policy", "updateUser")),
}
"""Atlassian's article, and what follows from it."""
STRIPPED = {("POST", ("user",)), ("PUT", ("user",))}
BODY = b'{"password": "hunter2", "active": true}'
METHODS = ("POST", "PUT", "GET", "DELETE", "HEAD", "PATCH")


@cache
def rules() -> PolicySet:
    """What ships, enforced."""
    return compile_policies(load_policies(policy_files([shipped_policies()])), RunOptions("cloud", "enforce"))


def parse(data: bytes) -> tuple[str, bytes]:
    """Method and target; what begins with no method is a target for POST."""
    method, gap, target = data.partition(b" ")
    if gap and method.decode("latin-1") in METHODS:
        return method.decode("latin-1"), target
    return METHODS[0], data


def check(data: bytes) -> None:
    """Hold one input to all that must hold."""
    method, raw = parse(data)
    _check_reading(raw)
    decision = decide(rules(), Request(method, raw, (), BODY))
    forwarded = None if decision.response is not None else decision.request
    if forwarded is not None and decision.applied:
        again = decide(rules(), forwarded)
        assert again.request is forwarded, "what was edited needs editing"
        assert again.response is None, "what was edited is refused"
    for chain in CHAINS:
        path = path_of(raw, chain)
        served = (method, endpoint(path)) if path is not None else ("", ())
        assert served not in REMOVED or forwarded is None, f"{chain} finds a removed endpoint"
        kept = forwarded is not None and b"hunter2" in (forwarded.body or b"")
        assert served not in STRIPPED or not kept, f"{chain} finds an endpoint that loses its password"


def _check_reading(raw: bytes) -> None:
    target = read_target(raw)
    assert target.path.startswith(b"/")
    assert len(target.readings) <= 128
    assert () not in target.readings
    assert (target.ambiguous is None) == (target.readings == () and target.more is None)
    if target.ambiguous is not None:
        assert target.ambiguous.isprintable()
        return
    if not target.segments:
        return  # no rule can match, so what is forwarded is what came
    query = b"" if target.query is None else b"?" + target.query
    again = read_target(target.path + query)
    assert (again.segments, again.path, again.query) == target[:3], "the normal path has another normal path"
