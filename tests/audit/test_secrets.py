"""No query value, body or credential is in anything that an audit gives, whatever stands around it."""

import base64
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mitmproxy import http
from mitmproxy.io import FlowWriter
from mitmproxy.test import tflow

from audit.audited import choices
from jira_compat.audit.files.captures import Capture
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.run import audit

SECRET = "s3cr3tTulip7"
BASIC = "Basic " + base64.b64encode(f"fred:{SECRET}".encode()).decode()

method = st.sampled_from(["GET", "PUT", "POST", "DELETE", "post", "B R E W"])
PATHS = """
    /rest/api/2/user /rest/api/2/user/password /jira/rest/api/2/issue/ABC-1 /rest/app/1/thing /secure/x.jspa /api/2/user
    /REST/api/2/user/password /rest/api/2/../2/user/password /rest//api/2/user /% /é
"""
QUERIES = """
    ?password=SECRET ?a=SECRET&_method=PUT ?SECRET ?a=b#SECRET ;jsessionid=SECRET ?p%61ssword=SECRET ?a=?SECRET
    ;a=SECRET?b=SECRET #?password=SECRET %3Fpassword=SECRET
"""
BODIES = """
    {"password":"SECRET","name":"SECRET","a":["SECRET"]} password=SECRET&name=SECRET SECRET {"password":"SECRET
    {"password":{"x":"SECRET"}}
"""
path = st.sampled_from(["", *PATHS.split()])
query = st.sampled_from(QUERIES.replace("SECRET", SECRET).split())
body = st.sampled_from(["", *BODIES.replace("SECRET", SECRET).split()])
site = st.sampled_from(["", "http://jira.example.com", f"https://fred:{SECRET}@jira.example.com:8443"])
url = st.tuples(site, path, query).map("".join)
junk = st.sampled_from(
    ["", SECRET, f'{{"password": "{SECRET}"', f"10.0.0.1 - - [{SECRET}", f'"{SECRET}" 200 "{SECRET}']
)


def told(tmp, content, identity="shown"):
    """All that is told of a capture: the inventory and the problems."""
    (tmp / "capture").write_bytes(content)
    found = audit([Capture("capture", tmp / "capture")], choices(identity=identity), Progress(io.StringIO()), 1)
    everything = [found.inventory.rows, found.inventory.hours, found.inputs, *found.all_problems()]
    return "\n".join(map(repr, everything)), sum(one.calls for one in found.inputs.values())


@pytest.fixture(scope="module")
def tmp(tmp_path_factory):
    return tmp_path_factory.mktemp("secrets")


TIME = "[04/Feb/2026:10:54:32 -0300]"
LINES = {
    "jira": f'192.0.2.1 1095x104x1 fred {TIME} "{{}} {{}} HTTP/1.1" 204 - 91 "https://j/?a={{}}" "curl/8" "{{}}"',
    "combined": f'192.0.2.1 - fred {TIME} "{{}} {{}} HTTP/1.1" 204 3 "https://j/?a={{}}" "curl/8" "{{}}"',
    "haproxy": "127.0.0.1:5 [04/Feb/2026:10:54:32.1] a b/c 0/0/0/0/0 200 4 {3} - ---- 1/1/0/0/0 0/0 "
    '{{curl/8|{2}}} "{0} {1} HTTP/1.1"',
    "json": '{{"request_method": "{0}", "request_uri": "{1}", "status": 200, "referer": "{2}", "cookie": "{3}"}}',
}


@pytest.mark.parametrize("form", LINES)
@given(method, url, junk)
def test_of_a_log(tmp, form, method, url, junk):
    line = LINES[form].format(method, url, SECRET, SECRET)
    good = LINES[form].format("GET", "/", "-", "-")
    everything, calls = told(tmp, f"{good}\n{line}\n{junk}\n{line[:-30]}".encode())

    assert SECRET not in everything
    assert calls >= 1


FIELDS = {"Authorization": BASIC, "Cookie": f"a={SECRET}", "Referer": f"https://j/?a={SECRET}", "X-Token": SECRET}


@given(method, url, body, junk)
def test_of_a_har(tmp, method, url, body, junk):
    headers = [{"name": name, "value": value} for name, value in FIELDS.items()]
    url = url if url.startswith("http") else f"https://jira.example.com{url}"
    post = {"mimeType": "application/json", "text": body, "params": [{"name": "a", "value": SECRET}]}
    request = {"method": method, "url": url, "headers": headers, "postData": post, "cookies": headers}
    answer = {"status": 200, "headers": headers, "content": {"text": SECRET}}
    entries = [
        {"request": request, "response": answer},
        {"request": {**request, "url": None}},
        {"request": SECRET},
        SECRET,
    ]
    everything, calls = told(tmp, json.dumps({"log": {"entries": entries}}).encode()[:-3] + junk.encode())

    assert SECRET not in everything
    assert calls == 1


@given(method, path, query, body)
def test_of_a_flow_file(tmp, method, path, query, body):
    flow = tflow.tflow(resp=True)
    fields = [(name.encode(), value.encode()) for name, value in FIELDS.items()]
    flow.request = http.Request.make(method, "https://jira.example.com/", body.encode(), http.Headers(fields))
    flow.request.data.path = (path + query).encode()
    stream = io.BytesIO()
    FlowWriter(stream).add(flow)
    everything, calls = told(tmp, stream.getvalue() + stream.getvalue()[:-9])

    assert SECRET not in everything
    assert calls == 1


@given(path, query, junk)
def test_of_an_event_log(tmp, path, query, junk):
    event = {"v": 1, "event": "fields_removed", "policy": "p", "rule": "r", "change": "modified", "action": "remove"}
    event |= {"http.request.method": "GET", "url.path": path + query.replace("#", "?").replace(";", "?"), "a": SECRET}
    everything, calls = told(tmp, json.dumps(event).encode() + b"\n" + junk.encode() + b"\n")

    assert SECRET not in everything
    assert calls == 1


@pytest.mark.parametrize("identity", ["hashed", "none"])
@given(method, path)
def test_a_user_who_is_not_to_be_shown_is_nowhere(tmp, identity, method, path):
    lines = [LINES["jira"].format(method, path + "/fred", "", ""), LINES["jira"].format("GET", "/", "", "")]
    everything, _ = told(tmp, "\n".join(lines).encode(), identity)

    assert "fred" not in everything
