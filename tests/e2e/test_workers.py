"""Several workers as one proxy: one address, one set of policies, one stream of events, and none is missed."""

import fcntl
import http.client
import json
import os
import re
import signal
import socket
import ssl
import subprocess
import sys
import termios
import threading
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest

from build import policy_text
from e2e.processes import children, listens, runs
from e2e.several import connected, get, hangs_up, one_for_each, ready, samples, served
from fail_closed.upstream import OK, Upstream, answers
from live import PATIENCE, exchange, request, status, wait_until

pytestmark = pytest.mark.skipif(not Path("/proc/net/tcp").exists(), reason="looks at processes as Linux shows them")

REFUSED = request("PUT", "/rest/api/2/user/password", "{}")
CREATED = request("POST", "/rest/api/2/user", '{"password": "hunter2"}')


@pytest.fixture
def upstream():
    with Upstream() as listening:
        listening.script = answers()
        yield listening


@pytest.fixture
def two(tmp_path, upstream):
    with served(tmp_path, upstream) as both:
        yield both


def test_a_killed_worker_takes_with_it_what_it_had_accepted_and_nothing_else(two, upstream):
    proxy, admin = two
    release = threading.Event()

    def script(call):
        while call.request():
            release.wait(PATIENCE)
            call.send(OK)

    upstream.script = script
    with ExitStack() as stack:
        (doomed, cut), (_, kept) = one_for_each(proxy, stack).items()
        for client in (*cut, *kept):
            client.sendall(CREATED)
        wait_until(lambda: len(upstream.requests) == len(cut) + len(kept), "all to be under way")
        before = samples(admin)
        os.kill(doomed, signal.SIGKILL)
        assert [hangs_up(client) for client in cut] == [True] * len(cut)
        release.set()
        assert [status(client.recv(65536)) for client in kept] == [200] * len(kept)
    line = f"worker 1 (process {doomed}) has ended (SIGKILL); another takes its place\n"
    wait_until(lambda: line in proxy.text() or line.replace("worker 1", "worker 2") in proxy.text(), "the line")
    wait_until(lambda: samples(admin)["jira_compat_workers",] == 2, "another worker")
    assert doomed not in children(proxy.process.pid)
    assert status(exchange(proxy.port, REFUSED)) == 410
    wait_until(lambda: len(proxy.events()) == len(kept) + 1, "the events of all that was answered")
    after = samples(admin)
    assert before["jira_compat_requests_total",] == len(cut) + len(kept)
    assert after["jira_compat_requests_total",] == len(cut) + len(kept) + 1
    assert after["process_cpu_seconds_total",] >= before["process_cpu_seconds_total",]
    assert after["jira_compat_workers_replaced_total",] == 1
    assert after["jira_compat_requests_in_flight",] == 0
    assert ready(admin)[0] == 200


def test_connections_that_wait_outlive_a_worker(two):
    proxy, _ = two
    one, other = children(proxy.process.pid)
    for pid in (one, other):
        os.kill(pid, signal.SIGSTOP)
    with ExitStack() as stack:
        waiting = [stack.enter_context(connected(proxy.port)) for _ in range(20)]
        for client in waiting:
            client.sendall(REFUSED)
        os.kill(one, signal.SIGKILL)
        wait_until(lambda: not runs(one), "its end")
        os.kill(other, signal.SIGCONT)
        assert [status(client.recv(65536)) for client in waiting] == [410] * 20


