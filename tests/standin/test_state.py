import pytest

from jira_compat.standin.state import State, User, seeded


@pytest.mark.parametrize("manners", ["server", "cloud"])
def test_the_first_day(manners):
    state = seeded(manners)

    assert [(user.name, user.password) for user in state.users.values()] == [("admin", "admin"), ("fred", "fred")]
    assert [user.name for user in state.members("jira-administrators")] == ["admin"]
    assert len(state.issues) == 120


def test_every_day_is_the_first_one():
    once, again = seeded(), seeded()
    once.destroy(once.named("fred"))

    assert again.user(name="fred") is not None
    assert list(seeded().users) == list(again.users)


def test_secrets_are_not_in_a_repr():
    state = seeded()
    user = state.add_user("x", "x@example.com", "X", "hunter2")
    token = state.open_session(user)

    assert "hunter2" not in repr(user)
    assert not [secret for secret in ("hunter2", token, "admin-token") if secret in repr(state)]


def test_who_is_unlinked_is_nobody_here_but_still_has_an_account():
    state = seeded("cloud")
    fred = state.named("fred")
    state.unlink(fred)

    assert state.user(name="fred") is None
    assert state.login("fred", "fred") is None
    assert state.account("FRED@example.com") is fred
    assert state.groups_of(fred) == []
    state.link(fred)
    assert state.user(account_id=fred.account_id) is fred


def test_who_is_not_here_has_no_name():
    with pytest.raises(KeyError):
        seeded().named("nobody")


def test_nobody_has_no_name():
    assert State(users={"k": User("k", "n", "e", "d", "a")}).user() is None


def test_no_secret_is_no_login():
    state = seeded("cloud")
    state.add_user("x", "x@example.com", "X")

    assert state.login("x", "") is None


def test_a_session_ends_with_its_user():
    state = seeded()
    fred = state.named("fred")
    state.open_session(fred)
    state.open_session(state.named("admin"))
    state.destroy(fred)

    assert list(state.sessions.values()) == [state.named("admin").key]
