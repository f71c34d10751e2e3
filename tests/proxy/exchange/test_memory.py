from jira_compat.model import Request
from jira_compat.proxy.exchange import memory as module
from jira_compat.proxy.exchange.memory import Memory


def request(authorization=b"Basic x", query=b""):
    return Request("GET", b"/rest/api/2/search?" + query, ((b"Authorization", authorization), (b"Accept", b"a")))


def test_what_was_not_remembered_is_not_there():
    memory = Memory()
    assert memory.recall(b"c", "key") is None


def test_what_was_remembered_is_there_for_that_client_and_that_key_alone():
    memory = Memory()
    client = memory.client_of("https://a", request())
    memory.remember(client, ("key", 1), "value")
    assert memory.recall(client, ("key", 1)) == "value"
    assert memory.recall(client, ("key", 2)) is None
    others = [
        memory.client_of("https://b", request()),
        memory.client_of("https://a", request(b"Basic y")),
        memory.client_of("https://a", request(query=b"os_username=fred")),
        memory.client_of("https://a", Request("GET", b"/", ((b"Cookie", b"Basic x"),))),
    ]
    assert [memory.recall(other, ("key", 1)) for other in others] == [None] * 4
    assert len({client, *others}) == 5


def test_a_client_is_known_again_whatever_else_it_sends():
    memory = Memory()
    assert memory.client_of("https://a", request(query=b"jql=x")) == memory.client_of("https://a", request())


def test_it_is_forgotten_after_its_time():
    now = [0.0]
    memory = Memory(lambda: now[0])
    memory.age = 100.0
    memory.remember(b"c", "key", 1)
    now[0] = 99.0
    assert memory.recall(b"c", "key") == 1
    now[0] = 101.0
    assert memory.recall(b"c", "key") is None


def test_the_oldest_go_where_there_is_no_room():
    memory = Memory()
    memory.most = 1000
    for number in range(10):
        memory.remember(b"c", number, "x" * 40)
    assert [memory.recall(b"c", number) is not None for number in range(10)] == [False] * 6 + [True] * 4


def test_a_value_that_is_too_large_is_not_kept(monkeypatch):
    monkeypatch.setattr(module, "MOST_OF_ONE", 300)
    memory = Memory()
    memory.remember(b"c", "key", "small")
    memory.remember(b"c", "key", "x" * 300)
    assert memory.recall(b"c", "key") is None


def test_no_credential_and_no_key_is_kept():
    memory = Memory()
    memory.remember(memory.client_of("https://a", request(b"hunter2-7f3a")), "jql hunter2-7f3a", 1)
    assert "hunter2" not in repr(vars(memory))