def test_a_worker_that_is_told_to_end_finishes_first(two, upstream):
    proxy, admin = two
    release = threading.Event()

    def script(call):
        while call.request():
            release.wait(PATIENCE)
            call.send(OK)

    upstream.script = script
    with ExitStack() as stack:
        (told, (client, *_)), _ = one_for_each(proxy, stack).items()
        client.sendall(CREATED)
        wait_until(lambda: upstream.requests, "it to be under way")
        os.kill(told, signal.SIGTERM)
        os.kill(told, signal.SIGTERM)
        wait_until(lambda: told not in _listening(proxy), "it to listen no more")
        assert ready(admin)[0] == 200
        release.set()
        assert status(client.recv(65536)) == 200
    wait_until(
        lambda: f"(process {told}) has ended (exit status 0); another takes its place" in proxy.text(), "the line"
    )
    wait_until(lambda: samples(admin)["jira_compat_workers",] == 2, "another worker")


def _listening(proxy):
    return [pid for pid in children(proxy.process.pid) if listens(pid, proxy.port)]


def test_events_of_all_are_whole_lines_in_one_file(tmp_path, upstream):
    with served(tmp_path, upstream, 3, identity="hashed") as (proxy, admin):
        load(proxy)
        wait_until(lambda: len(proxy.events()) >= MANY * LOADERS, "the events")
        check(proxy.events())
        assert samples(admin)["jira_compat_requests_total",] == MANY * LOADERS


def test_events_of_all_are_whole_lines_on_a_pipe(tmp_path, upstream):
    command = [sys.executable, "-m", "jira_compat", "serve", "--upstream", upstream.url, "--listen", "127.0.0.1:0"]
    command += ["--workers", "3", "--identity", "hashed", "--events", "-", "--confdir", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        output: list[bytes] = []
        pipe: Any = process.stdout
        reader = threading.Thread(target=lambda: output.extend(iter(lambda: pipe.read1(5000), b"")))
        try:
            proxy = Piped(process)
            asking = threading.Thread(target=load, args=(proxy,))
            asking.start()
            wait_until(lambda: _is_full(pipe), "the pipe to be full")
            reader.start()
            asking.join(4 * PATIENCE)
            process.terminate()
            reader.join(PATIENCE)
            assert process.wait(PATIENCE) == 0
        finally:
            process.kill()
    lines = b"".join(output).splitlines()
    check([event for event in map(json.loads, lines) if not event["event"].startswith("policies_")])


MANY, LOADERS = 20, 8
LONG = "x" * 20_000


class Piped:
    def __init__(self, process):
        self.process = process
        found = next(filter(None, (re.search(rb":(\d+), upstream", line) for line in process.stderr)))
        self.port = int(found[1])


def _is_full(pipe):
    """Whether two events are in a pipe, so that the next does not fit as a whole."""
    return int.from_bytes(fcntl.ioctl(pipe, termios.FIONREAD, b"\0" * 4), sys.byteorder) > 40_000


def load(proxy):
    """Requests over some connections, those of each in order, each with an event that no pipe takes at once."""
    errors = []

    def ask(name):
        try:
            with closing(http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=PATIENCE)) as client:
                for number in range(MANY):
                    headers = {"Authorization": "Basic ZnJlZDp0dWxpcA==", "X-Request-Id": f"client-{name}-{number}"}
                    client.request("PUT", f"/{LONG}/rest/api/2/user/password", "{}", headers)
                    answer = client.getresponse()
                    assert (answer.status, len(answer.read()) > 0) == (410, True)
        except Exception as error:  # noqa: BLE001 - told by the test
            errors.append(error)

    threads = [threading.Thread(target=ask, args=(name,)) for name in range(LOADERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(3 * PATIENCE)
    assert errors == []


def check(events):
    assert {len(event["url.path"]) > len(LONG) for event in events} == {True}
    asked = [event["request_id"] for event in events]
    assert sorted(asked) == sorted(f"client-{name}-{number}" for name in range(LOADERS) for number in range(MANY))
    assert len({event["user.name"] for event in events}) == 1, "they hash users under one key"


def test_two_do_not_share_an_address(two, tmp_path, upstream):
    proxy, _ = two
    for number in (1, 2):
        command = [sys.executable, "-m", "jira_compat", "serve", "--upstream", upstream.url, "--workers", str(number)]
        command += ["--listen", f"127.0.0.1:{proxy.port}", "--confdir", str(tmp_path / "confdir")]
        ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, check=False)
        assert (ended.returncode, ended.stdout) == (1, "")
        line = (
            f"--listen: 127.0.0.1:{proxy.port} cannot be listened on (address already in use); choose another address"
        )
        assert ended.stderr == f"jira-compat: {line}\n"
    assert status(exchange(proxy.port, REFUSED)) == 410


@pytest.mark.parametrize(
    ("options", "line"),
    [
        (
            ["--upstream", "http://127.0.0.1:9", "--policies", "none"],
            "none: cannot be read (no such file or directory)",
        ),
        (["--upstream", "http://127.0 0.1:9"], "Invalid proxy mode specification: reverse:http://127.0 0.1:9"),
        (
            ["--upstream", "http://127.0.0.1:9", "--events", "none/events.jsonl"],
            "--events: none/events.jsonl cannot be",
        ),
        (["--upstream", "http://127.0.0.1:9", "--refuse-status", "200"], "--refuse-status: "),
    ],
)
def test_what_cannot_be_served_is_said_once(options, line, tmp_path):
    command = [sys.executable, "-m", "jira_compat", "serve", "--listen", "127.0.0.1:0", "--workers", "3", *options]
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False)
    assert ended.returncode == 1
    assert line in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def policy(name):
    return policy_text(f"id: {name}\nendpoint: GET /rest/api/2/user\nchange: unchanged\nwhy: Why.")


