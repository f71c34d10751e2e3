import logging
from collections.abc import Sequence
from pathlib import Path

import pytest
from mitmproxy import options

from jira_compat.policy.files import shipped_policies
from jira_compat.proxy.settings.options import OPTIONS, WEAKENED_BY, check_neighbours, close_holes, read_options, size

DEFAULTS = {name: default for name, _, default, _, _ in OPTIONS}


def read(**changed):
    return read_options({**DEFAULTS, **changed}.__getitem__)


def test_defaults_enforce_and_fail_closed():
    settings = read()
    assert settings.policies == (shipped_policies(),)
    assert (settings.run.mode, settings.run.profile, settings.run.refuse_status) == ("enforce", "cloud", None)
    assert not settings.fail_open
    assert settings.max_body == 10_000_000


def test_values_are_taken_over():
    settings = read(
        jira_policies=["a", "b"], jira_override="o.yaml", jira_mode="observe", jira_on_error="open", jira_max_body="1k"
    )
    assert settings.policies == (Path("a"), Path("b"))
    assert settings.override == Path("o.yaml")
    assert settings.run.mode == "observe"
    assert settings.fail_open
    assert settings.max_body == 1000


@pytest.mark.parametrize(
    ("changed", "line"),
    [
        ({"jira_mode": "audit"}, "jira_mode: 'audit' is not a valid value; write 'enforce' or 'observe'"),
        ({"jira_profile": "server"}, "jira_profile: 'server' is not a valid value; write 'cloud' or 'staging'"),
        (
            {"jira_identity": "md5"},
            "jira_identity: 'md5' is not a valid value; write 'shown' or 'hashed' or 'none'",
        ),
        ({"jira_on_error": "no"}, "jira_on_error: 'no' is not a valid value; write 'closed' or 'open'"),
        (
            {"jira_refuse_status": 200},
            "jira_refuse_status: 200 is not a client error; write 410, 404 or another 4xx",
        ),
        (
            {"jira_refuse_status": 429},
            "jira_refuse_status: 429 misleads: some clients repeat the request for ever; write 410 or 404",
        ),
        ({"jira_hosts": []}, "jira_hosts: it is empty, so no request would be judged; name at least one host"),
        (
            {"jira_trusted_proxy": ["10.0.0.1", "balancer"]},
            "jira_trusted_proxy: 'balancer' is not an address; write one like '10.0.0.1' or '10.0.0.0/24'",
        ),
        (
            {"jira_translate_limit": ["requests=many"]},
            "jira_translate_limit: requests: 'many' is not a number from 1 to 9999999; write one like '1000'",
        ),
        ({"jira_max_body": "much"}, "jira_max_body: 'much' is not a size up to 10GB; write one like '10MB'"),
        ({"jira_max_body": "11GB"}, "jira_max_body: '11GB' is not a size up to 10GB; write one like '10MB'"),
    ],
)
def test_a_bad_value_is_one_line_with_the_remedy(changed, line):
    with pytest.raises(ValueError) as caught:
        read(**changed)
    assert str(caught.value) == line


@pytest.mark.parametrize(
    ("text", "bytes_"),
    [("0", 0), ("1000", 1000), ("5b", 5), ("1k", 1000), ("1 KB", 1000), ("10MB", 10_000_000), ("2g", 2_000_000_000)],
)
def test_sizes_are_decimal(text, bytes_):
    assert size("x", text) == bytes_


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
