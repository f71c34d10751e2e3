import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.standin.issues import jql
from jira_compat.standin.state import seeded

STATE = seeded()
FRED = STATE.named("fred")


def keys(query: str) -> list[str]:
    return [issue.key for issue in jql.search(STATE, query, FRED)]


def test_no_condition_means_all():
    assert len(keys("")) == len(keys(" order by key")) == 120


@pytest.mark.parametrize(
    ("query", "count"),
    [
        ("project = DEMO", 100),
        ("PROJECT=demo", 100),
        ("project = Operations", 20),
        ("project in (DEMO, OPS)", 120),
        ("project not in ( OPS )", 100),
        ("project != OPS", 100),
        ("key = 'OPS-1'", 1),
        ('issuekey in ("OPS-1", "OPS-2", "OPS-99")', 2),
        ("id = 10001", 1),
        ("assignee = fred", 80),
        ("assignee = currentUser() AND project = DEMO", 67),
        ("assignee is EMPTY", 40),
        ("assignee is not empty", 80),
        ("reporter = admin@example.com", 120),
        ('status = "In Progress"', 40),
        ("summary ~ 'number 12'", 2),
        ("labels = seed and type = Bug", 40),
        ('created >= "1970-01-01"', 120),
        ('created < "2018-10-02 09:00"', 4),
        ("created > 2018/10/28", 4),
        ("assignee = nobody", 0),
    ],
)
def test_conditions(query, count):
    assert len(keys(query)) == count


@pytest.mark.parametrize(
    ("query", "first"),
    [
        ("project = DEMO order by key", ["DEMO-1", "DEMO-2"]),
        ("project = DEMO ORDER BY key DESC", ["DEMO-100", "DEMO-99"]),
        ("order by project desc, key desc", ["OPS-20", "OPS-19"]),
        ("order by id desc", ["OPS-20", "OPS-19"]),
        ("project = DEMO order by status, key", ["DEMO-2", "DEMO-5"]),
    ],
)
def test_order(query, first):
    assert keys(query)[:2] == first


@pytest.mark.parametrize(
    "query",
    [
        "project",
        "project =",
        "project = NONE",
        "project = DEMO OR project = OPS",
        "project = DEMO AND",
        "project in DEMO",
        "project in (DEMO",
        "project in (DEMO =",
        "issuetype in ()",
        "colour = red",
        "project was DEMO",
        "project is",
        "order by colour",
        'summary ~ "unfinished',
    ],
)
def test_what_is_not_understood_is_refused(query):
    with pytest.raises(jql.QueryError):
        keys(query)


@pytest.mark.parametrize(
    ("query", "bounded"), [("", False), (" order by key", False), ("key = A-1 order by key", True)]
)
def test_bounded(query, bounded):
    assert jql.bounded(query) is bounded


@given(
    st.lists(
        st.sampled_from(["project", "key", "=", "!=", "in", "not", "is", "(", ")", ",", "and", "order by", "x", '"'])
    ).map(" ".join)
    | st.text(max_size=30)
)
def test_any_text_is_read_or_refused(query):
    try:
        keys(query)
    except jql.QueryError:
        return