def test_ready_is_who_has_the_new_policies_in_all_workers(tmp_path, upstream):
    file = tmp_path / "policies" / "one.yaml"
    file.parent.mkdir()
    file.write_text(policy("blue"))
    with served(tmp_path, upstream, policies=file.parent) as (proxy, admin):
        (code, blue), (one, other) = ready(admin), children(proxy.process.pid)
        assert (code, blue["rules"]) == (200, 1)
        os.kill(one, signal.SIGSTOP)
        file.write_text(policy("green"))
        proxy.process.send_signal(signal.SIGHUP)
        wait_until(lambda: ready(admin) == (503, {"ready": False, "reason": "workers_disagree"}), "them to disagree")
        os.kill(one, signal.SIGCONT)
        green = wait_until(lambda: (now := ready(admin))[0] == 200 and now[1], "them to agree")
        assert green["policies"] != blue["policies"]
        for _ in range(8):
            exchange(proxy.port, request("GET", "/rest/api/2/user"))
        wait_until(lambda: len(proxy.events()) == 8, "the events")
        assert {event["rule"] for event in proxy.events()} == {"green"}

        file.write_text(policy("green").replace("unchanged", "unchangde"))
        proxy.process.send_signal(signal.SIGHUP)
        wait_until(lambda: samples(admin)["jira_compat_reloads_total", "rejected"] == 1, "the rejection")
        os.kill(other, signal.SIGKILL)
        wait_until(lambda: samples(admin)["jira_compat_workers_replaced_total",] == 1, "its end")
        wait_until(lambda: samples(admin)["jira_compat_workers",] == 2, "another, by the policies that are in force")
        assert ready(admin) == (200, green)
        assert samples(admin)["jira_compat_policies_current",] == 0
    told = [event["event"] for event in proxy.all_events() if event["event"].startswith("policies_")]
    assert told == ["policies_loaded", "policies_loaded", "policies_rejected"]


def test_a_worker_that_dies_again_and_again_is_replaced_ever_more_slowly(two):
    proxy, admin = two
    survivor, doomed = children(proxy.process.pid)
    for number in range(1, 3):
        os.kill(doomed, signal.SIGKILL)
        wait_until(lambda: samples(admin)["jira_compat_workers_replaced_total",] == number, "its end")  # noqa: B023
        wait_until(lambda: samples(admin)["jira_compat_workers",] == 2, "another")
        (doomed,) = {*children(proxy.process.pid)} - {survivor}
    ends = re.findall(r"has ended \(SIGKILL\); another takes its place(.*)\n", proxy.text())
    assert ends == ["", " in 1 s"]


