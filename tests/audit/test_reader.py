import gzip
import io
import json

import pytest
import zstandard

from audit.audited import SAMPLES, SECRET, choices
from build import a_request
from jira_compat.audit.counting.classify import Classifier
from jira_compat.audit.counting.inventory import Client, Inventory
from jira_compat.audit.counting.redaction import Redaction
from jira_compat.audit.files.captures import Capture
from jira_compat.audit.reader import Part, Reader, add_exchange, empty_result
from jira_compat.model import Exchange, Response


def read(path, *, part=None, **others):
    found = empty_result(Capture("a", path))
    read_bytes: list[int] = []
    Reader(choices(**others)).read(part or Part(found.capture), found, read_bytes.append)
    return found, sum(read_bytes)


CALLS = {
    "browser.har": ("har", 2, 0),
    "fiddler.har": ("har", 1, 0),
    "jira-access.log": ("jira", 4, 4),
    "atlassian-jira-http-access.log": ("jira", 1, 2),
    "combined.log": ("combined", 3, 4),
    "haproxy.log": ("haproxy", 3, 4),
    "nginx.json": ("json", 3, 3),
    "events.jsonl": ("events", 414, 5),
}


@pytest.mark.parametrize("name", CALLS)
@pytest.mark.parametrize("pack", [bytes, gzip.compress, zstandard.compress])
def test_each_kind_is_recognised_and_read_also_compressed(tmp_path, name, pack):
    (tmp_path / name).write_bytes(pack((SAMPLES / name).read_bytes()))
    found, read_bytes = read(tmp_path / name)

    assert (found.kind, found.calls, found.lines) == CALLS[name]
    assert sum(calls.count for calls in found.inventory.rows.values()) == found.calls
    assert read_bytes == (tmp_path / name).stat().st_size
    assert found.problems == []


def test_a_kind_that_is_named_is_taken(tmp_path):
    found, _ = read(SAMPLES / "combined.log", kind="json")

    assert (found.kind, found.calls, found.skipped.count) == ("json", 0, 4)


def test_a_pattern_of_ones_own_is_taken(tmp_path):
    (tmp_path / "a").write_text("PUT => /rest/api/2/user/password\n")
    found, _ = read(tmp_path / "a", kind="pattern", pattern="(?P<method>[A-Z]+) => (?P<target>.+)")

    assert (found.kind, found.calls) == ("pattern", 1)


@pytest.mark.parametrize("name", ["combined.log", "nginx.json", "events.jsonl", "browser.har"])
def test_a_byte_order_mark_is_borne(tmp_path, name):
    (tmp_path / name).write_bytes(b"\xef\xbb\xbf" + (SAMPLES / name).read_bytes())
    found, _ = read(tmp_path / name)

    assert (found.kind, found.calls, found.lines) == CALLS[name]


def test_standard_input_is_read(monkeypatch):
    stdin = io.TextIOWrapper(io.BytesIO((SAMPLES / "combined.log").read_bytes()))
    monkeypatch.setattr("sys.stdin", stdin)
    found, _ = read(None)

    assert found.calls == 3


def test_a_part_of_a_log_is_read_from_one_byte_to_another(tmp_path):
    lines = (SAMPLES / "combined.log").read_bytes().splitlines(keepends=True)
    capture = Capture("a", SAMPLES / "combined.log")
    part = Part(capture, len(lines[0]), len(lines[0] + lines[1]), "combined")
    found, read_bytes = read(capture.path, part=part)

    assert (found.calls, found.lines, read_bytes) == (1, 1, len(lines[1]))
    assert [subject.endpoint for subject, _ in found.inventory.rows] == ["GET /rest/api/2/issue/{id}/comment"]


def test_what_is_not_there_is_a_problem(tmp_path):
    found, _ = read(tmp_path / "gone")

    assert [str(problem) for problem in found.problems] == [
        "a: cannot be read (no such file or directory); check its name and permissions"
    ]


def test_whoever_is_told_of_bytes_may_end_it_and_what_was_read_stays(tmp_path):
    (tmp_path / "a.log").write_bytes((SAMPLES / "combined.log").read_bytes() * 10_000)
    found = empty_result(Capture("a", tmp_path / "a.log"))
    ticks = []

    def tick(count):
        ticks.append(count)
        if len(ticks) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Reader(choices()).read(Part(found.capture), found, tick)

    assert 0 < found.calls < 30_000
    assert sum(calls.count for calls in found.inventory.rows.values()) == found.calls


CREATION = a_request(
    f"POST /rest/api/2/user?a={SECRET}", headers={"User-Agent": "curl/8"}, name="fred", password=SECRET
)


def added(exchange, identity="shown"):
    inventory = Inventory()
    add_exchange(exchange, ("a.har", 7), Classifier(choices().policies, 1000), inventory, Redaction(identity, b"key"))
    (((subject, client), calls),) = inventory.rows.items()
    return subject, client, calls


def test_an_exchange_of_which_little_is_known_is_a_call():
    subject, client, calls = added(Exchange(a_request("GET /rest/api/2/myself")))

    assert (subject.endpoint, client) == ("GET /rest/api/2/myself", Client("unknown"))
    assert (calls.count, calls.first, calls.statuses, calls.carried) == (1, None, {}, {})


def test_an_exchange_is_told_with_all_that_is_known():
    exchange = Exchange(CREATION, Response(201), "a.har#7", 1_760_104_536.5, "192.0.2.1", "jira.example.com", "admin")
    subject, client, calls = added(exchange)

    assert (subject.rule, client) == ("ignore-password-on-user-create", Client("curl", "8", "admin", "192.0.2.1"))
    assert (calls.first, calls.last, calls.statuses) == (1_760_104_536.5, 1_760_104_536.5, {201: 1})
    assert (calls.carried, calls.fields) == ({"yes": 1}, ("/password",))
    assert (calls.example.place, calls.example.line) == ("a.har#7", "POST /rest/api/2/user")
    assert SECRET not in repr((subject, client, calls))


@pytest.mark.parametrize("started", [0.0, -5.0, 1e12, float("nan")])
def test_a_time_when_there_was_no_jira_is_none(started):
    assert added(Exchange(CREATION, started=started))[2].first is None


def test_a_user_who_is_not_to_be_shown_is_not():
    assert added(Exchange(CREATION, user="admin"), "none")[1].user is None


@pytest.mark.parametrize(("trusted", "address"), [(None, "10.0.0.5"), ("10.0.0.5", "203.0.113.8")])
def test_the_client_of_an_exchange_behind_balancers_is_by_its_headers(tmp_path, trusted, address):
    headers = [{"name": "X-Forwarded-For", "value": "198.51.100.1, 203.0.113.8"}]
    request = {"method": "PUT", "url": "https://j/rest/api/2/user/password", "headers": headers}
    entry = {"request": request, "clientIPAddress": "10.0.0.5"}
    (tmp_path / "a.har").write_text(json.dumps({"log": {"entries": [entry]}}))
    origin = None if trusted is None else (lambda peer, named: named.split(", ")[-1] if peer == trusted else peer)
    result = empty_result(Capture("a.har", tmp_path / "a.har"))
    Reader(choices(origin=origin)).read(Part(result.capture), result, lambda _: None)

    assert [client.address for _, client in result.inventory.rows] == [address]
