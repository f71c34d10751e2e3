import os
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from jira_compat.cli.program import Complaint, Program, version


def program(does):
    @click.group(cls=Program)
    def main():
        pass

    @main.command()
    def thing():
        return does()

    return main


def run(does):
    return CliRunner().invoke(program(does), ["thing"])


def fail(error):
    raise error


def test_a_command_that_is_done_exits_with_0_and_says_nothing():
    result = run(lambda: None)

    assert (result.exit_code, result.output) == (0, "")


@pytest.mark.parametrize(
    ("error", "status", "lines"),
    [
        (Complaint(["one; mend it", "two"]), 1, ["jira-compat: one; mend it", "jira-compat: two"]),
        (
            click.UsageError("No such thing.\nReally."),
            2,
            ["jira-compat: No such thing. Really; see jira-compat thing --help"],
        ),
        (KeyboardInterrupt(), 130, [""]),
        (EOFError(), 130, [""]),
    ],
)
def test_what_goes_wrong_is_a_line_each_and_a_status(error, status, lines):
    result = run(lambda: fail(error))

    assert result.exit_code == status
    assert result.stderr.splitlines() == lines
    assert result.stdout == ""


@pytest.mark.parametrize(("words", "path"), [(["--nope"], "jira-compat"), (["thing", "--nope"], "jira-compat thing")])
def test_a_usage_error_names_the_help_of_its_command(words, path):
    result = CliRunner().invoke(program(lambda: None), words)

    assert (result.exit_code, result.stderr.count("\n")) == (2, 1)
    assert result.stderr.endswith(f"see {path} --help\n")


def test_the_version_is_that_of_the_distribution():
    assert version()[0].isdigit()


def test_a_terminal_that_knows_no_ellipsis_is_no_reason_for_a_traceback():
    result = CliRunner(charset="latin-1").invoke(program(lambda: click.echo("…\udcff")), ["thing"])

    assert (result.exit_code, result.stdout) == (0, "\\u2026\\udcff\n")


@pytest.mark.parametrize("command", [["rules"], ["schema"], ["serve", "--help"]])
def test_nobody_who_reads_is_no_reason_for_a_traceback(command):
    reading, writing = os.pipe()
    os.close(reading)

    with os.fdopen(writing, "wb") as closed:
        result = subprocess.run(
            [sys.executable, "-m", "jira_compat", *command],
            cwd=Path(__file__).parents[2],
            stdout=closed,
            stderr=subprocess.PIPE,
            text=True,
            timeout=30,
            check=False,
        )

    assert (result.returncode, result.stderr) == (1, "")
