"""Problems of a policy file, one line each: ``file:line:column: where: what; remedy``."""

import difflib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from jira_compat.policy.document import Document, Path, Place
from jira_compat.policy.text import PATTERNS

JsonSchema = dict[str, Any]


class PolicyError(Exception):
    """A set of policies that is not accepted; ``lines`` has every reason."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(self.lines))


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong.

    Args:
        file: The file's name.
        place: Line and column; ``None`` when it is about the file as a whole.
        path: The keys that lead to it.
        what: What is wrong, and the remedy behind a semicolon.
    """

    file: str
    place: Place | None
    path: Path
    what: str

    def __str__(self) -> str:
        """One line of a :class:`PolicyError`."""
        place = "" if self.place is None else f"{self.place[0]}:{self.place[1]}:"
        path = ".".join(map(_printable, self.path))
        return " ".join(part for part in (f"{self.file}:{place}", path and f"{path}:", self.what) if part)


def schema_problems(file: str, document: Document, error: ValidationError, schema: JsonSchema) -> Iterator[Problem]:
    """Pydantic's errors in the words of a person who writes policies."""
    for detail in error.errors(include_url=False):
        kind, loc = detail["type"], detail["loc"]
        if kind == "too_short" and detail["input"]:
            continue  # its value is wrong, which another line reports
        path = _path(document, loc)
        if kind == "missing":
            path = (*path, loc[-1])
        is_key = kind == "extra_forbidden" or detail["input"] is None
        place = document.key_place(path) if is_key else document.place(path)
        yield Problem(file, place, path, _what(detail, path, schema))


def _path(document: Document, loc: Sequence[str | int]) -> Path:
    """Pydantic's location without the members of unions, which are not part of the file."""
    path: Path = ()
    for step in loc:
        if (*path, step) in document.places:
            path = (*path, step)
    return path


_SAID = {
    "missing": "{name!r} is missing; add it",
    "tuple_type": "this is {found} where a list belongs; write a list",
    "model_type": "this is {found} where a mapping belongs; write a mapping",
    "dict_type": "this is {found} where a mapping belongs; write a mapping, {{}} for an empty one",
    "string_type": "this is {found} where text belongs; write text",
    "int_type": "this is {found} where a whole number belongs; write a whole number",
    "bool_type": "this is {found} where true or false belongs; write true or false",
    "too_short": "this is empty; write at least one, or take the key out",
    "string_too_short": "this is empty; write some text, or take the key out",
    "string_too_long": "this has more than {max_length} characters; shorten it",
    "greater_than_equal": "{value} is too little; write at least {ge}",
    "less_than_equal": "{value} is too much; write at most {le}",
}
_FOUND = {
    type(None): "nothing",
    tuple: "a list",
    dict: "a mapping",
    str: "text",
    bool: "true or false",
    int: "a number",
    float: "a number",
}


def _what(detail: ErrorDetails, path: Path, schema: JsonSchema) -> str:
    kind, value, ctx = detail["type"], detail["input"], detail.get("ctx", {})
    name = path[-1] if path else ""
    if kind in _SAID:
        return _SAID[kind].format(name=name, found=_FOUND[type(value)], value=shown(value), **ctx)
    if kind == "extra_forbidden":
        return unknown_word("key", name, _keys_at(schema, path[:-1]))
    if kind == "literal_error":
        allowed = ctx["expected"].replace(" or ", ", ").split(", ")
        return unknown_word("word", value, [word.strip("'") for word in allowed])
    if kind == "string_pattern_mismatch":
        return f"{shown(value)} does not fit; write {PATTERNS[ctx['pattern']]}"
    text = detail["msg"].removeprefix("Value error, ")
    return text if ";" in text else f"{text[:1].lower()}{text[1:]}; correct it"


def unknown_word(kind: str, word: object, allowed: Sequence[str]) -> str:
    """A word that is none of those allowed, and the one that was meant."""
    close = difflib.get_close_matches(str(word), allowed, 1, 0.5)
    remedy = f"did you mean {close[0]!r}?" if close else f"write one of {', '.join(map(repr, allowed[:12]))}"
    return f"unknown {kind} {shown(word)}; {remedy}"


def shown(value: object) -> str:
    """A value of the file as it may stand in a line."""
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}…'"


def _printable(step: str | int) -> str:
    text = str(step)
    return text if text.isprintable() and len(text) <= 80 else shown(text)


def _keys_at(schema: JsonSchema, path: Path) -> list[str]:
    """The keys that the schema allows at a path."""
    node = _resolved(schema, schema)
    for step in path:
        below = node.get("items") if isinstance(step, int) else node.get("properties", {}).get(step)
        node = _resolved(schema, below or node.get("additionalProperties", {}))
    return list(node.get("properties", {}))


def _resolved(schema: JsonSchema, node: JsonSchema) -> JsonSchema:
    """The mapping or list behind references and alternatives: no two of them stand at one place."""
    while "$ref" in node or "anyOf" in node or "oneOf" in node:
        if "$ref" in node:
            node = schema["$defs"][node["$ref"].rpartition("/")[2]]
        else:
            some = node.get("anyOf") or node.get("oneOf") or []
            node = next((one for one in some if "$ref" in one or "items" in one or "oneOf" in one), {})
    return node
