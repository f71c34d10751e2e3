import itertools
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.audited import SAMPLES
from jira_compat.audit.files.problems import Skipped, UnreadableError
from jira_compat.audit.readers import har
from jira_compat.audit.readers.har import read_har
from jira_compat.model import Response


def an_entry(number=1, **others):
    return {"request": {"method": "GET", "url": f"https://jira.example.com/{number}"}, **others}


def a_har(*entries, indent=None):
    return json.dumps({"log": {"version": "1.2", "entries": list(entries)}}, indent=indent).encode()


def read(*chunks):
    """The targets by number, what was said, and what it ended with."""
    skipped = Skipped("a.har", "#")
    found, broken = {}, None
    try:
        for number, exchange in read_har(chunks, "a.har", skipped):
            assert exchange.source == f"a.har#{number}"
            found[number] = exchange.request.target.decode()
    except UnreadableError as error:
        broken = str(error)
    return found, [str(problem) for problem in skipped.problems()], broken


def test_a_har_without_entries_has_none():
    assert read(a_har()) == ({}, [], None)


@pytest.mark.parametrize("indent", [None, 2])
def test_entries_are_read_by_number(indent):
    assert read(a_har(an_entry(1), an_entry(2), indent=indent)) == ({1: "/1", 2: "/2"}, [], None)


@given(st.lists(st.integers(0, 400), max_size=5))
def test_it_may_be_cut_anywhere_into_chunks(cuts):
    whole = a_har(an_entry(1, comment='a "]} \\ é'), an_entry(2))
    edges = sorted({0, len(whole), *(cut for cut in cuts if cut < len(whole))})

    assert read(*(whole[start:end] for start, end in itertools.pairwise(edges)))[0] == {1: "/1", 2: "/2"}


@pytest.mark.parametrize("between", ["", "\n", "\ufeff", "\n\0\0"])
def test_documents_one_behind_the_other_are_all_read(between):
    documents = [a_har(an_entry(1)), a_har(), a_har(an_entry(2), an_entry(3), indent=1)]
    whole = between.encode().join(documents)

    assert read(*(whole[at : at + 100] for at in range(0, len(whole), 100))) == ({1: "/1", 2: "/2", 3: "/3"}, [], None)


@pytest.mark.parametrize(
    ("behind", "words"),
    [
        (b"tulip7", "what stands behind entry 1 is not a HAR and was not read; split the file"),
        (b'{"log": {}}', "what stands behind entry 1 has no log.entries; export it again as HAR"),
        (b'{"log": {"entries": [{"requ', "the file ends within entry 2; export it again"),
    ],
)
def test_what_stands_behind_a_document_is_named_if_it_is_not_read(behind, words):
    assert read(a_har(an_entry(1)) + b"\n" + behind) == ({1: "/1"}, [], words)


def test_entries_that_no_server_was_asked_for_are_counted_as_such():
    skipped = Skipped("a.har", "#")
    entries = [an_entry(1), {"request": {"method": "GET", "url": "data:,x"}}, an_entry(3)]

    assert [number for number, _ in read_har([a_har(*entries)], "a.har", skipped)] == [1, 3]
    assert (skipped.no_request, skipped.problems()) == (1, [])


def test_samples_of_tools_are_read():
    found, said, broken = read((SAMPLES / "browser.har").read_bytes())
    assert found == {1: "/rest/api/2/user?notify=tulip7", 3: "/jira/rest/api/2/issue/ABC-1/comment"}
    assert (said, broken) == (["a.har#2: no request.url"], None)

    assert read((SAMPLES / "fiddler.har").read_bytes()) == ({1: "/rest/api/2/user"}, [], None)


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        ("null", "this is not an object"),
        ("{}", "no request.url"),
        ('{"request": {"url": "x"}}', "no request.method"),
        ('{"a": nonsense, "b": {"c": "]}"}}', "this entry is not JSON and was left out; export the file again"),
        ("nonsense", "this entry is not JSON and was left out; export the file again"),
        ("[" * 100_000 + "]" * 100_000, "this entry is not JSON and was left out; export the file again"),
        ("1" * 5000, "this entry is not JSON and was left out; export the file again"),
    ],
)
def test_a_broken_entry_is_named_and_the_others_are_read(broken, words):
    first, last = json.dumps(an_entry(1)), json.dumps(an_entry(3))
    found, said, end = read(f'{{"log": {{"entries": [{first}, {broken}, {last}]}}}}'.encode())

    assert (found, end) == ({1: "/1", 3: "/3"}, None)
    assert said == [f"a.har#2: {words}"]


