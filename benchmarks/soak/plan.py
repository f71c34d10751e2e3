"""The plan: kinds of requests, and the expected result of each."""

import gzip
import json
import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from benchmarks.starve.bodies import BODIES, CODINGS

SECRET = "hunter2-7f3a"  # noqa: S105 - it is looked for where it must not be
JSON = "Content-Type: application/json"
NOT_THERE = "/rest/api/2/user/password"

Check = Callable[[str, str, bytes], bool]
"""Whether what the upstream got, by method, target and body, is what it should have got."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A request and its expected result.

    Args:
        number: Its id is made of that.
        kind: What it is an example of.
        raw: As it is sent.
        status: What is answered.
        event: The event of a rule; ``None`` for none.
        forwarded: What the upstream may get; ``None`` if it may get nothing.
        fault: What the upstream does instead of answering.
        leaves: How many of its bytes are sent before the client goes, without waiting for an answer.
        over_http2: The method, path and body to send over HTTP/2 in place of ``raw``.
    """

    number: int
    kind: str
    raw: bytes
    status: int
    event: str | None = None
    forwarded: Check | None = None
    fault: str = ""
    leaves: int | None = None
    over_http2: tuple[str, str, bytes] | None = None

    @property
    def name(self) -> str:
        """Its id."""
        return f"soak-{self.number}"


def requests(count: int, seed: int, mixture: Mapping[Callable[[int], Asked], int] | None = None) -> Iterator[Asked]:
    """Yield requests of all kinds; the same for the same seed."""
    chance = random.Random(seed)  # noqa: S311 - a mixture, no secret
    kinds = [kind for kind, weight in (mixture or MIXTURE).items() for _ in range(weight)]
    for number in range(count):
        yield chance.choice(kinds)(number)


def _raw(number: int, method: str, target: str, body: bytes = b"", *fields: str) -> bytes:
    length = () if any(field.startswith("Transfer-Encoding") for field in fields) else (f"Content-Length: {len(body)}",)
    head = [f"{method} {target} HTTP/1.1", "Host: jira.example.com", f"X-Request-Id: soak-{number}", *fields, *length]
    return "\r\n".join([*head, "", ""]).encode() + body


def _equal(method: str, target: str, body: bytes = b"") -> Check:
    return lambda *got: got == (method, target, body)


def _without_password(method: str, target: str, body: bytes) -> bool:
    plain = gzip.decompress(body) if body.startswith(b"\x1f\x8b") else body
    return (method, target) == ("POST", "/rest/api/2/user") and plain in {b'{"name":"fred"}', b"name=fred"}


BODY = json.dumps({"name": "fred", "password": SECRET}, separators=(",", ":")).encode()


def passes(number: int) -> Asked:
    """A request without a rule."""
    target = f"/rest/api/2/issue/ABC-{number}?expand=a+b%2Bc%20d"
    return Asked(number, "pass", _raw(number, "GET", target), 200, forwarded=_equal("GET", target))


def near_miss(number: int) -> Asked:
    """A request similar to a rejected one."""
    target = "/rest/scriptrunner/latest/custom/user/password"
    raw = _raw(number, "PUT", target, BODY, JSON)
    return Asked(number, "near miss", raw, 200, forwarded=_equal("PUT", target, BODY))


def unchanged(number: int) -> Asked:
    """A request whose rule does nothing."""
    body = b'{"name":"group"}'
    raw = _raw(number, "POST", "/rest/api/2/group", body, JSON)
    return Asked(number, "unchanged", raw, 200, "rule_matched", _equal("POST", "/rest/api/2/group", body))


def _stripped(number: int, kind: str, body: bytes, *fields: str, fault: str = "", status: int = 200) -> Asked:
    marks = (f"X-Soak: {fault}",) if fault else ()
    raw = _raw(number, "POST", "/rest/api/2/user", body, *fields, *marks)
    return Asked(number, kind, raw, status, "fields_removed", _without_password, fault)


def stripped(number: int) -> Asked:
    """A request whose password is removed."""
    return _stripped(number, "strip", BODY, JSON)


def stripped_gzip(number: int) -> Asked:
    """The stripped request, compressed."""
    return _stripped(number, "strip, gzip", gzip.compress(BODY), JSON, "Content-Encoding: gzip")


def stripped_form(number: int) -> Asked:
    """The stripped request as a form."""
    body = f"name=fred&password={SECRET}".encode()
    return _stripped(number, "strip, form", body, "Content-Type: application/x-www-form-urlencoded")


def stripped_chunks(number: int) -> Asked:
    """The stripped request in chunks."""
    body = b"%x\r\n%b\r\n%x\r\n%b\r\n0\r\n\r\n" % (9, BODY[:9], len(BODY) - 9, BODY[9:])
    return _stripped(number, "strip, chunks", body, JSON, "Transfer-Encoding: chunked")


def refused(number: int) -> Asked:
    """A request that is answered without the upstream."""
    return Asked(number, "refusal", _raw(number, "PUT", NOT_THERE, BODY, JSON), 410, "request_refused")


