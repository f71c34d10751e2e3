"""HTTP/1 messages as plain bytes, read strictly and by nothing that the proxy is made of."""

import re
from dataclasses import dataclass

_FIELD = re.compile(rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*")
_CHUNK_SIZE = re.compile(rb"([0-9A-Fa-f]{1,8})(?:[ \t]*;[^\r\n]*)?\r\n")
_CONTINUE_BELOW = 200
_WITHOUT_CONTENT = {204, 304}


class Malformed(ValueError):  # noqa: N818 (it is what the bytes are)
    """Bytes that are no message."""


@dataclass(frozen=True)
class Message:
    """A request or a response.

    Args:
        start: Its first line.
        fields: Name and value, as they came.
        body: Without chunks, still content-encoded.
        trailers: The fields after the last chunk.
    """

    start: bytes
    fields: tuple[tuple[bytes, bytes], ...]
    body: bytes
    trailers: tuple[tuple[bytes, bytes], ...] = ()

    @property
    def method(self) -> bytes:
        return self.start.split(b" ")[0]

    @property
    def target(self) -> bytes:
        return self.start.split(b" ", 1)[1].rpartition(b" ")[0]

    @property
    def status(self) -> int:
        return int(self.start.split(b" ", 2)[1])

    def field(self, name: str) -> bytes:
        """The value of a field, of several lines joined."""
        return b", ".join(value for key, value in self.fields if key.lower() == name.encode())


def read_request(data: bytes) -> tuple[Message, bytes] | None:
    """The first request, and what follows it; ``None`` if it is not whole."""
    found = _head(data)
    if found is None:
        return None
    start, fields, rest = found
    if not re.fullmatch(rb"[!-~]+ [^\r\n\0]+ HTTP/1\.[01]", start):
        raise Malformed(start)
    return _with_body(start, fields, rest, _length(fields))


def read_requests(data: bytes) -> list[Message]:
    """All requests that follow each other; what is left over must be none."""
    messages = []
    while data:
        read = read_request(data)
        if read is None:
            raise Malformed(data[:100])
        message, data = read
        messages.append(message)
    return messages


def read_answers(data: bytes, methods: list[bytes]) -> list[Message]:
    """The final answers to requests with these methods, as many as there are, until the end of the connection."""
    answers: list[Message] = []
    while data and (found := _head(data)) is not None:
        start, fields, rest = found
        message = Message(start, fields, b"")
        if message.status < _CONTINUE_BELOW:
            data = rest
            continue
        method = methods[len(answers)] if len(answers) < len(methods) else b"GET"
        read = _answer(message, rest, method)
        if read is None:
            raise Malformed(b"an answer that is not whole: " + data[:100])
        message, data = read
        answers.append(message)
    if data:
        raise Malformed(data[:100])
    return answers


def _answer(message: Message, rest: bytes, method: bytes) -> tuple[Message, bytes] | None:
    if method == b"HEAD" or message.status in _WITHOUT_CONTENT:
        return message, rest
    framed = message.field("content-length") or message.field("transfer-encoding")
    length = _length(message.fields) if framed else len(rest)
    return _with_body(message.start, message.fields, rest, length)


def _head(data: bytes) -> tuple[bytes, tuple[tuple[bytes, bytes], ...], bytes] | None:
    head, end, rest = data.partition(b"\r\n\r\n")
    if not end:
        return None
    start, *lines = head.split(b"\r\n")
    return start, _fields(lines), rest


def _fields(lines: list[bytes]) -> tuple[tuple[bytes, bytes], ...]:
    fields = []
    for line in lines:
        field = _FIELD.fullmatch(line)
        if field is None:
            raise Malformed(line)
        fields.append((field[1], field[2]))
    return tuple(fields)


def _length(fields: tuple[tuple[bytes, bytes], ...]) -> int | None:
    """The length of the body; ``None`` if it comes in chunks."""
    lengths = [value for name, value in fields if name.lower() == b"content-length"]
    codings = [value.lower() for name, value in fields if name.lower() == b"transfer-encoding"]
    if codings:
        if lengths or codings != [b"chunked"]:
            raise Malformed(b"framing")
        return None
    if len(lengths) > 1 or not all(re.fullmatch(rb"[0-9]{1,12}", length) for length in lengths):
        raise Malformed(b"framing")
    return int(lengths[0]) if lengths else 0


def _with_body(
    start: bytes, fields: tuple[tuple[bytes, bytes], ...], rest: bytes, length: int | None
) -> tuple[Message, bytes] | None:
    if length is not None:
        return (Message(start, fields, rest[:length]), rest[length:]) if len(rest) >= length else None
    body: list[bytes] = []
    at = 0
    while (line := rest.find(b"\r\n", at)) >= 0:
        size = _CHUNK_SIZE.fullmatch(rest, at, line + 2)
        if size is None:
            raise Malformed(rest[at : line + 2])
        count = int(size[1], 16)
        if count == 0:
            return _trailers(Message(start, fields, b"".join(body)), rest[line + 2 :])
        at = line + 2 + count
        if len(rest) < at + 2:
            return None
        if rest[at : at + 2] != b"\r\n":
            raise Malformed(b"chunk")
        body.append(rest[line + 2 : at])
        at += 2
    return None


def _trailers(message: Message, rest: bytes) -> tuple[Message, bytes] | None:
    if rest.startswith(b"\r\n"):
        return message, rest[2:]
    trailers, end, rest = rest.partition(b"\r\n\r\n")
    if not end:
        return None
    return Message(message.start, message.fields, message.body, _fields(trailers.split(b"\r\n"))), rest
