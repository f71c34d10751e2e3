import gzip
import itertools

import pytest

from audit.audited import SAMPLES
from jira_compat.audit import split as plan
from jira_compat.audit.files.captures import Capture, find_captures
from jira_compat.audit.split import parts

LINE = (SAMPLES / "combined.log").read_bytes().splitlines(keepends=True)[0]


def capture_of(path, content):
    path.write_bytes(content)
    (capture,) = find_captures([str(path)], lambda _: None)
    return capture


def cut(capture, size=1000, kind=None):
    return [(part.start, part.end, part.kind) for part in parts([capture], kind, size)]


def test_no_capture_has_no_part():
    assert parts([], None) == []


WHOLE = [(0, None, None)]


@pytest.mark.parametrize(
    "content",
    [
        b"",
        LINE,
        LINE * 14,
        gzip.compress(bytes(range(256)) * 40, 0),
        (SAMPLES / "browser.har").read_bytes(),
        bytes(9000),
    ],
)
def test_what_is_small_or_has_no_lines_is_one_part(tmp_path, content):
    assert cut(capture_of(tmp_path / "a", content)) == WHOLE


def test_standard_input_and_what_is_gone_are_one_part(tmp_path):
    assert cut(Capture("standard input", None)) == WHOLE
    assert cut(Capture("gone", tmp_path / "gone", 10_000)) == WHOLE


@pytest.mark.parametrize("size", [200, 1000, 1001, 3000])
def test_a_log_is_cut_where_lines_begin(tmp_path, size):
    content = LINE * 100
    found = cut(capture_of(tmp_path / "a.log", content), size)

    assert len(found) > 2
    assert found[0][0] == 0
    assert found[-1][1] == len(content)
    assert [start for start, _, _ in found[1:]] == [end for _, end, _ in found[:-1]]
    assert all(content[start - 1 : start] == b"\n" for start, _, _ in found[1:])
    assert {kind for *_, kind in found} == {"combined"}
    assert [start for start, _, _ in found] == sorted({start for start, _, _ in found})


def test_a_kind_that_is_named_is_taken(tmp_path):
    capture = capture_of(tmp_path / "a.log", b"x y z\n" * 2000)

    assert {kind for *_, kind in cut(capture, kind="pattern")} == {"pattern"}
    assert cut(capture) == WHOLE


def test_a_log_of_one_line_is_not_cut_within_it(tmp_path):
    found = cut(capture_of(tmp_path / "a.log", LINE + b"x" * 10_000))

    assert all(end is not None for _, end, _ in found)
    assert [start for start, _, _ in found] == [0]


def test_a_log_is_not_cut_within_a_line_that_is_too_long(tmp_path, monkeypatch):
    monkeypatch.setattr(plan, "LONGEST", 100)
    content = LINE * 20 + b"x" * 5000 + b"\n" + LINE * 40
    found = cut(capture_of(tmp_path / "a.log", content))

    assert len(found) > 3
    assert all(content[start - 1 : start] == b"\n" for start, _, _ in found[1:])


def test_parts_of_several_files_come_in_their_order(tmp_path):
    captures = [capture_of(tmp_path / name, LINE * 100) for name in ("b", "a")]
    names = [part.capture.name for part in parts(captures, None, 1000)]

    assert [name for name, _ in itertools.groupby(names)] == [str(tmp_path / "b"), str(tmp_path / "a")]
