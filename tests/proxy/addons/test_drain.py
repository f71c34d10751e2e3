"""What is in flight when ``serve`` is told to end."""

import signal
import socket
import threading

import pytest

from fail_closed.upstream import OK, Upstream
from live import exchange, live_proxy, request, status, wait_until


@pytest.fixture
def upstream():
    with Upstream() as listening:
        yield listening


@pytest.fixture
def proxy(tmp_path, upstream):
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=upstream.url) as live:
        yield live


def in_flight(proxy, upstream, release):
    """A request that the upstream has and does not answer before it is released."""
    answers = []

    def script(call):
        call.request()
        release.wait(20)
        call.send(OK)

    upstream.script = script
    wanted = request("POST", "/rest/api/2/user", '{"password": "hunter2"}')
    client = threading.Thread(target=lambda: answers.append(exchange(proxy.port, wanted)))
    client.start()
    wait_until(lambda: upstream.requests, "the request at the upstream")
    return client, answers


def is_refused(port):
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return True
    return False


def test_it_is_finished_and_written_down_and_nothing_new_is_taken(proxy, upstream):
    release = threading.Event()
    client, answers = in_flight(proxy, upstream, release)
    proxy.process.send_signal(signal.SIGTERM)
    wait_until(lambda: is_refused(proxy.port), "the port to be closed")
    assert proxy.process.poll() is None
    release.set()
    client.join(20)
    assert [status(answer) for answer in answers] == [200]
    assert proxy.process.wait(20) == 0
    assert proxy.event()["event"] == "fields_removed"


def test_a_second_signal_ends_at_once(proxy, upstream):
    release = threading.Event()
    client, _ = in_flight(proxy, upstream, release)
    proxy.process.send_signal(signal.SIGTERM)
    wait_until(lambda: is_refused(proxy.port), "the port to be closed")
    proxy.process.send_signal(signal.SIGTERM)
    assert proxy.process.wait(10) == 0
    release.set()
    client.join(20)


def test_what_takes_too_long_is_cut_off_and_written_down(tmp_path, upstream):
    options = {"drain_timeout": "300ms", "confdir": tmp_path}
    release = threading.Event()
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=upstream.url, options=options) as proxy:
        client, answers = in_flight(proxy, upstream, release)
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.process.wait(10) == 0
        client.join(20)
        assert answers == [b""]
        assert "http.response.status_code" not in proxy.event()
        release.set()


def test_mitmdump_cuts_off_what_is_in_flight(tmp_path, upstream):
    release = threading.Event()
    with live_proxy("mitmdump", tmp_path / "events.jsonl", upstream=upstream.url) as proxy:
        client, answers = in_flight(proxy, upstream, release)
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.process.wait(10) == 0
        client.join(20)
        assert answers == [b""]
        release.set()


def test_connections_that_do_nothing_do_not_keep_it(proxy):
    with socket.create_connection(("127.0.0.1", proxy.port)):
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.process.wait(10) == 0
