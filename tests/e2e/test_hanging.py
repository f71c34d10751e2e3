"""A worker that hangs without ending: the others serve on, and another takes its place; a stopped parent is no hang."""

import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import brotli  # type: ignore[import-untyped]
import pytest

from e2e.processes import children, runs
from e2e.several import hangs_up, one_for_each, ready, samples, served
from fail_closed.upstream import Upstream, answers
from live import exchange, request, status, wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="looks at processes as Linux shows them")

REFUSED = request("PUT", "/rest/api/2/user/password", "{}")
KEPT = b"PUT /rest/api/2/user/password HTTP/1.1\r\nHost: proxy\r\nContent-Length: 2\r\n\r\n{}"
COSTLY = b"POST /rest/api/2/user HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Length: %d\r\n%b\r\n%b"
BOUND = 6.0
"""Seconds; a tenth of what it is."""
QUICK = (
    "-c",
    (
        "from jira_compat.cli.main import main; from jira_compat.proxy.workers import heartbeat; "
        "heartbeat.BEAT = 0.1; main()"
    ),
)


@pytest.fixture
def two(tmp_path):
    with Upstream() as upstream:
        upstream.script = answers()
        with served(tmp_path, upstream, program=QUICK) as both:
            yield both


def test_a_worker_that_hangs_is_replaced_and_the_others_serve_on(two):
    proxy, admin = two
    with ExitStack() as stack:
        (hung, cut), (other, kept) = one_for_each(proxy, stack).items()
        before = time.monotonic()
        os.kill(hung, signal.SIGSTOP)
        for _ in range(10):
            assert status(exchange(proxy.port, REFUSED)) == 410
        assert ready(admin)[0] == 200
        assert samples(admin)["jira_compat_requests_total",] == 10
        said = f"(process {hung}) has not answered for 6 s, and is killed\n"
        wait_until(lambda: said in proxy.text(), "it to be found")
        assert time.monotonic() - before > 0.9 * BOUND
        assert [hangs_up(client) for client in cut] == [True] * len(cut)
        wait_until(
            lambda: f"(process {hung}) has ended (SIGKILL); another takes its place\n" in proxy.text(), "its end"
        )
        wait_until(lambda: samples(admin)["jira_compat_workers",] == 2, "another")
        kept[0].sendall(KEPT)
        assert status(kept[0].recv(65536)) == 410
    assert not runs(hung)
    assert other in children(proxy.process.pid)
    assert samples(admin)["jira_compat_workers_replaced_total",] == 1
    assert proxy.text().count("has not answered") == 1


def test_workers_that_are_busy_do_not_hang(two):
    proxy, admin = two
    pids = children(proxy.process.pid)
    bodies = [b'{"name":[' + b"1," * 4_900_000 + b"1]x}", brotli.compress(b'{"name":' + b"[" * 900_000, quality=1)]
    fields = [b"", b"Content-Encoding: br\r\n"]
    costly = [COSTLY % (len(body), field, body) for field, body in zip(fields, bodies, strict=True)]
    with ThreadPoolExecutor(16) as pool:
        answered = [*pool.map(lambda raw: status(exchange(proxy.port, raw)), costly * 8)]
    assert set(answered) == {400}
    assert samples(admin)["jira_compat_workers_replaced_total",] == 0
    assert children(proxy.process.pid) == pids


def test_what_a_stopped_parent_missed_is_no_hang(two):
    """As where all are stopped, and the parent is the first to wake."""
    proxy, admin = two
    pids = children(proxy.process.pid)
    for pid in (pids[0], proxy.process.pid):
        os.kill(pid, signal.SIGSTOP)
    since = time.monotonic()
    wait_until(lambda: time.monotonic() > since + 1.2 * BOUND, "more time than a worker has")
    os.kill(proxy.process.pid, signal.SIGCONT)
    assert ready(admin)[0] == 200  # which waits some beats for the worker that is stopped
    os.kill(pids[0], signal.SIGCONT)
    assert ready(admin)[0] == 200
    assert samples(admin)["jira_compat_workers_replaced_total",] == 0
    assert children(proxy.process.pid) == pids
    assert "is killed" not in proxy.text()
