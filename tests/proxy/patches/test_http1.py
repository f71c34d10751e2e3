import pytest
from h11._receivebuffer import ReceiveBuffer
from mitmproxy import connection, options
from mitmproxy.proxy import commands, context, events
from mitmproxy.proxy.layers.http._base import ReceiveHttp

from jira_compat.proxy.patches.http1 import error_page, http1_server, make_body_reader

MAX_HEAD, HEAD_TIMEOUT = 65_536, 30.0


@pytest.fixture
def server():
    client = connection.Client(peername=("127.0.0.1", 1), sockname=("127.0.0.1", 2), timestamp_start=0.0)
    client.state = connection.ConnectionState.OPEN
    made = http1_server(MAX_HEAD, HEAD_TIMEOUT)(context.Context(client, options.Options()))
    list(made.handle_event(events.Start()))
    return made


def feed(server, data):
    return list(server.handle_event(events.DataReceived(server.conn, data)))


def sent(found):
    return b"".join(command.data for command in found if isinstance(command, commands.SendData))


def closed(found):
    return any(isinstance(command, commands.CloseConnection) for command in found)


def test_a_whole_head_is_a_request(server):
    found = feed(server, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert [type(command.event).__name__ for command in found if isinstance(command, ReceiveHttp)][:1] == [
        "RequestHeaders"
    ]
    assert not closed(found)


def test_empty_lines_before_a_request_are_ignored(server):
    found = feed(server, b"\r\n\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n")
    assert any(isinstance(command, ReceiveHttp) for command in found)


def test_a_head_beyond_the_limit_is_431(server):
    found = feed(server, b"GET / HTTP/1.1\r\nX: " + b"x" * MAX_HEAD)
    assert sent(found).startswith(b"HTTP/1.1 431 ")
    assert closed(found)


def test_a_head_that_has_begun_has_its_time(server):
    [alarm] = feed(server, b"GET / HTTP/1.1\r\n")
    assert isinstance(alarm, commands.RequestWakeup)
    assert alarm.delay == HEAD_TIMEOUT
    found = list(server.handle_event(events.Wakeup(alarm)))
    assert sent(found).startswith(b"HTTP/1.1 408 ")
    assert closed(found)


def test_the_alarm_of_a_head_that_was_complete_in_time_does_nothing(server):
    [alarm] = feed(server, b"GET / HTTP/1.1\r\n")
    feed(server, b"Host: a\r\n\r\n")
    assert list(server.handle_event(events.Wakeup(alarm))) == []


def test_what_is_no_request_is_told_in_jiras_shape_and_not_quoted():
    page = error_page(400, "Bad HTTP request line: hunter2")
    assert page.startswith(b"HTTP/1.1 400 ")
    assert b'{"errorMessages": [' in page
    assert b"hunter2" not in page


def test_trailers_are_dropped():
    reader, buffer = make_body_reader(None), ReceiveBuffer()
    buffer += b"3\r\nabc\r\n0\r\nX-Secret: hunter2\r\n\r\n"
    assert bytes(reader(buffer).data) == b"abc"
    assert list(reader(buffer).headers) == []


def test_bodies_of_known_length_are_read_as_ever():
    reader, buffer = make_body_reader(3), ReceiveBuffer()
    buffer += b"abcdef"
    assert bytes(reader(buffer).data) == b"abc"
