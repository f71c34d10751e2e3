import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.message.headers import authority, declared_length, header, onward

HOST = (b"Host", b"jira.example.com")


def fields(*lines: bytes):
    """``Name: value`` lines as header fields."""
    return (HOST, *(tuple(line.split(b": ", 1)) for line in lines))


@pytest.mark.parametrize(
    "headers",
    [
        (),
        fields(b"Accept: */*", b"Content-Length: 3"),
        fields(b"Connection: keep-alive"),
        fields(b"Connection: close"),
        fields(b"connection: keep-alive", b"Connection: close"),
        fields(b"CONNECTION: Close, Keep-Alive"),
        fields(b"Connection: Upgrade", b"Upgrade: websocket", b"Sec-WebSocket-Version: 13"),
        fields(b"Upgrade: websocket", b"Trailer: X-Sum", b"Via: 1.1 a", b"Proxy-Authenticate: Basic"),
        fields(b"X-Empty: ", b"X-Tab: a\tb", b"X-High: \xff\x01"),
        fields(b"Connection: ", b"Connection: , ,"),
    ],
)
def test_fields_that_go_on_are_the_same_object(headers):
    assert onward(headers) is headers


@pytest.mark.parametrize(
    ("headers", "kept"),
    [
        (fields(b"Keep-Alive: timeout=5"), fields()),
        (fields(b"TE: trailers", b"Connection: TE, close"), fields(b"Connection: close")),
        (fields(b"Proxy-Connection: keep-alive", b"Proxy-Authorization: Basic eA=="), fields()),
        (fields(b"Connection: keep-alive", b"Keep-Alive: close"), fields(b"Connection: keep-alive")),
        (fields(b"Connection: X-Hop", b"X-Hop: 1", b"X-HOP: 2", b"X-Other: 3"), fields(b"X-Other: 3")),
        (fields(b"Connection: close", b"Connection: x-hop , Upgrade", b"X-Hop: 1"),
         fields(b"Connection: close", b"Connection: Upgrade")),
        (fields(b"Connection: X-HTTP-Method-Override", b"X-HTTP-Method-Override: PUT"), fields()),
        (fields(b"Connection: Authorization", b"Authorization: Basic eA=="), fields()),
        (fields(b"Connection: Content-Type", b"Content-Type: text/plain"), fields()),
    ],
)  # fmt: skip
def test_fields_of_one_hop_end_here(headers, kept):
    assert onward(headers) == kept


@pytest.mark.parametrize("line", [b"Content-Length: 3", b"Transfer-Encoding: chunked"])
def test_what_a_message_needs_to_be_read_stays(line):
    name = line.split(b":")[0]
    assert onward(fields(line, b"Connection: " + name + b", Host")) == fields(line)


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        (b"a\r\n b", b"a b"),
        (b"a\rX-Evil: b", b"a X-Evil: b"),
        (b"a\nb", b"a b"),
        (b"a \0\r\n\t b\0", b"a b "),
    ],
)
def test_a_value_that_some_read_as_two_lines_is_made_one(value, kept):
    assert onward(((b"X-A", value), HOST)) == ((b"X-A", kept), HOST)


def test_a_broken_connection_field_names_what_it_names():
    assert onward(((b"Connection", b"close,\r\n X-Hop"), (b"X-Hop", b"1"))) == ((b"Connection", b"close"),)


TOKENS = st.sampled_from([b"close", b"X-A", b"x-b", b"Host", b"keep-alive", b"", b" TE ", b"connection", b"upgrade"])
NAMES = st.sampled_from([b"Host", b"X-A", b"X-B", b"TE", b"Connection", b"Keep-Alive", b"Content-Length", b"Upgrade"])
FIELD = st.one_of(
    st.tuples(NAMES, st.binary(max_size=8)),
    st.lists(TOKENS, max_size=4).map(lambda tokens: (b"Connection", b",".join(tokens))),
)


@given(st.lists(FIELD, max_size=6).map(tuple))
def test_what_goes_on_names_no_field_and_breaks_no_line(headers):
    kept = onward(headers)
    names = {name.lower() for name, _ in kept}
    options = {token.strip().lower() for name, value in kept if name == b"Connection" for token in value.split(b",")}
    assert onward(kept) == kept
    assert not options & (names - {b"upgrade", b"connection"})
    assert not any(control in value for _, value in kept for control in (b"\r", b"\n", b"\0"))
    assert [name for name, _ in kept if name == b"Host"] == [name for name, _ in headers if name == b"Host"]


@pytest.mark.parametrize(
    ("headers", "value"),
    [
        ((), None),
        (((b"X-Other", b"1"),), None),
        (((b"X-NAME", b"1"), (b"x-name", b"2")), b"1"),
        (((b"x-name", b""),), b""),
    ],
)
def test_the_first_field_of_a_name_in_any_letter_case(headers, value):
    assert header(headers, b"x-name") == value


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (None, 0),
        (b"", 0),
        (b"0", 0),
        (b"12", 12),
        (b"-12", 0),
        (b"+12", 0),
        (b"a lot", 0),
        (b"9" * 50_000, int("9" * 20)),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_a_length_is_what_is_declared(value, length):
    fields = () if value is None else ((b"Host", b"jira"), (b"Content-Length", value))

    assert declared_length(fields) == length


@pytest.mark.parametrize(
    ("host", "port", "text"),
    [
        ("jira.example.com", 443, "jira.example.com:443"),
        ("192.0.2.7", None, "192.0.2.7"),
        ("::1", 8080, "[::1]:8080"),
        ("[::1]", 8080, "[::1]:8080"),
        ("2001:db8::7", None, "[2001:db8::7]"),
    ],
)
def test_an_ipv6_address_stands_in_brackets(host, port, text):
    assert authority(host, port) == text
