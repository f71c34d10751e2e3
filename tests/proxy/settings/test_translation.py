from dataclasses import asdict, fields

import pytest

from jira_compat.proxy.settings.translation import HELP, TranslationLimits, translation_limits


def test_without_any_the_defaults_count():
    assert translation_limits([]) == TranslationLimits()


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("requests=7", 7),
        ("parallel=1", 1),
        ("retries=0", 0),
        ("retries=3", 3),
        ("wait=0", 0),
        ("wait=2s", 2),
        ("time=1.5s", 1.5),
        ("response=1MB", 1_000_000),
        ("call=2gb", 2_000_000_000),
        ("memory=3kB", 3000),
        ("cache=5MB", 5_000_000),
        ("age=2m", 120),
    ],
)
def test_each_limit_can_be_set(text, value):
    name = text.partition("=")[0]
    assert asdict(translation_limits([f"{name}=9", text] if value == 7 else [text])) == {
        **asdict(TranslationLimits()),
        name: value,
    }


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("requests=0", "requests: '0' is not a number from 1 to 9999999; write one like '1000'"),
        ("time=0", "time: '0' is not a duration from 0.001s to 24h; write one like '60s', '500ms' or '2m'"),
        ("call=much", "call: 'much' is not a size; write one like '50MB'"),
        ("cache=0MB", "cache: '0MB' is not a size; write one like '50MB'"),
        ("requests", "'requests' is not a limit; write NAME=VALUE with one of requests, parallel, retries, wait"),
        ("pages=3", "'pages=3' is not a limit; write NAME=VALUE with one of requests, parallel, retries, wait"),
    ],
)
def test_a_bad_limit_is_one_line_with_the_remedy(text, line):
    with pytest.raises(ValueError) as caught:
        translation_limits([text])
    assert str(caught.value).startswith(line)


def test_the_help_names_every_default():
    named = dict(pair.split("=") for pair in HELP.removeprefix("Limit of translated calls: ").rstrip(".").split(", "))
    assert named.keys() == {field.name for field in fields(TranslationLimits)}
    assert translation_limits(f"{name}={value}" for name, value in named.items()) == TranslationLimits()
