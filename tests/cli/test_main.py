import json
import runpy

import pytest
from click.testing import CliRunner

from jira_compat.cli.main import main
from live import ROOT

COMMANDS = ("audit", "check", "demo", "explain", "export", "report", "rules", "schema", "serve")
SECRET = "tulip7"

POLICY = """
policy: own
title: Our own
source: https://example.com/own
rules:
  - id: take-a-out
    endpoint: PUT /rest/api/2/thing
    change: modified
    why: It has to go.
    remove: [/a]
    examples:
      - name: it goes
        request: {json: {a: 1, b: 2}}
        forwards: {json: {b: 2}}
      - name: the rest stays
        request: {json: {b: 2}}
        forwards: unchanged
"""


@pytest.fixture
def policies(tmp_path):
    folder = tmp_path / "policies"
    folder.mkdir()
    (folder / "own.yaml").write_text(POLICY)
    return folder


def run(*words, stdin=None):
    return CliRunner().invoke(main, words, input=stdin, catch_exceptions=False)


def told(*words, status=1, stdin=None):
    """The lines that a command complains with; it may say nothing else."""
    result = run(*words, stdin=stdin)
    lines = result.stderr.splitlines()
    assert (result.exit_code, result.stdout) == (status, "")
    assert lines
    assert all(line.startswith("jira-compat: ") for line in lines)
    return [line.removeprefix("jira-compat: ") for line in lines]


# The whole


def test_alone_it_says_how_it_is_used():
    result = run()

    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == run("--help").stdout


def test_it_has_these_commands_and_no_other():
    assert tuple(sorted(main.commands)) == COMMANDS


@pytest.mark.parametrize("command", [(), *((command,) for command in COMMANDS)])
def test_help_has_two_names_and_an_example_for_each(command):
    result = run(*command, "-h")

    assert result.exit_code == 0
    assert result.output == run(*command, "--help").output
    assert f"  jira-compat {' '.join(command)}" in result.output.partition("Examples:")[2]


def test_the_version_is_said():
    assert run("--version").output.startswith("jira-compat ")


@pytest.mark.parametrize(
    "words",
    [
        ("nonsense",),
        ("--nonsense",),
        ("check", "--nonsense"),
        ("explain", "GET"),
        ("explain", "", "/"),
        ("explain", "/rest/api/2/user", "GET"),
        ("explain", "GET", "/", "--header", SECRET),
        ("explain", "GET", "/", "--profile", "nonsense"),
        ("rules", "--format", "nonsense"),
        ("serve",),
        ("serve", "--forward", "--upstream", "http://jira"),
        ("serve", "--upstream", "http://jira", "--hosts", "jira"),
        ("serve", "--upstream", "http://jira", "--listen", "8080"),
        ("serve", "--forward", "--cert", "x"),
        ("serve", "--forward", "--on-error", "nonsense"),
    ],
)
def test_wrong_usage_is_one_line_that_names_the_help(words):
    (line,) = told(*words, status=2)

    assert line.endswith("--help")
    assert SECRET not in line


GENERATED = runpy.run_path(str(ROOT / "tools" / "generate"))["documents"]()


@pytest.mark.parametrize("path", GENERATED, ids=lambda path: path.name)
def test_generated_files_are_those_that_would_be_generated_now(path):
    assert path.read_text(encoding="utf-8") == GENERATED[path], "run tools/generate"


# check


def test_the_shipped_policies_hold():
    result = run("check")

    assert result.exit_code == 0
    assert result.output.endswith("all hold\n")


def test_good_policies_are_counted(policies):
    assert run("check", str(policies)).output == "1 policy, 1 rule, 2 examples: all hold\n"


def test_what_is_invalid_is_a_line_with_its_place(policies):
    (policies / "own.yaml").write_text(POLICY.replace("change: modified", "change: modifed"))

    (line,) = told("check", str(policies))

    assert line.startswith(f"{policies}/own.yaml:8:")
    assert "'modified'" in line


def test_an_example_that_does_not_hold_is_a_line(policies):
    (policies / "own.yaml").write_text(POLICY.replace("forwards: {json: {b: 2}}", "forwards: {json: {b: 3}}"))

    (line,) = told("check", str(policies))

    assert line.startswith("own/take-a-out: 'it goes': ")
    assert line.endswith("(profile cloud and staging)")


def test_examples_are_run_in_each_profile_of_their_rule(policies):
    disturbing = POLICY.partition("rules:")[2].replace("take-a-out", "take-b-out").replace("[/a]", "[/b]")
    disturbing = disturbing.replace("    change", "    profiles: [staging]\n    change")
    (policies / "own.yaml").write_text(POLICY + disturbing)

    lines = told("check", str(policies))

    assert any(line.startswith("own/take-a-out") and line.endswith("(profile staging)") for line in lines)
    assert not any("cloud" in line for line in lines)


