import gzip
import io

import pytest
import zstandard

from audit.audited import SAMPLES, choices
from jira_compat.audit.files.captures import Capture
from jira_compat.audit.reader import Part, Reader, a_found


def read(path, *, part=None, **others):
    found = a_found(Capture("a", path))
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
    found = a_found(Capture("a", tmp_path / "a.log"))
    ticks = []

    def tick(count):
        ticks.append(count)
        if len(ticks) == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Reader(choices()).read(Part(found.capture), found, tick)

    assert 0 < found.calls < 30_000
    assert sum(calls.count for calls in found.inventory.rows.values()) == found.calls
