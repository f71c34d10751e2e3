"""Policy files to policies: all errors at once, or policies that are sound."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any

from pydantic import TypeAdapter, ValidationError

from jira_compat.actions.action import Refusing
from jira_compat.policy.contradictions import contradictions
from jira_compat.policy.document import Document, DocumentError, Path, read_document
from jira_compat.policy.errors import PolicyError, Problem, schema_problems, unknown_word
from jira_compat.policy.schema import Override, Policy, Rule

LARGEST = 1_000_000
"""Bytes; a policy file is written by a person."""


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A policy file, read.

    Args:
        name: What error lines call it.
        content: At most ``LARGEST`` + 1 bytes are looked at.
        fault: Why there is no content, and the remedy behind a semicolon.
    """

    name: str
    content: bytes = b""
    fault: str | None = None


@dataclass(slots=True)
class _Checked:
    """A file as far as it is sound, and what is wrong with it."""

    name: str
    document: Document = field(default_factory=Document)
    value: Any = None
    problems: list[Problem] = field(default_factory=list)

    def problem(self, path: Path, what: str) -> Problem:
        return Problem(self.name, self.document.place(path), path, what)


_POLICY = TypeAdapter(Policy)
_RULE = TypeAdapter(Rule)
_OVERRIDES = TypeAdapter(dict[str, Override])


def load_policies(files: Iterable[PolicyFile]) -> tuple[Policy, ...]:
    """Parse and check policy files.

    Raises:
        PolicyError: With a line for everything that is wrong in any of them.
    """
    checked = [_check(file, _POLICY) for file in files]
    _raise_all(checked, chain(_double_ids(checked), _contradictions(checked)))
    return tuple(one.value for one in checked)


def load_overrides(file: PolicyFile, policies: Iterable[Policy]) -> Mapping[str, Override]:
    """Parse a file of overrides, ``rule-id: {mode: …, status: …, text: …}``.

    Raises:
        PolicyError: With a line for everything that is wrong in it, an unknown rule id included.
    """
    checked = _check(file, _OVERRIDES)
    _raise_all([checked], _override_problems(checked, {rule.id: rule for policy in policies for rule in policy.rules}))
    overrides: dict[str, Override] = checked.value
    return overrides


def _raise_all(checked: list[_Checked], others: Iterable[Problem]) -> None:
    """Raise if there is any problem, sorted as an editor would go through them."""
    order = {one.name: number for number, one in enumerate(checked)}
    problems = [*chain.from_iterable(one.problems for one in checked), *others]
    problems.sort(key=lambda problem: (order[problem.file], problem.place or (0, 0)))
    if problems:
        raise PolicyError(dict.fromkeys(map(str, problems)))


def _check(file: PolicyFile, adapter: TypeAdapter[Any]) -> _Checked:
    checked = _Checked(file.name)
    try:
        checked.document = document = _read(file)
        for path, place in document.duplicates:
            checked.problems.append(Problem(file.name, place, path, "this key is there twice; take one out"))
        checked.value = adapter.validate_python(document.value)
    except DocumentError as error:
        checked.problems.append(Problem(file.name, error.place, (), str(error)))
    except ValidationError as error:
        checked.problems += schema_problems(file.name, checked.document, error, adapter.json_schema())
    return checked


def _read(file: PolicyFile) -> Document:
    if file.fault is not None:
        raise DocumentError(None, file.fault)
    if len(file.content) > LARGEST:
        raise DocumentError(None, f"this is larger than {LARGEST} bytes; split it by change")
    try:
        return read_document(file.content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        row = file.content.count(b"\n", 0, error.start) + 1
        column = error.start - file.content.rfind(b"\n", 0, error.start)
        raise DocumentError((row, column), "this is not UTF-8; save it as UTF-8") from None


def _raw_rules(checked: _Checked) -> Iterator[tuple[int, dict[str, Any]]]:
    """Return the items of ``rules``, sound or not."""
    top = checked.document.value
    rules = top.get("rules") if isinstance(top, dict) else None
    for place, rule in enumerate(rules if isinstance(rules, tuple) else ()):
        if isinstance(rule, dict):
            yield place, rule


def _double_ids(checked: list[_Checked]) -> Iterator[Problem]:
    seen: dict[str, str] = {}
    for one in checked:
        for path, what in _ids(one):
            here = f"{one.name}:{one.document.place(path)[0]}"
            if what in seen:
                yield one.problem(path, f"there is a {what} already, in {seen[what]}; ids are unique, rename one")
            seen.setdefault(what, here)


def _ids(checked: _Checked) -> Iterator[tuple[Path, str]]:
    top = checked.document.value
    if isinstance(top, dict) and isinstance(top.get("policy"), str):
        yield ("policy",), f"policy {top['policy']!r}"
    for place, rule in _raw_rules(checked):
        if isinstance(rule.get("id"), str):
            yield ("rules", place, "id"), f"rule {rule['id']!r}"


def _contradictions(checked: list[_Checked]) -> Iterator[Problem]:
    rules = [(rule, one, place) for one in checked for place, rule in _sound_rules(one)]
    homes = {id(rule): (one, place) for rule, one, place in rules}
    for found in contradictions([rule for rule, _, _ in rules]):
        home, place = homes[id(found.rule)]
        yield home.problem(("rules", place, found.key), found.what)


def _sound_rules(checked: _Checked) -> Iterator[tuple[int, Rule]]:
    """The rules that can be compared, even if others beside them are wrong."""
    if checked.value is not None:
        yield from enumerate(checked.value.rules)
        return
    for place, raw in _raw_rules(checked):
        try:
            yield place, _RULE.validate_python(raw)
        except ValidationError:
            continue


def _override_problems(checked: _Checked, rules: Mapping[str, Rule]) -> Iterator[Problem]:
    top = checked.document.value
    for id_, override in top.items() if isinstance(top, dict) else ():
        if id_ not in rules:
            place = checked.document.key_place((id_,))
            yield Problem(checked.name, place, (id_,), unknown_word("rule id", id_, list(rules)))
        elif (
            not isinstance(rules[id_].action, Refusing)
            and isinstance(override, dict)
            and override.keys() & {"status", "text"}
        ):
            what = "this rule refuses nothing, so it has no 'status' or 'text'; only 'mode' can be changed"
            yield checked.problem((id_,), what)
