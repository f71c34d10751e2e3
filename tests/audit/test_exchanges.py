import pytest

from audit.audited import SECRET, choices
from build import a_request
from jira_compat.audit.counting.classify import Judge
from jira_compat.audit.counting.inventory import Client, Inventory
from jira_compat.audit.counting.redaction import Shown
from jira_compat.audit.exchanges import add_exchange
from jira_compat.model import Exchange, Response

CREATION = a_request(
    f"POST /rest/api/2/user?a={SECRET}", headers={"User-Agent": "curl/8"}, name="fred", password=SECRET
)


def added(exchange, identity="shown"):
    inventory = Inventory()
    add_exchange(exchange, ("a.har", 7), Judge(choices().policies, 1000), inventory, Shown(identity, b"key"))
    (((subject, client), calls),) = inventory.rows.items()
    return subject, client, calls


def test_an_exchange_of_which_little_is_known_is_a_call():
    subject, client, calls = added(Exchange(a_request("GET /rest/api/2/myself")))

    assert (subject.endpoint, client) == ("GET /rest/api/2/myself", Client("unknown"))
    assert (calls.count, calls.first, calls.statuses, calls.carried) == (1, None, {}, {})


def test_an_exchange_is_told_with_all_that_is_known():
    exchange = Exchange(CREATION, Response(201), "a.har#7", 1_760_104_536.5, "192.0.2.1", "jira.example.com", "admin")
    subject, client, calls = added(exchange)

    assert (subject.rule, client) == ("ignore-password-on-user-create", Client("curl", "8", "admin", "192.0.2.1"))
    assert (calls.first, calls.last, calls.statuses) == (1_760_104_536.5, 1_760_104_536.5, {201: 1})
    assert (calls.carried, calls.fields) == ({"yes": 1}, ("/password",))
    assert (calls.example.place, calls.example.line) == ("a.har#7", "POST /rest/api/2/user")
    assert SECRET not in repr((subject, client, calls))


@pytest.mark.parametrize("started", [0.0, -5.0, 1e12, float("nan")])
def test_a_time_when_there_was_no_jira_is_none(started):
    assert added(Exchange(CREATION, started=started))[2].first is None


def test_a_user_who_is_not_to_be_shown_is_not():
    assert added(Exchange(CREATION, user="admin"), "none")[1].user is None
