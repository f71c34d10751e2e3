"""The script of a real mitmdump is broken, deleted and mended while it runs; nothing passes unjudged."""

import shutil

import pytest
from mitmproxy.addonmanager import AddonManager
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import taddons, tflow

from fail_closed.client import Client, ask
from fail_closed.upstream import Upstream, silent
from jira_compat.proxy.addons.script_guard import NAME, keep_closed, take_over
from live import BIN, ROOT, request, start, wait_until

READ = request("GET", "/rest/api/2/myself")
REFUSED = request("PUT", "/rest/api/2/user/password", "{}")
SAID = "the script is not loaded; requests are answered 502 until it is"


class Judging:
    """Judges, for all the sentinel knows."""


@pytest.fixture
def addons():
    with taddons.context() as context:
        made: AddonManager = context.master.addons
        judging = Judging()
        made.add(judging)
        keep_closed(made, "judging", None)
        keep_closed(made, "judging", None)
        yield made, judging


def begins(addons, mode="reverse:https://jira.example.com"):
    flow = tflow.tflow()
    flow.client_conn.proxy_mode = ProxyMode.parse(mode)
    addons.get(NAME).requestheaders(flow)
    return None if flow.response is None else flow.response.headers["x-jira-compat"]


def test_while_somebody_judges_it_does_nothing(addons, caplog):
    assert begins(addons[0]) is None
    assert caplog.text == ""


def test_while_nobody_does_requests_are_answered_and_that_is_said_once(addons, caplog):
    made, judging = addons
    for _ in range(2):
        made.remove(judging)
        assert [begins(made), begins(made)] == ["error/not_loaded"] * 2
        made.add(judging)
        assert begins(made) is None
    assert caplog.text.count(SAID) == 2


def test_an_answer_that_is_there_stays(addons):
    made, judging = addons
    made.remove(judging)
    flow = tflow.tflow(resp=True)
    before = flow.response
    made.get(NAME).request(flow)
    assert flow.response is before


def test_who_judges_again_takes_its_place(addons):
    made, _ = addons
    for _ in range(2):
        take_over(made)
        assert made.get(NAME) is None
    keep_closed(made, "judging", None)
    assert made.get(NAME) is not None


@pytest.fixture
def upstream():
    with Upstream() as listening:
        yield listening


@pytest.fixture
def script(tmp_path):
    return tmp_path / "main.py"


@pytest.fixture
def mitmdump(tmp_path, script, upstream):
    shutil.copy(ROOT / "addon" / "main.py", script)
    command = [str(BIN / "mitmdump"), "-s", str(script), "--listen-host", "127.0.0.1", "--listen-port", "0"]
    command += ["--mode", f"reverse:{upstream.url}", "--set", f"jira_events={tmp_path / 'events.jsonl'}"]
    with start([*command, "--set", f"confdir={tmp_path}"], tmp_path / "events.jsonl") as live:
        yield live


def answers(live, raw):
    answer = ask(live.port, raw)
    return answer.status, answer.mark


def test_a_script_that_is_broken_and_mended(mitmdump, script, upstream):
    sound = script.read_text()
    assert answers(mitmdump, REFUSED)[0] == 410
    with Client(mitmdump.port) as begun:
        begun.send(b"POST /rest/api/2/user HTTP/1.1\r\nHost: jira\r\nContent-Length: 2\r\n\r\n{")
        script.write_text("addons = [\n")
        wait_until(lambda: answers(mitmdump, READ) == (502, "error/not_loaded"), "the script to be unloaded")
        assert begun.send(b"}").answer().mark == "error/not_loaded"
    assert answers(mitmdump, REFUSED) == (502, "error/not_loaded")
    assert SAID in mitmdump.text()
    passed = len(upstream.requests)
    script.write_text(sound)
    wait_until(lambda: answers(mitmdump, READ)[0] == 200, "the script to be loaded again")
    assert answers(mitmdump, REFUSED)[0] == 410
    assert len(upstream.requests) == passed + 1
    assert b"PUT" not in upstream.received


def test_what_is_under_way_when_a_script_goes_is_written_down_once(mitmdump, script, upstream):
    upstream.script = silent
    sound = script.read_text()
    with Client(mitmdump.port) as refused, Client(mitmdump.port) as sent, Client(mitmdump.port) as begun:
        refused.send(b"PUT /rest/api/2/user/password HTTP/1.1\r\nHost: jira\r\nContent-Length: 2\r\n\r\n{")
        begun.send(b"POST /rest/api/2/user HTTP/1.1\r\nHost: jira\r\nContent-Length: 2\r\n\r\n{")
        sent.send(request("POST", "/rest/api/2/user", '{"name": "fred", "password": "x"}'))
        upstream.request()
        script.write_text("addons = [\n")
        wait_until(lambda: len(mitmdump.events()) >= 2, "two events")
        assert {one["event"] for one in mitmdump.events()} == {"request_refused", "fields_removed"}
        script.write_text(sound)
        wait_until(lambda: answers(mitmdump, REFUSED)[0] == 410, "the script to be loaded again")
        upstream.hang_up()
        assert refused.send(b"}").answer().status == 410
        assert sent.answer().status == 502
    assert [one["event"] for one in mitmdump.events()[2:]] == ["request_refused"]
    assert "Unhandled error" not in mitmdump.text()


def test_a_script_that_is_deleted(mitmdump, script, upstream):
    assert answers(mitmdump, READ)[0] == 200
    script.unlink()
    wait_until(lambda: answers(mitmdump, READ) == (502, "error/not_loaded"), "the script to be unloaded")
    assert answers(mitmdump, REFUSED) == (502, "error/not_loaded")
    assert b"PUT" not in upstream.received
