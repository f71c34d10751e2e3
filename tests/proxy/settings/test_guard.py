import logging
from collections.abc import Sequence

import pytest
from mitmproxy import options

from jira_compat.proxy.settings.guard import check_neighbours, close_holes
from jira_compat.proxy.settings.options import WEAKENED_BY


@pytest.fixture
def opts():
    """mitmproxy's options, with those that its addons add."""
    made = options.Options()
    made.add_option("stream_large_bodies", str | None, None, "")
    made.add_option("body_size_limit", str | None, None, "")
    made.add_option("validate_inbound_headers", bool, True, "")
    made.add_option("connection_strategy", str, "eager", "")
    made.add_option("map_remote", Sequence[str], [], "")
    return made


def test_defaults_pass_without_a_word(opts, caplog):
    check_neighbours(opts, set(opts.keys()))
    assert not caplog.records


def test_options_that_are_not_there_are_no_trouble():
    check_neighbours(options.Options(), {"body_size_limit"})


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        (
            "stream_large_bodies",
            "1m",
            "stream_large_bodies: bodies would pass before a rule has read them; leave it out",
        ),
        (
            "body_size_limit",
            "1m",
            "body_size_limit: mitmproxy would answer instead of the policy; use jira_max_body; leave it out",
        ),
        (
            "validate_inbound_headers",
            False,
            "validate_inbound_headers: malformed requests would reach Jira; leave it true",
        ),
    ],
)
def test_an_option_that_opens_a_hole_is_refused(opts, name, value, line):
    opts.update(**{name: value})
    with pytest.raises(ValueError) as caught:
        check_neighbours(opts, {name})
    assert str(caught.value) == line


@pytest.mark.parametrize(("name", "value"), [("ignore_hosts", ["example.com"]), ("map_remote", ["|a|b"])])
def test_an_option_that_narrows_the_guarantees_is_warned_of_once(opts, caplog, name, value):
    opts.update(**{name: value})
    check_neighbours(opts, {name, "mode"})
    check_neighbours(opts, {"mode"})
    assert [(record.levelno, record.getMessage()) for record in caplog.records] == [
        (logging.WARNING, f"jira-compat: with {name}, {WEAKENED_BY[name]}")
    ]


def test_the_holes_that_defaults_leave_are_closed(opts):
    close_holes(opts)
    assert (opts.connection_strategy, opts.rawtcp) == ("lazy", False)
