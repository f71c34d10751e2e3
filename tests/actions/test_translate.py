import json

import pytest

from jira_compat.actions.action import Context
from jira_compat.actions.registry import ACTION_BY_NAME
from jira_compat.actions.translate import KINDS, Translate, Translation
from jira_compat.model import Request
from jira_compat.plan import Recall, Send, Written
from jira_compat.policy.schema import Rule
from jira_compat.translate.search import HAS_OLD
from script import script

SEARCH = Translate("search")
GET = Request("GET", b"/rest/api/2/search?jql=a%3D1&maxResults=1")


def test_it_is_an_action_and_each_kind_says_what_to_call_instead():
    assert ACTION_BY_NAME["translate"] is Translate
    for name, kind in KINDS.items():
        remedy = Translate(name).remedy(Context("GET /rest/x", "why"))
        assert remedy == f"{kind.remedy} In front of Jira Cloud, jira-compat translates the call meanwhile."
        assert f"`{name}`" in Translate(name).does()


def test_only_a_post_needs_its_body():
    assert not SEARCH.needs_body(GET)
    assert SEARCH.needs_body(Request("POST", GET.target))


def test_its_start_is_a_value_that_begins_the_plan_again_and_again():
    start = SEARCH.start(GET, limit=100)
    assert start is not None
    assert start == Translation("search", GET, 100)
    assert (start.status, start.document, start.translation) == (None, None, "search")
    for _ in range(2):
        plan = start.plan("search/translate")
        assert next(plan) == Recall(HAS_OLD, is_counted=False)
        assert plan.send(None) == Written()
        step = plan.send(())
        assert isinstance(step, Send)
        assert step.request.target == b"/rest/api/2/search/jql"
        plan.close()


def test_a_body_beyond_the_limit_is_refused_without_a_step():
    start = SEARCH.start(Request("POST", GET.target, (), b"{" + b" " * 200 + b"}"), limit=100)
    assert start is not None
    response = script(start.plan("m"), (Recall(HAS_OLD, is_counted=False), None))
    assert response is not None
    assert response.status == 413


RULE = {"id": "it", "endpoint": "GET /rest/api/2/search", "change": "removed", "why": "Why."}


@pytest.mark.parametrize(("page", "size"), [(None, 1000), (100, 100), (5000, 5000)])
def test_the_key_page_bounds_a_page(page, size):
    rule = Rule.model_validate({**RULE, "translate": "search"} | ({} if page is None else {"page": page}))
    start = rule.action.start(Request("GET", b"/rest/api/2/search?jql=a&maxResults=-1"), limit=100)  # type: ignore[attr-defined]
    plan = start.plan("m")
    for result in (None, None):
        plan.send(result)
    assert json.loads(plan.send(()).request.body)["maxResults"] == size
    plan.close()
    assert ("at most 100 issues a page" in rule.action.does()) == (page == 100)


@pytest.mark.parametrize(
    "keys",
    [
        {"page": 100},
        {"page": 100, "translate": "search-jql"},
        {"page": 0, "translate": "search"},
        {"page": 5001, "translate": "search"},
    ],
)
def test_the_key_page_has_its_place_and_its_bounds(keys):
    with pytest.raises(ValueError, match="page"):
        Rule.model_validate({**RULE, **keys})