def test_a_truncated_file_yields_what_is_whole():
    whole = a_har(an_entry(1), an_entry(2))
    for end in range(len(whole)):
        found, said, broken = read(whole[:end])
        expected = {
            number: f"/{number}" for number in (1, 2) if end >= whole.index(b"}}", whole.index(b"/%d" % number)) + 2
        }
        assert found == expected
        assert said == []
        assert (broken is None) == (end > whole.rindex(b"]"))


@pytest.mark.parametrize("content", [b"", b"{}", b'{"log": {}}', b"garbage"])
def test_what_has_no_entries_is_no_har(content):
    assert read(content) == ({}, [], "this has no log.entries; export it again as HAR")


def test_bytes_that_are_no_utf8_are_told_and_the_entry_is_read():
    whole = a_har(an_entry(1), an_entry(2, comment="X"), an_entry(3)).replace(b"X", b"\xff\xfe")

    assert read(whole) == (
        {1: "/1", 2: "/2", 3: "/3"},
        ["a.har#2: this entry has bytes that are not UTF-8; they are shown as �"],
        None,
    )


def test_control_characters_in_strings_are_borne():
    assert read(a_har(an_entry(1, comment="X")).replace(b"X", b"\n\t\x01"))[0] == {1: "/1"}


@pytest.fixture
def small(monkeypatch):
    monkeypatch.setattr(har, "LARGEST", 1000)


def pieces(content):
    return [content[start : start + 300] for start in range(0, len(content), 300)]


def test_of_a_large_entry_its_request_is_read(small):
    body = '"}]{[' * 1000
    large = an_entry(2, response={"status": 200, "content": {"text": body}}, startedDateTime="2026-03-02T10:15:04Z")
    large = {"startedDateTime": large.pop("startedDateTime"), **large}
    whole = a_har(an_entry(1), large, an_entry(3))
    exchanges = dict(read_har(pieces(whole), "a.har", skipped := Skipped("a.har", "#")))

    assert [exchange.request.target for exchange in exchanges.values()] == [b"/1", b"/2", b"/3"]
    assert (exchanges[2].started, exchanges[2].response) == (1772446504.0, Response(200))
    assert [(number, "its request was read" in what) for number, what in skipped.remarks] == [(2, True)]
    assert skipped.count == 0


@pytest.mark.parametrize("large", [{"a": "x" * 5000}, {"request": {"url": "x" * 5000}}])
def test_a_large_entry_without_a_request_in_its_beginning_is_left_out(small, large):
    found, said, _ = read(*pieces(a_har(an_entry(1), large, an_entry(3))))

    assert found == {1: "/1", 3: "/3"}
    assert said == ["a.har#2: this entry has more than 0 MB and was left out"]


@pytest.mark.parametrize("end", ['{"a": "' + "x" * 5000, '{"a": [' + "[1]," * 2000, '{"a": "' + "\\" * 5001])
def test_a_large_entry_without_an_end_ends_the_file(small, end):
    start = a_har(an_entry(1)).rpartition(b"]")[0]
    found, _, broken = read(*pieces(start + b"," + end.encode()))

    assert found == {1: "/1"}
    assert broken == "entry 2 does not end; export it again"


@given(st.text(alphabet='{}[]",:\\ae1n \n', max_size=60))
def test_no_text_makes_it_raise_anything_else(text):
    read(b'{"log":{"entries":[' + text.encode())
