"""The stand-in's state: users, groups, sessions, issues."""

import itertools
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Literal

from jira_compat.standin.issues.index import Index
from jira_compat.standin.issues.seed import Attachment, Issue, numbered_issue, seeded_issues
from jira_compat.standin.modes.faults import Faults

Mode = Literal["server", "cloud", "cloud-today"]
"""Jira Server; Cloud as the article on user management describes it; Cloud as it refuses old clients today."""

APPLICATIONS = ("jira-core", "jira-software", "jira-servicedesk")
ADMINISTRATORS, EVERYBODY = "jira-administrators", "jira-software-users"


@dataclass(slots=True)
class User:
    """An account.

    Args:
        key: What never changes on Jira Server, whatever the user is called.
        name: What the user logs in with on Jira Server.
        email: Address; unique in the cloud.
        display_name: Full name.
        account_id: What identifies the user in the cloud.
        password: In the clear, so that tests can see whether one arrived.
        active: Whether the user may log in.
        linked: Whether the account belongs to the site; only the cloud has accounts that do not.
        applications: Keys of the applications that the user may use.
        logins: How often the user logged in.
    """

    key: str
    name: str
    email: str
    display_name: str
    account_id: str
    password: str = field(default="", repr=False)
    active: bool = True
    linked: bool = True
    applications: set[str] = field(default_factory=lambda: {"jira-software"})
    logins: int = 0


@dataclass(slots=True)
class State:
    """The state of one Jira. Not safe for threads: callers lock."""

    mode: Mode = "server"
    users: dict[str, User] = field(default_factory=dict)
    groups: dict[str, list[str]] = field(default_factory=dict)
    sessions: dict[str, str] = field(default_factory=dict, repr=False)
    tokens: dict[str, str] = field(default_factory=dict, repr=False)
    issues: dict[str, Issue] = field(default_factory=dict)
    attachments: dict[str, Attachment] = field(default_factory=dict)
    index: Index = field(default_factory=Index)
    faults: Faults = field(default_factory=Faults)
    ids: Iterator[int] = field(default_factory=lambda: itertools.count(10_200), repr=False)
    requests: Iterator[int] = field(default_factory=lambda: itertools.count(1), repr=False)

    @property
    def cloud(self) -> bool:
        """True for both Cloud modes."""
        return self.mode != "server"

    @property
    def today(self) -> bool:
        """True for ``cloud-today``."""
        return self.mode == "cloud-today"

    def user(self, *, name: str | None = None, key: str | None = None, account_id: str | None = None) -> User | None:
        """Return the user with a name (in any case), a key or an account id; ``None`` if the site has none."""
        for user in self.users.values():
            named = name is not None and user.name.lower() == name.lower()
            if user.linked and (named or user.key == key or user.account_id == account_id):
                return user
        return None

    def named(self, name: str) -> User:
        """Return the user with a name.

        Raises:
            KeyError: Nobody here is.
        """
        if (user := self.user(name=name)) is None:
            raise KeyError(name)
        return user

    def account(self, email: str) -> User | None:
        """Return the account with an e-mail address, whether or not it belongs to the site."""
        return next((user for user in self.users.values() if user.email.lower() == email.lower()), None)

    def login(self, login: str, secret: str) -> User | None:
        """Return the user for a name or e-mail address and a password or token; ``None`` if they do not match.

        Today's Cloud takes an e-mail address and a token, nothing else.
        """
        user = self.account(login) if self.today else self.user(name=login) or self.account(login)
        if user is None or not user.active or not user.linked or not secret:
            return None
        by_password = user.password == secret and not self.today
        return user if by_password or self.tokens.get(secret) == user.key else None

    def add_user(self, name: str, email: str, display_name: str, password: str = "") -> User:
        """A new account, in the group that everybody is in."""
        number = next(self.ids)
        user = User(
            key=f"JIRAUSER{number}",
            name=name,
            email=email,
            display_name=display_name,
            account_id=f"5b10a2844c20165700ed{number:04x}",
            password=password,
        )
        self.users[user.key] = user
        self.groups.setdefault(EVERYBODY, []).append(user.key)
        return user

    def link(self, user: User) -> None:
        """Take an account back into the site."""
        user.linked = True
        self.groups.setdefault(EVERYBODY, []).append(user.key)

    def unlink(self, user: User) -> None:
        """Take the user out of the site; the account stays, as Atlassian keeps it."""
        user.linked = False
        self._forget(user.key)

    def destroy(self, user: User) -> None:
        """Take the account away for good, as Jira Server does."""
        del self.users[user.key]
        self._forget(user.key)

    def _forget(self, key: str) -> None:
        for members in self.groups.values():
            if key in members:
                members.remove(key)
        self.sessions = {token: owner for token, owner in self.sessions.items() if owner != key}

    def open_session(self, user: User) -> str:
        """A new session's id."""
        user.logins += 1
        token = uuid.uuid4().hex.upper()
        self.sessions[token] = user.key
        return token

    def seed_issues(self, count: int, *, description: int = 0) -> None:
        """Hold exactly so many issues, DEMO-1 and up, the same each time; their ids start at 1000001.

        Args:
            count: How many.
            description: Octets of each description; 0 leaves a short one.
        """
        reporter, assignee = self.named("admin").key, self.named("fred").key
        issues = (numbered_issue(f"DEMO-{number}", number, reporter, assignee) for number in range(1, count + 1))
        self.issues, self.attachments = {}, {}
        for number, issue in enumerate(issues, 1):
            issue.id = str(1_000_000 + number)
            if description:
                issue.description = f"{issue.description} ".ljust(description, "x")
            self.issues[issue.key] = issue
        self.index.catch_up()

    def groups_of(self, user: User) -> list[str]:
        """Names of the groups that a user is in."""
        return [name for name, members in self.groups.items() if user.key in members]

    def members(self, group: str) -> list[User]:
        """Return the members of a group."""
        return [self.users[key] for key in self.groups[group]]


def seeded(mode: Mode = "server") -> State:
    """A Jira on its first day.

    ``admin`` and ``fred``, each with their name as password and ``admin-token`` and ``fred-token`` as tokens; the
    groups ``jira-administrators`` and ``jira-software-users``; the issues DEMO-1 to DEMO-100 and OPS-1 to OPS-20, with
    a text file attached to DEMO-1.
    """
    state = State(mode, groups={ADMINISTRATORS: [], EVERYBODY: []})
    admin = state.add_user("admin", "admin@example.com", "Administrator", "admin")
    fred = state.add_user("fred", "fred@example.com", "Fred F. User", "fred")
    state.groups[ADMINISTRATORS].append(admin.key)
    state.tokens.update({"admin-token": admin.key, "fred-token": fred.key})
    state.issues.update({issue.key: issue for issue in seeded_issues(reporter=admin.key, assignee=fred.key)})
    words = b"A note on the first issue."
    note = Attachment("10000", "note.txt", len(words), admin.key, words)
    state.attachments[note.id] = note
    state.issues["DEMO-1"].attachments.append(note.id)
    return state
