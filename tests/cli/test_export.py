import subprocess

import pytest
from click.testing import CliRunner

from balancer import HAPROXY, needs_haproxy
from build import policy_text, shipped_set
from jira_compat.cli.main import main
from jira_compat.export.endpoints import endpoint_lines

SITE = ("--site", "https://jira.example.com")
WORKER = ("--worker", "10.0.0.1:8080")


def run(*words):
    return CliRunner().invoke(main, ["export", "haproxy", *map(str, words)])


def test_two_files_are_written_and_named(tmp_path):
    folder = tmp_path / "a" / "b"

    result = run(folder, *SITE, *WORKER, "--worker", "[::1]:8081", "--admin-port", "9091")

    assert result.exit_code == 0
    assert result.output.split() == [str(folder / "haproxy.cfg"), str(folder / "endpoints.lst")]
    assert (folder / "endpoints.lst").read_text().splitlines() == list(endpoint_lines(shipped_set()))
    config = (folder / "haproxy.cfg").read_text()
    assert "    server worker1 10.0.0.1:8080\n    server worker2 [::1]:8081\n" in config
    assert "check port 9091" in config
    assert "own name" not in config


def test_policies_and_places_are_taken_as_told(tmp_path):
    policies = tmp_path / "policies"
    policies.mkdir()
    rule = "id: see-it\nendpoint: GET /rest/api/2/thing/{id}\nchange: unchanged\nwhy: Why.\nexamples: []"
    (policies / "own.yaml").write_text(policy_text(rule))

    result = run(
        tmp_path, *SITE, *WORKER, "--policies", policies, "--same-name", "--upstream", "http://10.0.0.9:8080",
        "--cert", "/etc/a b.pem", "--listen", "0.0.0.0:443", "--user", "haproxy", "--site-url", "https://b.example/x",
    )  # fmt: skip

    assert result.exit_code == 0
    assert (tmp_path / "endpoints.lst").read_text().splitlines() == [
        f"{method}/rest/api/{version}/thing/{{}}"
        for method in ("GET", "HEAD")
        for version in ("2.0.alpha1", "2.0", "2")
    ]
    config = (tmp_path / "haproxy.cfg").read_text()
    assert "bind 0.0.0.0:443 ssl crt '/etc/a b.pem' " in config
    assert "global\n    user haproxy\n    group haproxy\n" in config
    assert "    server site 10.0.0.9:8080\n" in config
    assert "req.hdr(host) -i -m str jira.example.com jira.example.com:443" in config


@needs_haproxy
def test_what_is_written_is_what_haproxy_takes(tmp_path):
    assert run(tmp_path, "--site", "http://127.0.0.1:9", *WORKER).exit_code == 0

    assert HAPROXY is not None
    checked = subprocess.run([HAPROXY, "-c", "-f", tmp_path / "haproxy.cfg"], capture_output=True, check=False)

    assert checked.returncode == 0, checked.stderr


def test_the_program_must_be_named():
    result = CliRunner().invoke(main, ["export"])

    assert result.exit_code == 2
    assert result.output == (
        "jira-compat: Name the program to export for: jira-compat export haproxy; see jira-compat export --help\n"
    )


@pytest.mark.parametrize(
    "words",
    [
        (),
        WORKER,
        SITE,
        ("--site", "jira", *WORKER),
        (*SITE, "--worker", "10.0.0.1"),
        (*SITE, *WORKER, "--admin-port", "0"),
        (*SITE, *WORKER, "--same-name", "--cert", "x"),
        (*SITE, *WORKER, "--upstream", "x"),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_help(words, tmp_path):
    result = run(tmp_path, *words)

    assert result.exit_code == 2
    (line,) = result.output.splitlines()
    assert line.startswith("jira-compat: ")
    assert line.endswith("see jira-compat export haproxy --help")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--same-name", "--upstream", "http://10.0.0.9"), "--same-name: "),
        (("--policies", "nowhere"), "nowhere"),
        (("--refuse-status", "200"), "--refuse-status: "),
    ],
)
def test_what_cannot_be_exported_is_one_line_and_writes_nothing(words, told, tmp_path):
    result = run(tmp_path, *SITE, *WORKER, *words)

    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert told in line
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_cannot_be_written_to_is_one_line(tmp_path):
    (tmp_path / "file").write_text("")

    result = run(tmp_path / "file", *SITE, *WORKER)

    assert result.exit_code == 1
    (line,) = result.output.splitlines()
    assert line == f"jira-compat: {tmp_path / 'file'}: cannot be written to (file exists); name another folder"
