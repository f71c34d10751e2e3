import pytest

from build import a_rule
from jira_compat.audit.report.advice import NOTHING, advice, impact_of, refusal_of, remedy_of

ENDPOINT = "PUT /rest/api/2/user"
REPLACE = {"method": "PUT", "json": {"active": False}, "status": 204}
TEXT = "Changing it was removed, because so; add it elsewhere."


@pytest.mark.parametrize(
    ("change", "carried", "impact"),
    [
        ("unchanged", {}, "unchanged"),
        ("unchanged", {"yes": 1}, "unchanged"),
        ("modified", {"no": 3}, "clean"),
        ("modified", {}, "differs"),
        ("modified", {"no": 3, "unknown": 1}, "unknown"),
        ("modified", {"no": 3, "unknown": 1, "yes": 1}, "carries"),
        ("modified", {"no": 3, "yes": 0}, "clean"),
        ("removed", {}, "removed"),
        (None, {}, "unknown"),
    ],
)
def test_the_impact_is_the_worst_of_the_calls(change, carried, impact):
    assert impact_of(change, carried) == impact


@pytest.mark.parametrize(
    ("keys", "remedy"),
    [
        ({}, NOTHING),
        ({"change": "modified"}, "Check that it copes: Why."),
        ({"remove": ("/a", "/b")}, "Leave out /a, /b."),
        ({"remove": ("/a",), "remove_query": ("b",)}, "Leave out /a, ?b."),
        ({"remove": tuple(f"/{name}" for name in "abcdef")}, "Leave out /a, /b, /c, /d and 2 more."),
        ({"keep": ("/a",)}, "Send only /a."),
        ({"replace": REPLACE}, 'Send PUT with {"active": false} instead.'),
        ({"respond": {"text": TEXT}}, "Stop calling this; add it elsewhere."),
        ({"respond": {"text": "It is gone"}}, "Stop calling this: Why."),
        ({"respond": {}}, "Stop calling this: Why."),
    ],
    ids=str,
)
def test_a_rule_says_what_to_do(keys, remedy):
    assert remedy_of(a_rule(ENDPOINT, **keys)) == remedy


@pytest.mark.parametrize(
    ("keys", "impact", "fields", "do"),
    [
        ({}, "unchanged", (), NOTHING),
        ({"remove": ("/a",)}, "clean", (), NOTHING),
        ({"remove": ("/a", "/b")}, "carries", ("/b",), "Leave out /b."),
        ({"remove": ("/a",)}, "unknown", (), "Check whether it sends /a; if so, leave that out."),
        ({"keep": ("/a",)}, "carries", ("/b",), "Leave out /b. Only /a is taken."),
        ({"keep": ("/a",)}, "unknown", (), "Check what it sends; only /a is taken."),
        ({"change": "modified"}, "differs", (), "Check that it copes: Why."),
        ({"respond": {"text": TEXT}}, "removed", (), "Stop calling this; add it elsewhere."),
        ({"remove": ("/a",)}, "carries", ("/{0.__class__}", "/%s"), "Leave out /{0.__class__}, /%s."),
    ],
    ids=str,
)
def test_a_client_is_told_one_thing(keys, impact, fields, do):
    assert advice(a_rule(ENDPOINT, **keys), impact, fields) == do


def test_a_rule_that_is_not_here_is_to_be_looked_up():
    assert advice(None, "clean", ()) == remedy_of(None) != NOTHING


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        ({}, None),
        ({"respond": {"text": TEXT}}, TEXT),
        ({"respond": {}}, f"{ENDPOINT} has been removed from Jira Cloud: Why."),
    ],
)
def test_a_refusal_is_shown_as_clients_are_told_it(keys, text):
    assert refusal_of(a_rule(ENDPOINT, **keys)) == text
