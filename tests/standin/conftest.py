"""A stand-in without a socket: what it answers to a request."""

import base64
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest

from jira_compat.standin.http.body import Body
from jira_compat.standin.http.http1 import Head
from jira_compat.standin.http.messages import Answer, Refusal
from jira_compat.standin.routes import respond
from jira_compat.standin.server import as_call
from jira_compat.standin.state import Mode, State, seeded

SITE = "http://jira.example"


@dataclass
class Reply:
    answer: Answer
    status: int = field(init=False)
    headers: dict[str, str] = field(init=False)

    def __post_init__(self) -> None:
        self.status = self.answer.status
        self.headers = dict(self.answer.headers)

    @property
    def json(self) -> Any:
        return json.loads(self.answer.body)


@dataclass
class Jira:
    state: State

    def __call__(self, method: str, target: str, content: Any = None, *, login: str = "", **headers: str) -> Reply:
        """Ask: ``content`` is JSON unless it is bytes, ``login`` is ``name:password``."""
        fields = [(name.replace("_", "-"), value) for name, value in headers.items()]
        if login:
            fields.append(("Authorization", "Basic " + base64.b64encode(login.encode()).decode()))
        raw = content if isinstance(content, bytes) else b"" if content is None else json.dumps(content).encode()
        try:
            call = as_call(Head(method, target.encode(), 1, tuple(fields)), Body(raw), SITE)
        except Refusal as refusal:
            return Reply(refusal.answer)
        return Reply(respond(self.state, call))

    def password(self, name: str) -> str:
        return self.state.named(name).password


@pytest.fixture(scope="session")
def fresh() -> Callable[[Mode], Jira]:
    return lambda mode: Jira(seeded(mode))


@pytest.fixture
def server(fresh: Callable[[Mode], Jira]) -> Jira:
    return fresh("server")


@pytest.fixture
def cloud(fresh: Callable[[Mode], Jira]) -> Jira:
    return fresh("cloud")


@pytest.fixture
def today(fresh: Callable[[Mode], Jira]) -> Jira:
    return fresh("cloud-today")
