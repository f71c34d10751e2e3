from jira_compat.actions.action import Context
from jira_compat.actions.watch import Watch


def test_it_has_no_key_and_is_what_is_left():
    assert Watch.keys() == {}
    assert Watch.read({}) == Watch()


def test_what_it_says():
    assert Watch().does() == "forwards it unchanged"
    assert Watch().remedy(Context("PUT /rest/x", "Moved.")) == "Check that it copes: Moved."
