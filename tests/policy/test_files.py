import os

import pytest

from build import shipped
from jira_compat.actions.respond import Respond
from jira_compat.explain.examples import failures
from jira_compat.policy.errors import PolicyError
from jira_compat.policy.files import policy_files, read_file, shipped_policies
from jira_compat.policy.load import LARGEST, load_policies


def lines_of(*folders):
    with pytest.raises(PolicyError) as caught:
        load_policies(policy_files(folders))
    return list(caught.value.lines)


def test_no_folder_has_no_files():
    assert policy_files([]) == []


def test_policy_files_are_yaml_sorted_by_name(tmp_path):
    for name in ("b.yaml", "a.yml", "c.json", ".d.yaml", "e.yaml~", "README.md"):
        (tmp_path / name).write_text(name)

    found = [(file.name, file.content, file.fault) for file in policy_files([tmp_path])]

    assert found == [(str(tmp_path / "a.yml"), b"a.yml", None), (str(tmp_path / "b.yaml"), b"b.yaml", None)]


def test_a_file_may_be_named_itself_whatever_its_suffix(tmp_path):
    (tmp_path / "policy.txt").write_bytes(b"x")

    assert [file.content for file in policy_files([tmp_path / "policy.txt"])] == [b"x"]


def test_a_file_that_is_named_twice_is_read_once(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"x")

    named = [tmp_path, tmp_path / "a.yaml", tmp_path / ".." / tmp_path.name]

    assert [file.content for file in policy_files(named)] == [b"x"]


def test_no_more_is_read_than_a_policy_can_have(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"#" * 2_000_000)

    assert len(read_file(tmp_path / "a.yaml").content) == LARGEST + 1


def test_a_folder_that_is_missing_or_empty_is_said(tmp_path):
    missing, empty = tmp_path / "missing", tmp_path / "empty"
    empty.mkdir()

    assert lines_of(missing, empty) == [
        f"{missing}: cannot be read (no such file or directory); name a folder of policy files",
        f"{empty}: no policy file (*.yaml) in this folder; name another folder",
    ]


def test_a_file_that_cannot_be_read_is_said_with_all_other_errors(tmp_path):
    (tmp_path / "a.yaml").write_text("[]")
    (tmp_path / "b.yaml").mkdir()
    (tmp_path / "c.yaml").symlink_to(tmp_path / "nowhere")
    (tmp_path / "d.yaml").symlink_to(tmp_path / "d.yaml")
    (tmp_path / "e.yaml").symlink_to("/dev/null")

    assert lines_of(tmp_path) == [
        f"{tmp_path}/a.yaml:1:1: this is a list where a mapping belongs; write a mapping",
        f"{tmp_path}/b.yaml: cannot be read (is a directory); check its name and permissions",
        f"{tmp_path}/c.yaml: cannot be read (no such file or directory); check its name and permissions",
        f"{tmp_path}/d.yaml: cannot be read (too many levels of symbolic links); check its name and permissions",
        f"{tmp_path}/e.yaml: cannot be read (no regular file); put a file in its place",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything; run the tests as another user")
def test_a_file_without_permission_is_said(tmp_path):
    (tmp_path / "a.yaml").touch(mode=0)

    assert lines_of(tmp_path) == [
        f"{tmp_path}/a.yaml: cannot be read (permission denied); check its name and permissions"
    ]


def test_read_file_says_what_keeps_it(tmp_path):
    assert read_file(tmp_path / "none.yaml").fault == (
        "cannot be read (no such file or directory); check its name and permissions"
    )


RULES = [rule for policy in shipped() for rule in policy.rules]


def test_the_shipped_set_is_a_folder_of_policies():
    assert (shipped_policies() / "user-management.yaml").is_file()


def test_its_examples_hold():
    assert [str(failure) for failure in failures(shipped())] == []


ARTICLE = {
    "unchanged": {
        "POST /rest/api/{2|3|latest}/group",
        "POST /rest/api/{2|3|latest}/group/user",
        "DELETE /rest/api/{2|3|latest}/group",
        "DELETE /rest/api/{2|3|latest}/group/user",
        "POST /rest/auth/{1|latest}/session",
        "DELETE /rest/auth/{1|latest}/session",
    },
    "modified": {
        "POST /rest/api/{2|3|latest}/user",
        "DELETE /rest/api/{2|3|latest}/user",
        "PUT /rest/api/{2|3|latest}/user",
    },
    "removed": {
        "POST /rest/api/{2|3|latest}/user/application",
        "DELETE /rest/api/{2|3|latest}/user/application",
        "PUT /rest/api/{2|3|latest}/user/password",
        "PUT /rest/api/{2|3|latest}/myself",
        "PUT /rest/api/{2|3|latest}/myself/password",
        "GET /rest/api/{2|3|latest}/password/policy",
    },
}


@pytest.mark.parametrize("profile", ["cloud", "staging"])
@pytest.mark.parametrize("change", ARTICLE)
def test_every_row_of_the_article_is_a_rule(change, profile):
    (policy,) = (policy for policy in shipped() if policy.policy == "user-management")
    found = {
        rule.endpoint.text
        for rule in policy.rules
        if rule.change == change and not rule.implied and profile in rule.profiles
    }

    assert found == ARTICLE[change]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_removed_endpoint_is_refused_or_translated_and_no_other(rule):
    if rule.action.name == "translate":
        assert rule.change != "unchanged"
    else:
        assert (rule.change == "removed") == (rule.action.name == "respond")


@pytest.mark.parametrize("rule", [rule for rule in RULES if isinstance(rule.action, Respond)], ids=lambda rule: rule.id)
def test_every_refusal_is_a_410_that_says_what_why_and_what_instead(rule):
    assert rule.action.status == 410
    assert rule.endpoint.methods[0] in rule.action.text
    assert "because" in rule.action.text
    assert ";" in rule.action.text
