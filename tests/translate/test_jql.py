import pytest

from jira_compat.translate.jql import ALWAYS_TRUE, bounded, has_alternatives


@pytest.mark.parametrize(
    "jql",
    [
        "project = ABC",
        "project = ABC ORDER BY key",
        '"ORDER BY" = 1',
        "'order by' ~ x ORDER BY key",
        'summary ~ "order by created"',
        "order = 5",
        "orderBy = 5",
        "(assignee = fred)",
        "NOT status = Done",
    ],
)
def test_a_text_that_restricts_stays_the_very_same(jql):
    assert bounded(jql) is jql


@pytest.mark.parametrize(
    ("jql", "wanted"),
    [
        ("", ALWAYS_TRUE),
        ("  \n", ALWAYS_TRUE),
        ("ORDER BY created DESC", f"{ALWAYS_TRUE} ORDER BY created DESC"),
        (" order\n by key", f"{ALWAYS_TRUE} order\n by key"),
        ('ORDER BY "ORDER BY" ASC', f'{ALWAYS_TRUE} ORDER BY "ORDER BY" ASC'),
    ],
)
def test_an_unbounded_text_gets_a_restriction_in_front(jql, wanted):
    assert bounded(jql) == wanted
    assert bounded(wanted) is wanted


@pytest.mark.parametrize(
    ("jql", "wanted"),
    [
        ("project = ABC AND assignee = fred", False),
        ('summary ~ "this or that"', False),
        ("summary ~ 'it\\'s or' AND x = 1", False),
        ("orders = 1 AND color = red", False),
        ("a = 1 OR b = 2", True),
        ("a = 1 or b = 2", True),
        ("a = 1 || b = 2", True),
        ("NOT a = 1", True),
        ("a != 1 AND !(b = 2)", True),
        ("assignee in (a, b)", False),
    ],
)
def test_alternatives_are_words_outside_of_strings(jql, wanted):
    assert has_alternatives(jql) is wanted
