"""Whether what was forwarded is what should have been."""

from collections.abc import Iterator

from bypass import readers
from bypass.wire import Message

_A_PROXYS_OWN = {
    b"host", b"connection", b"keep-alive", b"proxy-connection", b"te", b"trailer", b"transfer-encoding", b"upgrade",
    b"http2-settings", b"expect", b"content-length",
}  # fmt: skip
"""Fields that a proxy may or must change (RFC 9110, section 7.6.1); the body is compared instead of its length."""


def differences(expected: dict[str, object], sent: Message, got: Message, *, strict: bool) -> Iterator[str]:
    """In what a forwarded request is not what it should be.

    Args:
        expected: What may be in it instead of what was sent.
        sent: The client's request.
        got: The upstream's.
        strict: Whether order, letter case and spelling count.
    """
    method = str(expected.get("method", sent.method.decode("latin-1"))).encode("latin-1")
    if got.method != method:
        yield f"the method is {got.method!r}, not {method!r}"
    target = str(expected.get("target", sent.target.decode("latin-1"))).encode("latin-1")
    if got.target != target and (strict or not expected or not _same_target(target, sent.target, got.target)):
        yield f"the target is {got.target!r}, not {target!r}"
    hops = _A_PROXYS_OWN | {name.strip().lower() for name in sent.field("connection").split(b",")}
    yield from _field_differences(sent, got, hops, strict=strict)
    yield from _hop_differences(got, hops - _A_PROXYS_OWN)
    try:
        if not _same_body(expected, sent, got, strict=strict):
            yield f"the body is {got.body[:200]!r}"
    except Exception as error:  # noqa: BLE001 - readers raise what they like about what is not theirs
        yield f"the body cannot be read ({type(error).__name__}): {got.body[:200]!r}"
    if got.trailers:
        yield f"trailers: {got.trailers!r}"


def _same_target(wanted: bytes, sent: bytes, got: bytes) -> bool:
    """Whether a target has the wanted query, behind the path as it came or as wanted."""
    path, _, query = got.partition(b"?")
    return path in {wanted.partition(b"?")[0], sent.partition(b"?")[0]} and query == wanted.partition(b"?")[2]


def _field_differences(sent: Message, got: Message, hops: set[bytes], *, strict: bool) -> Iterator[str]:
    before = [(name, value) for name, value in sent.fields if name.lower() not in hops]
    after = [(name, value) for name, value in got.fields if name.lower() not in hops]
    if strict and before != after:
        yield f"the header fields are {after}, not {before}"
    elif not strict:
        there = [(name.lower(), value) for name, value in after]
        coding = b"content-encoding"  # a body that comes decoded is as good
        missing = [(n, v) for n, v in before if (n.lower(), v) not in there and n.lower() != coding]
        if missing:
            yield f"header fields are missing: {missing}"


def _hop_differences(got: Message, named: set[bytes]) -> Iterator[str]:
    """What no upstream may get from a proxy that judges requests: what was for one hop, and another's host."""
    yield from (f"a field for one hop went on: {name!r}" for name, _ in got.fields if name.lower() in named)
    hosts = [value for name, value in got.fields if name.lower() == b"host"]
    if len(hosts) > 1 or any(set(host) & set(b"/\\?#@ ") for host in hosts):
        yield f"the upstream got the hosts {hosts}"
    if b"h2c" in got.field("upgrade").lower():
        yield "the upstream was asked for HTTP/2, whose requests nobody would judge"


def _same_body(expected: dict[str, object], sent: Message, got: Message, *, strict: bool) -> bool:
    if "parts" in expected:
        return [list(part) for part in readers.read_parts(got)] == expected["parts"]
    if "form" in expected:
        return readers.read_form(str(expected["form"])) == readers.read_form(readers.text(got))
    if "json" in expected and strict:
        return bool(readers.read_json(str(expected["json"])) == readers.read_json(readers.text(got)))
    wanted = expected.get("json") or expected.get("text")
    if wanted is None and (got.body == sent.body or (not strict and readers.content(got) == readers.content(sent))):
        return True
    if strict or not expected or readers.text(got) == wanted:
        return wanted is not None and readers.text(got) == wanted
    return _same_values(readers.text(sent) if wanted is None else str(wanted), readers.text(got))


def _same_values(wanted: str, got: str) -> bool:
    """Whether two texts say the same, as JSON or as forms."""
    if wanted.lstrip().startswith("{"):
        return bool(readers.loosely(readers.read_json(wanted)) == readers.loosely(readers.read_json(got)))
    return readers.read_form(wanted) == readers.read_form(got)