def test_all_drain_at_the_first_signal_and_end_at_the_second(two, upstream):
    proxy, admin = two
    release = threading.Event()

    def script(call):
        while call.request():
            release.wait(PATIENCE)
            call.send(OK)

    upstream.script = script
    with ExitStack() as stack:
        (first, *_), (second, *_) = one_for_each(proxy, stack).values()
        pids = children(proxy.process.pid)
        first.sendall(CREATED)
        second.sendall(CREATED)
        wait_until(lambda: len(upstream.requests) == 2, "both to be under way")
        for pid in (proxy.process.pid, *pids):  # as a service manager does
            os.kill(pid, signal.SIGTERM)
        wait_until(lambda: ready(admin) == (503, {"ready": False, "reason": "draining"}), "it to drain")
        wait_until(lambda: not _listening(proxy), "nobody to listen")
        with pytest.raises(ConnectionRefusedError):
            connected(proxy.port)
        release.set()
        assert [status(client.recv(65536)) for client in (first, second)] == [200, 200]
        assert proxy.process.wait(PATIENCE) == 0
    assert [event["event"] for event in proxy.events()] == ["fields_removed"] * 2
    assert [pid for pid in pids if runs(pid)] == []


def test_the_second_signal_waits_for_nothing(two, upstream):
    proxy, _ = two
    release = threading.Event()
    upstream.script = lambda call: call.request() and release.wait(PATIENCE)
    with ExitStack() as stack:
        (client, *_), _ = one_for_each(proxy, stack).values()
        pids = children(proxy.process.pid)
        client.sendall(CREATED)
        wait_until(lambda: upstream.requests, "it to be under way")
        proxy.process.send_signal(signal.SIGTERM)
        wait_until(lambda: not _listening(proxy), "nobody to listen")
        assert proxy.process.poll() is None
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.process.wait(10) == 0
        release.set()
    assert [pid for pid in pids if runs(pid)] == []


def test_workers_that_do_not_drain_are_killed(tmp_path, upstream):
    with served(tmp_path, upstream, drain_timeout="0s") as (proxy, _):
        (stopped, _) = pids = children(proxy.process.pid)
        os.kill(stopped, signal.SIGSTOP)
        proxy.process.send_signal(signal.SIGTERM)
        assert proxy.process.wait(PATIENCE) == 0
        assert f"(process {stopped}) has not ended in time, and is killed" in proxy.text()
        assert [pid for pid in pids if runs(pid)] == []


def test_when_the_parent_is_killed_all_end_and_the_address_is_free(two):
    proxy, _ = two
    pids = children(proxy.process.pid)
    proxy.process.kill()
    proxy.process.wait(PATIENCE)
    wait_until(lambda: not any(runs(pid) for pid in pids), "the workers to end")
    socket.create_server(("127.0.0.1", proxy.port)).close()


def test_there_is_one_authority_from_the_first_start_on(two, tmp_path):
    proxy, _ = two
    trust = ssl.create_default_context(cafile=tmp_path / "confdir" / "mitmproxy-ca-cert.pem")
    with ExitStack() as stack:
        for sockets in one_for_each(proxy, stack).values():
            with trust.wrap_socket(sockets[0], server_hostname="localhost") as client:
                assert client.version() == "TLSv1.3"


def test_a_forward_proxys_workers_are_no_way_to_the_pages(tmp_path):
    with served(tmp_path, None) as (proxy, admin):
        for _ in range(8):
            asked = request("GET", f"http://127.0.0.1:{admin}/metrics", host=f"127.0.0.1:{admin}")
            assert status(exchange(proxy.port, asked)) == 502
        assert get(admin, "/healthz")[0] == 200
