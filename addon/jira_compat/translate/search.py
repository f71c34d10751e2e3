"""Translate the old search (CHANGE-2046): a page by ``startAt`` becomes calls of search/jql.

Clients that page by ``startAt`` and read ``total`` get every issue once and in order, and their loops end:

* A page that follows one which was served is one call, with the token that :class:`Recall` finds.
* Without a token the ids are walked, up to 5,000 a call, and issue/bulkfetch gets the page, 100 issues a call.
* A page is filled up, because clients take a short one for the last.
* ``total`` is exact up to 5,000 issues and on the last page. In between it is an estimate, never too small to go on.
"""

from dataclasses import dataclass, replace
from http import HTTPStatus

from jira_compat.jira_error import error_answer
from jira_compat.message.body.errors import TooLarge, Unreadable
from jira_compat.model import Request, Response
from jira_compat.plan import Note, Plan, Recall, Remember, Send, Written
from jira_compat.translate.jql import has_alternatives
from jira_compat.translate.search_answer import Found, error_messages, ok, write_answer
from jira_compat.translate.search_call import PAGE, BadCall, SearchCall, read_search_call
from jira_compat.translate.search_steps import EndedError, ExpiredError, SearchSteps, Steps, Walk

_OF_THE_BODY = frozenset({b"content-type", b"content-encoding"})
HAS_OLD = "search/jql is not there"
"""Key of what is remembered of a site that still has the old search, as Data Center does."""
_MALFORMED = "Error in the JQL Query"
"""The beginning of Jira's message about a query that is refused whatever ``validateQuery`` says."""


@dataclass(frozen=True, slots=True)
class Cursor:
    """The beginning of a page, for the client that was given the page before it.

    Args:
        token: Of search/jql; ``None`` if the page before came from a walk.
        total: As it was answered then.
        written: Ids to reconcile, the same for each page.
        gone: Ids that a walk finds and that cannot be fetched.
    """

    token: str | None
    total: int
    written: tuple[int, ...] = ()
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Result:
    """A page.

    Args:
        found: Its issues.
        total: How many issues the search finds.
        last: The last response of the site.
    """

    found: Found
    total: int
    last: Response | None


def search(request: Request, mark: str, *, page: int = PAGE, limit: int) -> Plan:
    """Answer a call of the old search.

    A site that does not know search/jql is asked the call itself: it still has the old search.

    Args:
        request: The call, with its body.
        mark: Value of ``X-Jira-Compat``.
        page: The largest page that is answered.
        limit: The most bytes the call's body may decode to.
    """
    if (yield Recall(HAS_OLD, is_counted=False)):
        yield Send(_as_it_was(request))
        return None
    try:
        call = read_search_call(request, page=page, limit=limit)
    except (BadCall, Unreadable) as error:
        status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE if isinstance(error, TooLarge) else HTTPStatus.BAD_REQUEST
        return error_answer(status, f"The search cannot be translated: {error}. Correct the call.", mark)
    try:
        result = yield from find_page(call)
    except EndedError as ended:
        if ended.response.status in {HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED} and ended.is_first:
            yield Remember(HAS_OLD, value=True)
            yield Send(_as_it_was(request))
            return None
        lenient = _lenient(call, ended.response)
        return ended.response if lenient is None else ok(lenient, mark, ended.response)
    return ok(write_answer(call, result.found, result.total), mark, result.last)


def _as_it_was(request: Request) -> Request:
    """Return the client's own call, with the header fields of its body."""
    headers = tuple((name, value) for name, value in request.headers if name.lower() in _OF_THE_BODY)
    if request.body:
        headers = (*headers, (b"Content-Length", str(len(request.body)).encode()))
    return Request(request.method, request.target, headers, request.body)


def find_page(call: SearchCall) -> Steps[Result]:
    """Find a page by its offset, the cheapest way.

    Raises:
        EndedError: The site refused a step.
        PlanError: An answer is not what its specification allows.
    """
    cursor: Cursor | None = (yield Recall(_key(call, call.start_at))) if call.start_at and call.size else None
    steps = SearchSteps(call, (yield Written()) if cursor is None else cursor.written)
    if not call.size:
        return Result(Found(), (yield from _total(steps, 0)), steps.last)
    if not call.start_at or (cursor is not None and cursor.token is not None):
        try:
            return (yield from _by_token(call, steps, cursor))
        except ExpiredError:
            pass
    return (yield from _by_walk(call, steps, cursor))


def _by_token(call: SearchCall, steps: SearchSteps, cursor: Cursor | None) -> Steps[Result]:
    """Ask for the page, and again for what it lacks."""
    found = Found()
    token = None if cursor is None else cursor.token
    while True:
        page = yield from steps.page(call.size - len(found.issues), token)
        found.add(page.found)
        token = page.token
        if token is None or len(found.issues) >= call.size:
            break
    reached = call.start_at + len(found.issues)
    if token is None:
        yield Note("search.total", "exact")
        return Result(found, reached, steps.last)
    if cursor is None:
        total = yield from _total(steps, reached + 1)
    else:
        total = max(cursor.total, reached + 1)
        yield Note("search.total", "remembered")
    yield Remember(_key(call, reached), Cursor(token, total, steps.written))
    return Result(found, total, steps.last)


def _by_walk(call: SearchCall, steps: SearchSteps, cursor: Cursor | None) -> Steps[Result]:
    """Walk the ids up to the end of the page, then fetch its issues; the next ids stand in for any that are gone."""
    gone = frozenset() if cursor is None else cursor.gone
    walk, found, at = Walk(steps, gone), Found(), call.start_at
    while lacking := call.size - len(found.issues):
        yield from walk.reach(at + lacking)
        window = walk.ids[at : at + lacking]
        if not window:
            break
        fetched = yield from steps.bulk(window)
        gone |= set(window) - {number for number, _ in fetched.issues}
        found.add(fetched)
        at += len(window)
    reached = call.start_at + len(found.issues)
    if walk.is_whole:
        left = max(0, len(walk.ids) - at)
        total = reached + left if found.issues else min(call.start_at, len(walk.ids))
        yield Note("search.total", "exact")
    else:
        left = 1
        total = max((yield from steps.estimate()), len(walk.ids) + 1, reached + 1)
    if left or gone:
        yield Remember(_key(call, reached), Cursor(None, total, steps.written, gone))
    return Result(found, total, steps.last)


def _total(steps: SearchSteps, least: int) -> Steps[int]:
    """Count exactly what fits one call, and have the site estimate what does not."""
    page = yield from steps.ids(None)
    count = len(page.found.issues)
    if page.token is None:
        yield Note("search.total", "exact")
        return max(count, least)
    return max((yield from steps.estimate()), count + 1, least)


def _key(call: SearchCall, offset: int) -> tuple[SearchCall, int]:
    """Everything that a token is bound to, and where it leads."""
    return replace(call, start_at=0, validation="strict"), offset


def _lenient(call: SearchCall, refused: Response) -> str | None:
    """Keep what ``validateQuery`` promised for a query that names unknown things: no issues, and with ``warn`` why.

    A malformed query is refused whatever was asked. So is, under ``none``, one with alternatives: some of them might
    find issues, and which the site does not say.
    """
    messages = error_messages(refused)
    if refused.status != HTTPStatus.BAD_REQUEST or call.validation == "strict" or not messages:
        return None
    if any(message.startswith(_MALFORMED) for message in messages):
        return None
    if call.validation == "none" and has_alternatives(call.jql):
        return None
    return write_answer(call, Found(), 0, messages if call.validation == "warn" else ())
