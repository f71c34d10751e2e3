import hashlib

import pytest

from jira_compat.standin.issues.seed import Attachment, made_up, seeded_issues


def test_there_are_120_issues_with_distinct_keys():
    issues = list(seeded_issues("a", "f"))

    assert len({issue.key for issue in issues}) == len({issue.id for issue in issues}) == 120
    assert {issue.project.key for issue in issues} == {"DEMO", "OPS"}


@pytest.mark.parametrize("size", [0, 1, 7, 65_535, 65_536, 65_537, 200_000])
def test_made_up_content_has_its_size_and_is_always_the_same(size):
    first, second = b"".join(made_up(size)), b"".join(made_up(size))

    assert len(first) == size
    assert hashlib.sha256(first).digest() == hashlib.sha256(second).digest()


def test_no_two_blocks_of_made_up_content_are_equal():
    blocks = list(made_up(65_536 * 5))

    assert len(set(blocks)) == 5


@pytest.mark.parametrize(
    ("file", "content"),
    [
        (Attachment("1", "a", 3, "u", b"abc"), b"abc"),
        (Attachment("1", "a", 0, "u", b""), b""),
        (Attachment("1", "a", 3, "u", made=True), b"\0\0\0"),
    ],
)
def test_a_file_streams_what_is_in_it(file, content):
    assert b"".join(file.stream()) == content


def test_a_file_that_was_not_kept_has_no_content():
    assert Attachment("1", "a", 3, "u").stream() is None
