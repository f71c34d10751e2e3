import errno
import socket

import pytest

from build import shipped_set
from jira_compat.policy.index import compile_policies
from jira_compat.proxy.settings.preflight import StartError, check_files, oversights, reason, upstream_mode, warnings


@pytest.mark.parametrize(
    ("url", "mode"),
    [
        ("https://your-site.atlassian.net", "reverse:https://your-site.atlassian.net"),
        ("https://your-site.atlassian.net/", "reverse:https://your-site.atlassian.net"),
        ("http://jira.example.com:8080", "reverse:http://jira.example.com:8080"),
        ("HTTP://[::1]:80", "reverse:http://[::1]:80"),
    ],
)
def test_a_site_is_an_upstream(url, mode):
    assert upstream_mode(url) == mode


@pytest.mark.parametrize(
    ("url", "what"),
    [
        ("", "not a valid site URL"),
        ("jira.example.com", "not a valid site URL"),
        ("jira.example.com:8080", "not a valid site URL"),
        ("ftp://jira.example.com", "not a valid site URL"),
        ("https://", "not a valid site URL"),
        ("http://jira:0", "not a valid site URL"),
        ("http://jira:99999", "not a valid site URL"),
        ("http://[::1", "not a valid site URL"),
        ("http://jira/jira", "has a path"),
        ("http://jira?a=b", "has a path"),
        ("http://jira#a", "has a path"),
        ("http://fred:tulip7@jira", "credentials"),
        ("fred:tulip7@jira", "credentials"),
    ],
)
def test_anything_else_is_one_line_without_credentials(url, what):
    with pytest.raises(StartError) as raised:
        upstream_mode(url)

    (line,) = raised.value.lines
    assert line.startswith("--upstream: ")
    assert what in line
    assert ";" in line
    assert "tulip7" not in line


def test_without_files_there_is_nothing_to_miss(tmp_path):
    check_files({"confdir": str(tmp_path)})


def test_every_file_that_is_unfit_is_a_line(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("no certificate")
    options = {
        "confdir": str(plain),
        "certs": [f"*={plain}", f"*={tmp_path}/missing=.pem"],
        "ssl_verify_upstream_trusted_ca": str(plain),
    }

    with pytest.raises(StartError) as raised:
        check_files(options)

    places = [(line.split(": ")[0], ";" in line) for line in raised.value.lines]
    assert places == [("--upstream-ca", True), ("--cert", True), ("--cert", True), ("--confdir", True)]
    assert "missing=.pem cannot be read (no such file or directory)" in raised.value.lines[2]


def test_a_folder_for_certificates_is_made(tmp_path):
    check_files({"confdir": str(tmp_path / "new" / "folder")})

    assert (tmp_path / "new" / "folder").is_dir()


@pytest.mark.parametrize("host", ["127.0.0.1", "127.8.9.1", "::1", "localhost"])
def test_loopback_is_nothing_to_warn_of(host):
    assert list(warnings(host, {}, forward=True)) == []


@pytest.mark.parametrize(
    ("host", "options", "forward", "lines", "words"),
    [
        ("0.0.0.0", {}, False, 1, ["the upstream", "in the clear"]),
        ("jira.example.com", {}, True, 1, ["any host"]),
        ("::", {"certs": ["*=x"]}, False, 1, ["the upstream"]),
        ("127.0.0.1", {"ssl_insecure": True}, False, 1, ["WARNING", "--insecure"]),
        ("10.0.0.1", {"ssl_insecure": True}, False, 2, ["WARNING"]),
    ],
)
def test_what_is_exposed_is_said(host, options, forward, lines, words):
    found = list(warnings(host, options, forward=forward))

    assert len(found) == lines
    assert all(any(word in line for line in found) for word in words)


def test_an_address_with_a_certificate_is_not_called_open():
    (line,) = warnings("0.0.0.0", {"certs": ["*=x"]}, forward=False)

    assert "in the clear" not in line


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError(errno.EADDRINUSE, "mitmproxy's own words"), "address already in use"),
        (socket.gaierror(-2, "Name or service not known"), "no such address"),
        (OSError("nothing known"), "no such address"),
        (OSError(2**80, "?"), "OSError"),
    ],
)
def test_reasons_are_the_systems_words(error, words):
    assert reason(error) == words


@pytest.mark.parametrize(
    ("options", "key", "lines"),
    [
        ({"jira_events": "-"}, None, []),
        ({"jira_events": "-", "jira_identity": "hashed"}, "k" * 16, []),
        ({"jira_events": "-", "jira_identity": "shown"}, "k", []),
        ({}, None, ["no events are written; --events FILE or - says where to"]),
        (
            {"jira_events": "-", "jira_identity": "hashed"},
            None,
            ["--identity hashed without JIRA_COMPAT_IDENTITY_KEY: after each start users have other names"],
        ),
        (
            {"jira_events": "-", "jira_identity": "hashed"},
            "k" * 15,
            ["JIRA_COMPAT_IDENTITY_KEY is so short that users can be guessed; make one with openssl rand -hex 32"],
        ),
    ],
)
def test_what_was_hardly_meant_is_said(options, key, lines, monkeypatch):
    monkeypatch.setenv("JIRA_COMPAT_IDENTITY_KEY", key or "")
    assert list(oversights(options, shipped_set())) == lines


def test_that_the_policies_which_ship_are_not_in_force_is_said():
    [line] = oversights({"jira_events": "-"}, compile_policies(()))
    assert line.startswith("the built-in policies are not active: --policies replaces them; ")