def test_every_folder_that_cannot_be_read_is_a_line(tmp_path):
    assert len(told("check", str(tmp_path / "missing"), str(tmp_path))) == 2


# explain


def explained(*words, stdin=None):
    result = run("explain", *words, "--format", "json", stdin=stdin)
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("/rest/api/2/user", "/rest/api/2/user"),
        ("https://jira.example.com/rest/api/2/user?a=b", "/rest/api/2/user?a=…"),
        ("jira.example.com:80/rest/api/2/user#top", "/rest/api/2/user"),
        ("https://jira.example.com", "/"),
        ("rest/api/2/user", "/rest/api/2/user"),
        ("rest.example.com/rest/api/2/user", "/rest/api/2/user"),
        ("https://jira.example.com?a=b", "/?a=…"),
    ],
)
def test_a_url_is_sent_as_its_path_and_query(url, target):
    assert explained("GET", url)["request"]["target"] == target


def test_a_body_comes_from_the_line_a_file_or_standard_input(tmp_path):
    body = json.dumps({"password": SECRET})
    (tmp_path / "body").write_text(body)
    words = ("POST", "/rest/api/2/user", "--data")

    seen = [explained(*words, body), explained(*words, f"@{tmp_path}/body"), explained(*words, "@-", stdin=body)]

    assert [one["rules"][0]["fields"] for one in seen] == [["/password"]] * 3


def test_a_body_without_a_type_is_labelled_as_a_form():
    twofold = '{"a": "&password=x"}'
    words = ("POST", "/rest/api/2/user", "--data", twofold)

    assert explained(*words)["answers"]["status"] == 400
    assert explained(*words, "--header", "content-type: application/json")["answers"] is None


def test_a_body_that_cannot_be_read_is_one_line(tmp_path):
    (line,) = told("explain", "POST", "/rest/api/2/user", "--data", f"@{tmp_path}/missing")

    assert line.startswith("--data: ")


def test_it_goes_by_the_policies_and_options_that_are_named(policies, tmp_path):
    override = tmp_path / "override.yaml"
    override.write_text("take-a-out: {mode: observe}")
    words = ("PUT", "/rest/api/2/thing", "--data", '{"a": 1}', "--policies", str(policies))

    assert explained(*words)["forwards"]["body"] == "{}"
    assert explained(*words, "--override", str(override))["applied"] is False
    assert explained(*words, "--mode", "observe")["applied"] is False
    assert explained(*words, "--max-body", "3")["answers"]["status"] == 413
    assert explained("DELETE", "/rest/api/2/user", "--profile", "staging")["forwards"]["method"] == "PUT"
    assert explained("PUT", "/rest/api/2/myself", "--refuse-status", "404")["answers"]["status"] == 404


@pytest.mark.parametrize(
    ("words", "start"),
    [
        (("--policies", "/nonexistent"), "/nonexistent: "),
        (("--override", "/nonexistent"), "/nonexistent: "),
        (("--max-body", "much"), "--max-body: "),
        (("--refuse-status", "200"), "--refuse-status: "),
    ],
)
def test_options_that_cannot_be_used_are_one_line(words, start):
    (line,) = told("explain", "GET", "/", *words)

    assert line.startswith(start)


@pytest.mark.parametrize("form", ["text", "json"])
def test_no_value_is_shown(form):
    body = json.dumps({"password": SECRET, "name": SECRET})
    fields = ["--header", f"Authorization: Basic {SECRET}", "--header", f"Cookie: a={SECRET}"]

    result = run("explain", "POST", f"/rest/api/2/user?a={SECRET}", "--data", body, "--format", form, *fields)

    assert result.exit_code == 0
    assert SECRET not in result.output


# rules, schema


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_rules_are_those_of_the_policies_and_the_profile(policies, form):
    own = run("rules", "--policies", str(policies), "--format", form).output
    shipped = [run("rules", "--profile", profile, "--format", form).output for profile in ("cloud", "staging")]

    assert "take-a-out" in own
    assert "refuse-password-change" not in own
    assert ["deactivate-instead-of-deleting" in output for output in shipped] == [False, True]
    assert all(line == line.rstrip() for line in own.splitlines())


def test_rules_that_cannot_be_read_are_one_line(tmp_path):
    assert len(told("rules", "--policies", str(tmp_path))) == 1


def test_the_schema_is_json():
    assert json.loads(run("schema").output)["$schema"]
