import pytest

from jira_compat.policy.errors import PolicyError
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.settings.policies import load_rules


def settings(**changed):
    return read_options({**{name: default for name, _, default, _, _ in OPTIONS}, **changed}.__getitem__)


def test_the_shipped_set_is_the_default():
    assert {entry.policy for entry in load_rules(settings()).entries} >= {"user-management"}


def test_an_override_changes_one_rule(tmp_path):
    override = tmp_path / "override.yaml"
    override.write_text("refuse-password-change: {status: 404, mode: observe}\n")
    rules = {entry.rule.id: entry for entry in load_rules(settings(jira_override=str(override))).entries}
    changed, other = rules["refuse-password-change"], rules["refuse-myself-update"]
    assert (changed.mode, changed.refusal and changed.refusal.status) == ("observe", 404)
    assert (other.mode, other.refusal and other.refusal.status) == ("enforce", 410)


def test_what_cannot_be_read_is_said(tmp_path):
    with pytest.raises(PolicyError) as caught:
        load_rules(settings(jira_policies=[str(tmp_path / "none"), str(tmp_path)]))
    assert len(caught.value.lines) == 2
