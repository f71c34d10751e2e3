"""An action is whole in its module: one is added to a copy of the package as CONTRIBUTING says, and all ask it."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import jira_compat
from jira_compat.actions.registry import ACTIONS

NEW = Path(__file__).with_name("new")
POLICY = NEW / "policy.yaml"
LOUD = '{"notify": true, "a": 1}'
EVENT = """
import json, sys
from jira_compat.decide import decide
from jira_compat.events.vocabulary import FIELDS, NAMES, rule_event, summary
from jira_compat.model import Exchange, Request
from jira_compat.policy.index import compile_policies
from jira_compat.policy.load import PolicyFile, load_policies
rules = compile_policies(load_policies([PolicyFile("a", open(sys.argv[1], "rb").read())]))
request = Request("PUT", b"/rest/api/2/issue/A-1", (), sys.argv[2].encode())
decision = decide(rules, request)
event = rule_event(decision, Exchange(request))
print(json.dumps([event, summary(decision), NAMES["fields_set"], FIELDS["action"], decision.request.body.decode()]))
"""


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    """The package with an action more: one module, and one line in the registry."""
    home = tmp_path_factory.mktemp("package")
    shutil.copytree(Path(jira_compat.__file__).parent, home / "jira_compat")
    shutil.copy(NEW / "set.py", home / "jira_compat/actions/set.py")
    registry = home / "jira_compat/actions/registry.py"
    lines = registry.read_text().split("\n")
    lines.insert(lines.index("    Watch,"), "    Set,")
    lines.insert(lines.index("from jira_compat.actions.watch import Watch"), "from jira_compat.actions.set import Set")
    registry.write_text("\n".join(lines))
    return home


@pytest.fixture
def run(package):
    """Run Python on that package; what it writes."""

    def started(*arguments: str, status: int = 0) -> str:
        environment = {**os.environ, "PYTHONPATH": str(package), "COLUMNS": "100"}
        done = subprocess.run(
            [sys.executable, "-P", *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
        )
        assert done.returncode == status, done.stdout + done.stderr
        return " ".join(done.stdout.split())

    return started


def ask(run, command, *arguments):
    return run("-m", "jira_compat", command, *arguments)


def explained(run, body, *arguments):
    url = "/rest/api/2/issue/A-1"
    options = ("--policies", str(NEW), "--header", "Content-Type: application/json", *arguments)
    return ask(run, "explain", "PUT", url, "--data", body, *options)


def test_the_copy_is_what_is_asked(run, package):
    assert run("-c", "import jira_compat; print(jira_compat.__path__[0])") == str(package / "jira_compat")


def test_its_key_stands_in_the_schema(run):
    schema = json.loads(ask(run, "schema"))
    keys = schema["$defs"]["Rule"]["properties"]

    assert schema["$defs"]["Set"]["required"] == ["member", "value"]
    assert keys["set"]["description"] == "Give a member of a JSON object this value."
    assert list(keys)[-2:] == ["set", "examples"]


def test_its_examples_hold(run):
    assert ask(run, "check", str(NEW)) == "1 policy, 1 rule, 2 examples: all hold"


@pytest.mark.parametrize("form", ["table", "json", "markdown"])
def test_the_catalogue_says_what_it_does(run, form):
    said = ask(run, "rules", "--policies", str(NEW), "--format", form)

    assert "sets /notify of the body to false" in said.replace("`", "")
    assert "unchanged" not in said


def test_it_is_explained(run):
    said = explained(run, LOUD)

    assert "Forwarded with /notify set." in said
    assert "without" not in said
    assert "action set" in said
    assert "notifications/silence-issue-update" in said


def test_it_is_explained_where_it_only_observes(run):
    said = explained(run, LOUD, "--mode", "observe")

    assert "In enforce mode it would be forwarded with /notify set." in said
    assert "without" not in said


def test_it_is_explained_where_there_is_nothing_to_set(run):
    assert "Forwarded unchanged: the rule has nothing to change." in explained(run, '{"notify": false}')


def test_what_it_cannot_read_is_refused(run):
    assert "Answered 400 by the proxy" in explained(run, "notify=1")


def test_its_event_says_what_was_set(run):
    event, line, meaning, actions, body = json.loads(run("-c", EVENT, str(POLICY), LOUD))

    assert (event["event"], event["action"], event["fields"]) == ("fields_set", "set", ["/notify"])
    assert (event["applied"], event["change"]) == (True, "modified")
    assert line == "fields set /notify [notifications/silence-issue-update]"
    assert meaning == "A `set` rule gave a member of the body another value; `fields` lists which."
    assert "`set`" in actions
    assert json.loads(body) == {"notify": False, "a": 1}


@pytest.mark.parametrize("form", ["table", "json", "csv", "markdown", "html"])
def test_a_report_says_what_to_do(run, tmp_path, form):
    log = tmp_path / "access.log"
    log.write_text(
        '{"time":"2026-11-26T11:31:54Z","remote_addr":"127.0.0.1","method":"PUT","uri":"/rest/api/2/issue/A-1",'
        '"status":204,"user_agent":"curl/8"}\n'
    )
    said = ask(run, "audit", "--policies", str(NEW), "--format", form, str(log))

    assert "Send /notify as false." in said
    assert "Leave out" not in said
    assert form == "html" or "ignore" not in said, "a page has the words for every report in it"


def test_a_rule_that_contradicts_another_is_refused(run, tmp_path):
    text = POLICY.read_text()
    (tmp_path / "a.yaml").write_text(text)
    (tmp_path / "b.yaml").write_text(text.replace("notifications", "other").replace("silence", "mute"))
    program = (
        "import subprocess, sys; done = subprocess.run([sys.executable, '-P', '-m', 'jira_compat', 'check', "
        "sys.argv[1]], capture_output=True, text=True); print(done.returncode, done.stderr)"
    )

    assert "'silence-issue-update' sets '/notify' too; take one out" in run("-c", program, str(tmp_path))


def test_no_other_module_knows_an_action_by_name():
    """What the two steps of CONTRIBUTING leave out would stand there."""
    home = Path(jira_compat.__file__).parent
    others = {"actions", "demo", "message", "standin"}
    modules = [path for path in home.rglob("*.py") if path.relative_to(home).parts[0] not in others]
    names = {f'"{action.name}"' for action in ACTIONS if action.name not in {"none", "replace"}}

    assert [str(path) for path in modules if any(name in path.read_text() for name in names)] == []
