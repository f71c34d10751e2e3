import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.audited import SAMPLES, choices
from jira_compat.audit.counting.classify import Classifier
from jira_compat.audit.counting.inventory import Inventory
from jira_compat.audit.counting.redaction import Redaction
from jira_compat.audit.counting.tally import Tally
from jira_compat.audit.files.problems import Skipped
from jira_compat.audit.readers.access_log import read_access_log
from jira_compat.audit.readers.log_formats import FORMATS_OF, compile_format

LINE = b'10.0.0.1 - fred [10/Oct/2025:13:55:36 +0000] "PUT /rest/api/2/user/password HTTP/1.1" 204 2 "-" "curl/8"\n'


def read(*chunks, form="combined"):
    """The tally, how many lines there were, and what was said."""
    skipped, lines = Skipped("a.log", ":"), [0]
    tally = Tally(Classifier(choices().policies, 1000), inventory := Inventory(), Redaction("shown"), skipped)
    read_access_log(chunks, FORMATS_OF[form] if isinstance(form, str) else (form,), tally, skipped, lines.append)
    tally.flush()
    return tally, inventory, lines[-1], [str(problem) for problem in skipped.problems()]


def test_an_empty_log_has_no_line():
    tally, _, lines, said = read()

    assert (tally.calls, lines, said) == (0, 0, [])


@pytest.mark.parametrize(
    ("form", "file", "calls", "no_request"),
    [
        ("jira", "jira-access.log", 4, 0),
        ("jira", "atlassian-jira-http-access.log", 1, 0),
        ("combined", "combined.log", 3, 1),
        ("haproxy", "haproxy.log", 3, 1),
    ],
)
def test_samples_are_counted(form, file, calls, no_request):
    content = (SAMPLES / file).read_bytes()
    tally, inventory, lines, said = read(content, form=form)

    assert (tally.calls, tally.no_request) == (calls, no_request)
    assert (lines, said) == (content.count(b"\n"), [])
    assert "refuse-password-change" in {subject.rule for subject, _ in inventory.rows}


def test_lines_that_fit_nothing_are_named_and_the_others_are_counted():
    tally, inventory, lines, said = read(LINE, b"tulip7 here\n\n", LINE * 2, b"x\n" * 9, LINE)

    assert (tally.calls, lines) == (4, 15)
    assert said[0] == "a.log:2: not a line of the format combined: a0 a"
    assert said[-1] == "a.log: 7 more like these were skipped"
    ((calls),) = inventory.rows.values()
    assert calls.example.number == 1


def test_a_last_line_without_an_end_is_counted_if_it_is_whole():
    assert [read(LINE, LINE[:-1])[0].calls, read(LINE, LINE[:-1])[3]] == [2, []]


def test_a_last_line_that_is_still_being_written_is_told():
    tally, _, lines, said = read(LINE, LINE[:40])

    assert (tally.calls, lines) == (1, 2)
    assert said == ["a.log:2: the last line has no end and was left out; is it still being written?"]


def test_a_line_that_is_too_long_is_left_out():
    tally, inventory, lines, said = read(b"x" * 1_500_000, b"\n", LINE)

    assert (tally.calls, lines) == (1, 2)
    assert said == ["a.log:1: this line has more than 1,000 kB and was left out; look whether the file is a log"]
    ((calls),) = inventory.rows.values()
    assert calls.example.number == 2


def test_bytes_that_are_no_utf8_are_told_and_counted():
    tally, inventory, _, said = read(LINE, LINE.replace(b"fred", b"fr\xe9d"), LINE)

    assert tally.calls == 3
    assert said == ["a.log:2: this line is not UTF-8; the rest of it is shown with �"]
    assert {client.user for _, client in inventory.rows} == {"fred", "fr�d"}


def test_lines_with_either_line_end_are_counted():
    assert read(LINE.replace(b"\n", b"\r\n") + LINE)[0].calls == 2


def test_a_pattern_of_ones_own_has_its_order():
    form = compile_format("pattern", r"(?P<target>[^ ]+) (?P<method>[A-Z]+)")
    tally, inventory, _, said = read(b"/rest/api/2/user/password PUT\nnonsense\n", form=form)

    assert tally.calls == 1
    assert [subject.rule for subject, _ in inventory.rows] == ["refuse-password-change"]
    assert said == ["a.log:2: not a line of the format pattern: a"]


@given(st.lists(st.sampled_from([LINE, b"\n", b"x\n", b"\xff\n", b"[\n"]), max_size=20), st.integers(1, 400))
def test_every_line_is_counted_or_said(lines, size):
    content = b"".join(lines)
    tally, _, number, _ = read(*(content[at : at + size] for at in range(0, len(content), size)))

    assert tally.calls == lines.count(LINE)
    assert number == len(lines)
