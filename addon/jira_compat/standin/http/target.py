"""The resource that a request target means, read as Tomcat reads it in front of Jira.

In this order: the query goes, ``;parameters`` go from each segment, percent-encoding is decoded once, empty and dot
segments are resolved. An encoded slash or a backslash is refused. So whoever writes a path in an odd way reaches here
what they would reach there.
"""

from collections.abc import Sequence
from urllib.parse import unquote_to_bytes

from jira_compat.standin.http.messages import Refusal


def segments(target: bytes) -> tuple[str, ...]:
    """Segments of the path, decoded; a slash at the end makes no difference.

    Args:
        target: Origin-form or absolute-form (RFC 9112, section 3.2).

    Raises:
        Refusal: 400 for what Tomcat does not accept.
    """
    path = target.partition(b"?")[0]
    if not path.startswith(b"/"):
        path = b"/" + path.partition(b"://")[2].partition(b"/")[2]
    clear: list[str] = []
    for raw in path.split(b"/")[1:]:
        segment = unquote_to_bytes(raw.partition(b";")[0])
        if set(segment) & set(b"/\\\0"):
            raise Refusal(400, "The path holds an encoded slash, a backslash or a null.")
        if segment == b"..":
            if not clear:
                raise Refusal(400, "The path leads above its root.")
            clear.pop()
        elif segment not in (b"", b"."):
            clear.append(segment.decode(errors="replace"))
    return tuple(clear)


def query(target: bytes) -> Sequence[tuple[str, str]]:
    """Parameters of the query, decoded, in their order."""
    pairs = (pair.partition(b"=") for pair in target.partition(b"?")[2].split(b"&") if pair)
    return [(decoded(name), decoded(value)) for name, _, value in pairs]


def decoded(raw: bytes) -> str:
    """A name or a value as a form means it; ``parse_qsl`` takes none but ASCII octets before Python 3.13."""
    return unquote_to_bytes(raw.replace(b"+", b" ")).decode(errors="replace")
