import gc
import weakref

import pytest
from mitmproxy import exceptions
from mitmproxy.test import taddons

from jira_compat.proxy.addons.compat import JiraCompat, keep_what_is_there
from jira_compat.proxy.settings.options import OPTIONS


@pytest.fixture
def addon():
    made = JiraCompat()
    with taddons.context(made) as context:
        context.configure(made, jira_mode="enforce")
        yield made, context
        made.done()


def test_it_declares_its_options(addon):
    _, context = addon
    assert {name for name, *_ in OPTIONS} <= set(context.options.keys())


def test_unsafe_options_are_set_as_soon_as_it_is_configured(addon):
    """Before ``running``: by then mitmproxy listens, and connections may have come."""
    _, context = addon
    assert context.options.rawtcp is False
    context.options.update(rawtcp=True)
    assert context.options.rawtcp is False


def test_the_shipped_rules_are_in_force_and_listed(addon):
    made, _ = addon
    assert (
        "user-management/refuse-password-change enforce respond PUT /rest/api/{2|3|latest}/user/password"
        in made.rules()
    )


def test_what_is_refused_leaves_what_was_in_force(addon, tmp_path):
    made, context = addon
    before = made.traffic.active.rules.digest
    (tmp_path / "bad.yaml").write_text("policy: 1\n")
    for name, value, line in [
        ("jira_mode", "audit", "jira_mode: 'audit' is not a valid value"),
        ("jira_policies", [str(tmp_path)], f"{tmp_path}/bad.yaml:1:"),
        ("jira_events", str(tmp_path / "none" / "events"), f"jira_events: {tmp_path}/none/events cannot be opened"),
    ]:
        with pytest.raises(exceptions.OptionsError) as caught:
            context.configure(made, **{name: value})
        assert str(caught.value).startswith(line)
        assert made.traffic.active.rules.digest == before
        assert made.traffic.active.settings.run.mode == "enforce"


def test_a_reload_of_a_bad_set_is_an_error_of_the_command_and_keeps_the_good_one(addon, tmp_path):
    made, context = addon
    policy = tmp_path / "one.yaml"
    policy.write_text(
        "policy: one\ntitle: One\nsource: https://example.com/\nrules:\n"
        "  - {id: leave-it, endpoint: GET /rest/api/2/field, change: unchanged, why: No change.}\n"
    )
    context.configure(made, jira_policies=[str(tmp_path)])
    before = made.traffic.active
    policy.write_text("policy: [\n")
    with pytest.raises(exceptions.CommandError) as caught:
        made.reload()
    assert str(caught.value).startswith(f"{policy}:")
    assert made.traffic.active is before


class Node:
    """May be in a circle with itself."""


@pytest.fixture
def thawed():
    yield
    gc.unfreeze()


@pytest.mark.usefixtures("thawed")
def test_what_lives_is_left_out_of_collections_and_garbage_goes():
    garbage = Node()
    garbage.itself = garbage  # type: ignore[attr-defined]
    seen = weakref.ref(garbage)
    del garbage
    before = gc.get_freeze_count()
    keep_what_is_there()
    assert seen() is None
    assert gc.get_freeze_count() > before
    assert len(gc.get_objects()) < 1000