def refused_upload(number: int) -> Asked:
    """The rejected request with a body too large to hold."""
    return Asked(number, "refusal, upload", _raw(number, "PUT", NOT_THERE, bytes(400_000)), 410, "request_refused")


def refused_early(number: int) -> Asked:
    """The rejected request of a client that expects ``100 Continue``."""
    head = _raw(number, "PUT", NOT_THERE, BODY, JSON, "Expect: 100-continue").partition(BODY)[0]
    return Asked(number, "refusal, Expect", head, 410, "request_refused")


def odd(number: int) -> Asked:
    """A request in an unusual spelling."""
    targets = (
        ("/rest//api/2/./user/password", 410),
        ("/jira/rest/api/latest/issue/../user/passwor%64;v=1", 410),
        ("/rest/api/2/user%2Fpassword", 400),
        ("/rest/api/2/user%252Fpassword/", 400),
        ("/rest/api/2/x/..;/user/password", 400),
    )
    target, status = targets[number % len(targets)]
    return Asked(number, "odd target", _raw(number, "PUT", target, BODY, JSON), status, "request_refused")


def unreadable(number: int) -> Asked:
    """A request whose body must be read and cannot be."""
    raw = _raw(number, "POST", "/rest/api/2/user", BODY[:-1], JSON)
    return Asked(number, "unreadable", raw, 400, "request_refused")


@cache
def _hostile() -> tuple[tuple[int, bytes, str, str], ...]:
    """Status, body, content type and content coding of bodies that are cheap to send and costly to read."""
    bombs = [
        (413, CODINGS[coding](BODIES[name].plain()), BODIES[name].content_type, coding)
        for name, coding in (("nested", "br"), ("latin1-names", "zstd"), ("escaped-names", "gzip"), ("form", "br"))
    ]
    short = [
        (400, BODIES[name].plain(size), BODIES[name].content_type, "identity")
        for name, size in (("nested", 20_000), ("deep-members", 20_000), ("latin1-run", 200_000))
    ]
    return *bombs, *short


def hostile(number: int) -> Asked:
    """A request that should keep others waiting."""
    status, body, content_type, coding = _hostile()[number % len(_hostile())]
    fields = (f"Content-Type: {content_type}", f"Content-Encoding: {coding}")
    raw = _raw(number, "POST", "/rest/api/2/user", body, *fields)
    return Asked(number, "hostile", raw, status, "request_refused")


def replaced(number: int) -> Asked:
    """A request that another one replaces."""
    target = "/rest/api/2/user?username=fred"
    check = _equal("PUT", target, b'{"active": false}')
    return Asked(number, "replaced", _raw(number, "DELETE", target), 204, "request_replaced", check)


def upload(number: int) -> Asked:
    """A streamed request."""
    target = "/rest/api/2/issue/ABC-1/attachments"

    def content() -> bytes:
        return number.to_bytes(4) * 50_000

    raw = _raw(number, "POST", target, content())
    return Asked(number, "upload", raw, 200, forwarded=lambda *got: got == ("POST", target, content()))


def slow(number: int) -> Asked:
    """A request with a slow upstream."""
    return _stripped(number, "upstream slow", BODY, JSON, fault="slow")


def closed(number: int) -> Asked:
    """The upstream closes the connection instead of answering."""
    return _stripped(number, "upstream closes", BODY, JSON, fault="close", status=502)


def reset(number: int) -> Asked:
    """The upstream resets the connection in the middle of an answer that is held."""
    return _stripped(number, "upstream resets", BODY, JSON, fault="reset", status=502)


def leaves_waiting(number: int) -> Asked:
    """A client that leaves while the upstream waits."""
    made = _stripped(number, "client leaves", BODY, JSON, fault="slow")
    return Asked(number, made.kind, made.raw, 0, made.event, made.forwarded, "slow", len(made.raw))


def leaves_asking(number: int) -> Asked:
    """The client goes in the middle of a body that a rule must read; nothing of it may go on."""
    raw = stripped(number).raw
    return Asked(number, "client leaves early", raw, 0, "rule_matched", None, leaves=len(raw) - 5)


def over_http2(number: int) -> Asked:
    """The requests over HTTP/2."""
    made = (passes, stripped, refused)[number % 3](number)
    head, _, body = made.raw.partition(b"\r\n\r\n")
    method, path = head.decode().split(" ")[:2]
    sent = (method, path, body)
    return Asked(number, "HTTP/2", made.raw, made.status, made.event, made.forwarded, over_http2=sent)


MIXTURE: dict[Callable[[int], Asked], int] = {
    passes: 29,
    near_miss: 4,
    unchanged: 6,
    stripped: 14,
    stripped_gzip: 4,
    stripped_form: 3,
    stripped_chunks: 4,
    refused: 10,
    refused_upload: 1,
    refused_early: 2,
    odd: 6,
    unreadable: 3,
    hostile: 1,
    replaced: 4,
    upload: 1,
    slow: 1,
    closed: 1,
    reset: 1,
    leaves_waiting: 1,
    leaves_asking: 1,
    over_http2: 3,
}
"""Of a hundred requests, how many are of each kind."""
