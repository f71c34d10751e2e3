"""A part of Jira's query language: conditions joined by AND, and an order.

Fields are project, key, id, status, issuetype, priority, assignee, reporter, labels, summary, text, created and
updated; operators are ``= != ~ < <= > >= in``, ``not in``, ``is empty`` and ``is not empty``. All else is refused
rather than guessed.
"""

import operator
import re
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from jira_compat.standin.issues.seed import PROJECTS, Issue
from jira_compat.standin.state import State, User

TOKEN = re.compile(r"""\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(!=|<=|>=|[=~<>(),])|([^\s=!~<>(),"']+))""")
QUOTED_OR_ORDER = re.compile(r""""(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\border\s+by\b""", re.IGNORECASE | re.DOTALL)
COMPARISONS: dict[str, Callable[[str, str], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class QueryError(ValueError):
    """A query that Jira or the stand-in cannot read; says why."""


class UnknownValueError(QueryError):
    """A query with a field or a value that the site does not have."""


@dataclass(frozen=True, slots=True)
class Condition:
    """A clause: a field and the values it is compared with, in lower case. No values: empty."""

    field: str
    operator: str
    values: tuple[str, ...] = ()

    def holds(self, state: State, issue: Issue) -> bool:
        """True if an issue matches."""
        have = [value.lower() for value in values_of(state, issue, self.field)]
        if self.operator in COMPARISONS:
            compare = COMPARISONS[self.operator]
            return any(compare(value, self.values[0].replace("/", "-").replace(" ", "t")) for value in have)
        if self.operator == "~":
            return any(self.values[0] in value for value in have)
        hit = bool(set(have) & set(self.values)) if self.values else not have
        return hit is (self.operator == "=")


def search(state: State, query: str, caller: User | None, fresh: Collection[str] = ()) -> list[Issue]:
    """Return the issues that match, in the order of the query.

    Args:
        state: The site.
        query: The query.
        caller: Who searches.
        fresh: Ids of issues whose last changes are seen in any case.

    Raises:
        QueryError: The query is not understood.
    """
    restriction, order = split(query)
    conditions = list(read(restriction, caller))
    seen = state.index.issues(state.issues, fresh)
    hits = [issue for issue in seen if all(each.holds(state, issue) for each in conditions)]
    for term in reversed(order):
        field, _, direction = term.lower().partition(" ")
        hits.sort(key=lambda issue: sort_key(state, issue, field.strip("\"'")), reverse=direction.strip() == "desc")
    return hits


def split(query: str) -> tuple[str, list[str]]:
    """The conditions of a query and the terms of its order; ``ORDER BY`` in a text is no order."""
    for match in QUOTED_OR_ORDER.finditer(query):
        if match[0][0] not in "\"'":
            return query[: match.start()], [term.strip() for term in query[match.end() :].split(",")]
    return query, []


def bounded(query: str) -> bool:
    """True if the query has a condition, as Cloud requires."""
    return bool(split(query)[0].strip())


def read(query: str, caller: User | None) -> Iterable[Condition]:
    """The conditions of a query without an order.

    Raises:
        QueryError: It is not understood.
    """
    tokens = tokenise(query)
    while tokens:
        field = taken(tokens).lower()
        sign = taken(tokens).lower()
        if sign in ("not", "is") and tokens[:1] and tokens[0].lower() in ("in", "not"):
            sign += " " + taken(tokens).lower()
        values = tuple(resolve(value, caller).lower() for value in operands(sign, tokens))
        check(field, values)
        meaning = {"in": "=", "not in": "!=", "is": "=", "is not": "!="}.get(sign, sign)
        yield Condition(field, meaning, () if values == ("empty",) else values)
        if not tokens:
            return
        if taken(tokens).lower() != "and" or not tokens:
            raise QueryError("The stand-in joins conditions with AND only.")


def tokenise(query: str) -> list[str]:
    """Words, texts and signs of a query."""
    tokens, place = [], 0
    query = query.strip()
    while place < len(query):
        match = TOKEN.match(query, place)
        if match is None:
            raise QueryError(f"Error in the JQL Query: at character {place + 1}.")
        tokens.append(next(group for group in match.groups() if group is not None))
        place = match.end()
    return tokens


def operands(sign: str, tokens: list[str]) -> list[str]:
    """Return the values to the right of an operator."""
    if sign in ("=", "!=", "~", "is", "is not", *COMPARISONS):
        value = taken(tokens)
        if tokens[:2] == ["(", ")"]:
            del tokens[:2]
            value += "()"
        return [value]
    if sign not in ("in", "not in") or taken(tokens) != "(":
        raise QueryError(f"The stand-in does not know the operator '{sign}'.")
    values = [taken(tokens)]
    while (mark := taken(tokens)) == ",":
        values.append(taken(tokens))
    if mark != ")":
        raise QueryError("Error in the JQL Query: Expecting ')'.")
    return values


def taken(tokens: list[str]) -> str:
    """The next token, taken off the list."""
    if not tokens:
        raise QueryError("Error in the JQL Query: it ends too early.")
    return tokens.pop(0)


def resolve(value: str, caller: User | None) -> str:
    """A value, with ``currentUser()`` resolved and ``null`` as ``empty``."""
    if value.lower() == "currentuser()":
        return caller.key if caller else "nobody"
    return "empty" if value.lower() == "null" else value


def check(field: str, values: tuple[str, ...]) -> None:
    """Refuse what Jira would refuse: unknown fields and projects."""
    if field not in FIELDS:
        raise UnknownValueError(f"Field '{field}' does not exist or you do not have permission to view it.")
    for value in values:
        if field == "project" and not any(
            value in (each.key.lower(), each.id, each.name.lower()) for each in PROJECTS.values()
        ):
            raise UnknownValueError(f"The value '{value}' does not exist for the field 'project'.")


def people(state: State, key: str | None) -> list[str]:
    """Everything that a user may be called in a query."""
    user = None if key is None else state.users.get(key)
    return [user.key, user.name, user.account_id, user.email] if user else []


FIELDS: dict[str, Callable[[State, Issue], list[str]]] = {
    "project": lambda _, issue: [issue.project.key, issue.project.id, issue.project.name],
    "key": lambda _, issue: [issue.key],
    "issuekey": lambda _, issue: [issue.key],
    "issue": lambda _, issue: [issue.key, issue.id],
    "id": lambda _, issue: [issue.id, issue.key],
    "status": lambda _, issue: [issue.status],
    "issuetype": lambda _, issue: [issue.type],
    "type": lambda _, issue: [issue.type],
    "priority": lambda _, issue: [issue.priority],
    "assignee": lambda state, issue: people(state, issue.assignee),
    "reporter": lambda state, issue: people(state, issue.reporter),
    "labels": lambda _, issue: issue.labels,
    "summary": lambda _, issue: [issue.summary],
    "text": lambda _, issue: [issue.summary, str(issue.description)],
    "created": lambda _, issue: [issue.created],
    "updated": lambda _, issue: [issue.updated],
}


def values_of(state: State, issue: Issue, field: str) -> list[str]:
    """Every value that an issue has in a field, in all its spellings."""
    return FIELDS[field](state, issue)


def sort_key(state: State, issue: Issue, field: str) -> tuple[str, int]:
    """Return the sort key of an issue: numbers as numbers, all else as text."""
    if field in ("key", "issuekey", "issue", "id"):
        return ("", int(issue.id)) if field == "id" else (issue.project.key, int(issue.key.rpartition("-")[2]))
    if field not in FIELDS:
        raise QueryError(f"Not able to sort using field '{field}'.")
    return " ".join(values_of(state, issue, field)[:1]), 0
