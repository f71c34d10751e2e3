"""The clients that make the calls: the library of legacy scripts, or the standard library where it is missing."""

import base64
import http.cookiejar
import importlib
import json
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.error import HTTPError
from urllib.parse import urlencode

from jira_compat.demo.calls import Call, Step

ADMIN = ("admin", "admin")
TIMEOUT = 10.0
"""Seconds to wait for an answer."""


@dataclass(frozen=True, slots=True)
class Result:
    """The result that a client reports: success, or an error's status and text."""

    status: int | None = None
    text: str = ""


class Client(Protocol):
    """Something that makes calls to one address."""

    def send(self, step: Step) -> Result:
        """Send a plain request."""

    def make(self, call: Call) -> Result:
        """Make a call in the way that is usual with this client."""

    def label(self, call: Call) -> str:
        """Return the source of such a call; ``""`` for a plain request."""


def clients() -> tuple[str, Callable[[str], Client]]:
    """Return a description of the available client, and a function that creates it for an address."""
    try:
        library = importlib.import_module("jira")
    except ImportError:
        return "Python's urllib (the library 'jira' is not installed; pip install jira)", PlainClient
    return f"the library 'jira' {library.__version__}", lambda url: LibraryClient(library, url)


class PlainClient:
    """Requests by the standard library."""

    def __init__(self, url: str, login: tuple[str, str] = ADMIN) -> None:
        self._url = url
        self._login = f"Basic {base64.b64encode(':'.join(login).encode()).decode()}"
        cookies = urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), cookies)

    def send(self, step: Step) -> Result:
        """Send a plain request."""
        body = None if step.document is None else json.dumps(step.document).encode()
        return self._send(step.method, step.target, body)[0]

    def search(self, query: str, start: int, size: int) -> tuple[Result, Any]:
        """Ask for a page of a search; ``None`` if it is refused."""
        terms = urlencode({"jql": query, "startAt": start, "maxResults": size})
        result, body = self._send("GET", f"/rest/api/2/search?{terms}")
        return result, None if result.status is not None else json.loads(body)

    def _send(self, method: str, target: str, body: bytes | None = None) -> tuple[Result, bytes]:
        headers = {"Authorization": self._login} | ({} if body is None else {"Content-Type": "application/json"})
        request = urllib.request.Request(self._url + target, body, headers, method=method)  # noqa: S310 - ours
        try:
            with self._opener.open(request, timeout=TIMEOUT) as response:
                return Result(), response.read()
        except HTTPError as error:
            with error:
                return Result(error.code, _message(error.read())), b""

    def make(self, call: Call) -> Result:
        """Send the call's request."""
        return self.send(call.step)

    def label(self, _: Call) -> str:
        """Nothing: all are plain requests."""
        return ""


class LibraryClient:
    """The library's own calls, and its session for those that it never had."""

    def __init__(self, library: Any, url: str) -> None:  # noqa: ANN401 - the library need not be there
        self._url = url
        self._error: type[Exception] = library.JIRAError
        self._jira = library.JIRA(url, basic_auth=ADMIN, get_server_info=False, max_retries=0, timeout=TIMEOUT)

    def send(self, step: Step) -> Result:
        """Send a plain request."""
        session = self._jira._session  # noqa: SLF001 - as scripts do it
        return self._result(lambda: session.request(step.method, self._url + step.target, json=step.document))

    def make(self, call: Call) -> Result:
        """Make the call by its method, if there is one."""
        library = call.library
        return self.send(call.step) if library is None else self._result(lambda: library(self._jira))

    def label(self, call: Call) -> str:
        """The method's name."""
        return call.label

    def _result(self, make: Callable[[], object]) -> Result:
        try:
            make()
        except self._error as error:
            return Result(getattr(error, "status_code", None) or 0, getattr(error, "text", None) or "")
        return Result()


def _message(body: bytes) -> str:
    try:
        messages: list[str] = json.loads(body)["errorMessages"]
    except (ValueError, KeyError, TypeError):
        return ""
    return " ".join(messages)
