"""What is left in a request that was forwarded, for every reader that could be behind the proxy."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl

from jira_compat.message.body.pointers import Selection
from jira_compat.model import Header, Request
from oracles import readers
from oracles.selected import left, lost_names
from oracles.servers import CHAINS, endpoint, path_of

FORM = "application/x-www-form-urlencoded"


def served(request: Request) -> set[tuple[str, ...]]:
    """The endpoints, from the resource on, that some chain of servers finds in a request's target."""
    paths = (path_of(request.target, chain) for chain in CHAINS)
    return {endpoint(path) for path in paths if path is not None} - {()}


def query_names(request: Request) -> set[str]:
    """The names in a query, to who knows fragments and to who does not."""
    before, _, after = request.target.partition(b"#")
    queries = (before.partition(b"?")[2], request.target.partition(b"?")[2], after.partition(b"?")[2])
    return {name for query in queries for name, _ in parse_qsl(query.decode("latin-1"), keep_blank_values=True)}


def held(request: Request, selection: Selection) -> set[str]:
    """The readers that find something in a request's body that a selection takes out."""
    body = request.body or b""
    plain = readers.content(body, request.headers)
    found = set(_held(plain, request.headers, selection))
    if plain is not body:  # servers that undo no coding, as Tomcat
        found |= {f"coded {reader}" for reader in _held(body, request.headers, selection, coded=True)}
    return found


def _held(text: bytes, headers: tuple[Header, ...], selection: Selection, *, coded: bool = False) -> Iterator[str]:
    values: dict[str, Any] = readers.json_values(text, headers)
    for reader, value in values.items():
        if left(value, selection) != value:
            yield f"json by {reader}"
    if lost_names(readers.part_names(text, headers), selection):
        yield "multipart"
    labelled, parts = readers.media_type(headers) == FORM, readers.is_multipart(text, headers)
    if not text.strip(readers.BLANK) or not (labelled or (text.isascii() and not values and not parts)):
        return
    names = readers.form_names(text)
    if coded or values or parts:  # the first pair begins as that does
        names = [name for name in names[1:] if name.isascii() and name.isprintable()]
    if lost_names(names, selection):
        yield "form"
