import pytest
from pydantic import TypeAdapter, ValidationError

from jira_compat.policy.text import PATTERNS, AbsolutePath, Id, Source, Text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Id, "a"),
        (Id, "refuse-2-things"),
        (Id, "x" * 80),
        (Source, "https://a/"),
        (Source, "https://example.com/a?b=c#d,e"),
        (AbsolutePath, "/"),
        (AbsolutePath, "/a b"),
        (Text, "a"),
        (Text, "x" * 2000),
    ],
)
def test_text_that_fits(kind, text):
    assert TypeAdapter(kind).validate_python(text) == text


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (Id, ""),
        (Id, "A"),
        (Id, "a_b"),
        (Id, "a--b"),
        (Id, "-a"),
        (Id, "a-"),
        (Id, "a\n"),
        (Id, "é"),
        (Id, "x" * 81),
        (Source, "http://a/"),
        (Source, "https://"),
        (Source, "https://a/\nX: y"),
        (Source, "https://a/>; rel=x"),
        (Source, "https://a/<"),
        (Source, "https://a/ b"),
        (Source, "https://é/"),
        (AbsolutePath, "a"),
        (Text, ""),
        (Text, "  \n"),
        (Text, "x" * 2001),
    ],
)
def test_text_that_does_not(kind, text):
    with pytest.raises(ValidationError):
        TypeAdapter(kind).validate_python(text)


def test_every_pattern_is_said_in_words():
    assert all(words and pattern not in words for pattern, words in PATTERNS.items())
