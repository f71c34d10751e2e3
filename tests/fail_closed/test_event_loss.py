"""Events that cannot be written: requests are judged and answered all the same, and the loss is counted and said."""

import http.client
import json
import os
import re
import subprocess
import sys
import threading
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from fail_closed.client import ask
from live import PATIENCE, ROOT, live_proxy, request, wait_until

CREATION = request("POST", "/rest/api/2/user", '{"password": "hunter2-7f3a"}', "Content-Type: application/json")
REFUSED = request("PUT", "/rest/api/2/user/password", "{}")
MANY = 300
"""More events than a pipe holds."""
_ADMIN = re.compile(r"health and metrics on http://127\.0\.0\.1:(\d+)")
KINDS = ["serve", "mitmdump"]

full_disk = pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full here")


@contextmanager
def proxied(kind, events, confdir, upstream):
    options = {"confdir": confdir} | ({"admin": "127.0.0.1:0"} if kind == "serve" else {})
    with live_proxy(kind, events, upstream=upstream.url, options=options) as live:
        yield live
    assert live.text().count("events are being lost") <= 1
    assert "hunter2-7f3a" not in live.text()


def works(live, upstream, times=1):
    """Requests are judged, and go on or do not."""
    before = len(upstream.requests)
    for _ in range(times):
        assert ask(live.port, REFUSED).status == 410
        assert ask(live.port, CREATION).status == 200
    assert len(upstream.requests) == before + times
    assert b"hunter2-7f3a" not in upstream.received


def lost(kind, said):
    """``jira_compat_events_lost``; mitmdump has no metrics."""
    found = _ADMIN.search(said)
    assert (found is not None) == (kind == "serve")
    if found is None:
        return None
    with closing(http.client.HTTPConnection("127.0.0.1", int(found[1]), timeout=PATIENCE)) as client:
        client.request("GET", "/metrics")
        [count] = re.findall(
            r"^jira_compat_events_lost_total (\S+)$", client.getresponse().read().decode(), re.MULTILINE
        )
        return int(float(count))


def check_lost(kind, live, number, said):
    wait_until(lambda: said in live.text(), "the loss to be said")
    if kind == "serve":
        wait_until(lambda: lost(kind, live.text()) == number, f"{number} lost events")


def read_lines(shown, number):
    return [json.loads(shown.readline()) for _ in range(number)]


@full_disk
@pytest.mark.parametrize("kind", KINDS)
def test_a_full_disk(kind, confdir, upstream):
    with proxied(kind, Path("/dev/full"), confdir, upstream) as live:
        works(live, upstream, times=3)
        check_lost(kind, live, 7, "/dev/full: events are being lost (no space left on device); free the disk")


@pytest.mark.parametrize("kind", KINDS)
def test_a_folder_that_vanished(kind, tmp_path, confdir, upstream):
    folder = tmp_path / "logs"
    folder.mkdir()
    with proxied(kind, folder / "events.jsonl", confdir, upstream) as live:
        works(live, upstream)
        folder.rename(tmp_path / "gone")
        works(live, upstream, times=2)
        check_lost(kind, live, 4, "events are being lost (no such file or directory); free the disk or fix the path")
        folder.mkdir()
        works(live, upstream)
        assert len(live.events()) == 2
    assert len((tmp_path / "gone" / "events.jsonl").read_text().splitlines()) == 3


@pytest.mark.parametrize("kind", KINDS)
def test_a_pipe_whose_reader_is_slow_and_then_goes(kind, tmp_path, confdir, upstream):
    path = tmp_path / "events"
    os.mkfifo(path)
    with (
        open(os.open(path, os.O_RDONLY | os.O_NONBLOCK), "rb") as shown,  # noqa: PTH123 - nobody must wait for it
        proxied(kind, path, confdir, upstream) as live,
    ):
        for _ in range(MANY):
            assert ask(live.port, REFUSED).status == 410
        os.set_blocking(shown.fileno(), True)
        loaded, *refused = read_lines(shown, MANY + 1)
        assert loaded["event"] == "policies_loaded"
        assert len({event["request_id"] for event in refused}) == MANY
        works(live, upstream)
        assert [event["event"] for event in read_lines(shown, 2)] == ["request_refused", "fields_removed"]
        assert "being lost" not in live.text()
        shown.close()
        works(live, upstream, times=2)
        check_lost(kind, live, 4, "events are being lost (broken pipe); start its reader again")


@contextmanager
def to_standard_output(confdir, upstream):
    """``serve --events -``, what it says on standard error, and the pipe that its standard output is."""
    command = [sys.executable, "-m", "jira_compat", "serve", "--upstream", upstream.url, "--listen", "127.0.0.1:0"]
    command += ["--events", "-", "--admin", "127.0.0.1:0", "--confdir", str(confdir)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        said: list[str] = []
        reader = threading.Thread(target=lambda: said.extend(process.stderr or ()), daemon=True)
        reader.start()
        try:
            wait_until(lambda: "listening on" in "".join(said), "the proxy to listen")
            yield process, said
        finally:
            process.terminate()
            process.wait(PATIENCE)
            reader.join(PATIENCE)


def port_of(said):
    found = re.search(r"listening on http://127\.0\.0\.1:(\d+)", "".join(said))
    assert found is not None
    return int(found[1])


def test_standard_output_that_is_closed(confdir, upstream):
    with to_standard_output(confdir, upstream) as (process, said):
        assert json.loads(process.stdout.readline())["event"] == "policies_loaded"
        process.stdout.close()
        for _ in range(2):
            assert ask(port_of(said), REFUSED).status == 410
        wait_until(lambda: lost("serve", "".join(said)) == 2, "two lost events")
    assert process.returncode == 0
    assert [line for line in said if "lost" in line] == [
        "jira-compat: -: events are being lost (broken pipe); start its reader again\n"
    ]
    assert "Exception" not in "".join(said)


def test_standard_output_that_nobody_reads_does_not_keep_the_proxy_from_its_end(confdir, upstream):
    with to_standard_output(confdir, upstream) as (process, said):
        for _ in range(MANY):
            assert ask(port_of(said), REFUSED).status == 410
        assert lost("serve", "".join(said)) == 0
        process.terminate()
        assert process.wait(PATIENCE) == 0
        wait_until(lambda: "events are being lost" in "".join(said), "the loss to be said")
        written = [line for line in process.stdout.read().splitlines() if line.endswith("}")]
    assert 0 < len(written) < MANY
