import pytest
from click.testing import CliRunner

from jira_compat.cli.main import main
from jira_compat.proxy.settings.limits import count, head_size, seconds


@pytest.mark.parametrize(
    ("text", "expected"),
    [("60s", 60), ("500ms", 0.5), ("2m", 120), ("1h", 3600), ("90", 90), ("1.5s", 1.5), ("24h", 86_400), (" 5 s ", 5)],
)
def test_a_duration_is_in_seconds(text, expected):
    assert seconds(text) == expected


@pytest.mark.parametrize("text", ["", "s", "0", "0s", "-1s", "25h", "1d", "1e3", "inf", "nan", "5 minutes", "٣s"])
def test_what_is_no_duration_is_told(text):
    with pytest.raises(ValueError) as caught:
        seconds(text)
    assert str(caught.value) == f"{text!r} is not a duration from 0.001s to 24h; write one like '60s', '500ms' or '2m'"


def test_where_it_is_allowed_a_duration_may_be_none():
    assert seconds("0", least=0) == 0


def test_a_number_is_from_one():
    assert count("1") == 1
    for text in ("0", "-1", "1.5", "", "many", "10000000"):
        with pytest.raises(ValueError):
            count(text)


def test_a_head_has_some_size():
    assert head_size(1000) == 1000
    with pytest.raises(ValueError):
        head_size(999)


@pytest.mark.parametrize(
    ("flag", "value", "what"),
    [
        (
            "--upstream-timeout",
            "soon",
            "'soon' is not a duration from 0.001s to 24h; write one like '60s', '500ms' or '2m'",
        ),
        ("--drain-timeout", "-1", "'-1' is not a duration from 0s to 24h; write one like '60s', '500ms' or '2m'"),
        ("--max-head", "12 lines", "'12 lines' is not a size up to 10GB; write one like '10MB'"),
        ("--max-head", "12", "12 bytes are too few for a head; write at least '1kB'"),
        ("--max-connections", "0", "'0' is not a number from 1 to 9999999; write one like '1000'"),
        (
            "--admin",
            "localhost",
            "'localhost' is not an address; write HOST:PORT, such as 127.0.0.1:8080 or [::1]:8080",
        ),
    ],
)
def test_a_flag_says_what_is_wrong_with_it(flag, value, what):
    result = CliRunner().invoke(main, ["serve", "--upstream", "http://127.0.0.1:1", flag, value])
    assert result.exit_code == 2
    assert result.stderr == f"jira-compat: Invalid value for '{flag}': {what}; see jira-compat serve --help\n"
