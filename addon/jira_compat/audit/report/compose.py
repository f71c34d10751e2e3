"""What an audit found, as a report: pure, and the only step that knows both."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from jira_compat.actions.action import Removing
from jira_compat.audit.counting.inventory import PAGES, Calls, Client, Subject
from jira_compat.audit.report import document as doc
from jira_compat.audit.report.advice import advice, impact_of, refusal_of, remedy_of
from jira_compat.audit.report.totals import RANK, moment, totals
from jira_compat.audit.run import Audit
from jira_compat.policy.index import Entry, PolicySet

_WITH_BODIES = {"har", "flows", "events"}
Mark = tuple[str, str]
"""Policy and rule."""


def compose(audit: Audit, policies: PolicySet, *, by: str, at: datetime) -> doc.Report:
    """The report of an audit.

    Args:
        audit: What was found.
        policies: The rules it was judged by; they say what changed and what to do.
        by: Program and version.
        at: When.
    """
    entries = {(entry.policy, entry.rule.id): entry for entry in policies.entries}
    seen = _by_mark(audit)
    for mark, entry in entries.items():
        seen.setdefault(mark, _Seen(Subject(entry.rule.endpoint.text, *mark, entry.rule.change)))
    uses = [use for mark, one in seen.items() for use in _uses(one, entries.get(mark))]
    uses.sort(key=lambda use: (RANK[use.impact], -use.calls, use.endpoint, use.product, use.version, use.user or ""))
    endpoints = tuple(_endpoints(audit))
    rules = [_rule(one, entries.get(mark)) for mark, one in seen.items()]
    rules.sort(key=lambda rule: (not rule.calls, RANK[rule.impact], -rule.calls, rule.endpoint, rule.rule))
    return doc.Report(
        made=doc.Made(by=by, at=at, policies=policies.digest),
        interrupted=audit.interrupted,
        totals=totals(uses, _sum(audit.inventory.rows.values()), unlisted=sum(one.calls for one in endpoints)),
        rules=tuple(rules),
        uses=tuple(uses),
        endpoints=endpoints,
        bucket_seconds=audit.inventory.width,
        timeline=tuple(_timeline(audit)),
        inputs=tuple(_inputs(audit)),
        problems=tuple(doc.Problem(place=one.place, what=one.what, unread=one.unread) for one in audit.all_problems()),
        failures=audit.inventory.failures,
    )


@dataclass(slots=True)
class _Seen:
    """What was seen of one rule; of two ways to write its endpoint the first."""

    subject: Subject
    clients: dict[Client, Calls] = field(default_factory=dict)

    def all(self) -> Calls:
        return _sum(self.clients.values())


def _by_mark(audit: Audit) -> dict[Mark, _Seen]:
    seen: dict[Mark, _Seen] = {}
    for subject, clients in audit.inventory.subjects():
        if subject.rule is not None:
            one = seen.setdefault((subject.policy or "", subject.rule), _Seen(subject))
            for client, calls in clients.items():
                one.clients.setdefault(client, Calls()).add(calls)
    return seen


def _sum(some: Iterable[Calls]) -> Calls:
    total = Calls()
    for calls in some:
        total.add(calls)
    return total


def _uses(seen: _Seen, entry: Entry | None) -> Iterator[doc.Use]:
    rule = None if entry is None else entry.rule
    change = seen.subject.change if rule is None else rule.change
    for client, calls in seen.clients.items():
        impact = impact_of(change, calls.carried)
        yield doc.Use(
            **_facts(calls),
            **client._asdict(),
            policy=seen.subject.policy or "",
            rule=seen.subject.rule or "",
            endpoint=seen.subject.endpoint if rule is None else rule.endpoint.text,
            change=change,
            impact=impact,
            do=advice(rule, impact, calls.fields),
            carried=calls.carried,
            fields=calls.fields,
            applied=calls.applied,
            example=_example(calls),
        )


def _rule(seen: _Seen, entry: Entry | None) -> doc.Rule:
    subject, calls = seen.subject, seen.all()
    rule = None if entry is None else entry.rule
    change = subject.change if rule is None else rule.change
    edits = rule is not None and isinstance(rule.action, Removing)
    return doc.Rule(
        **_facts(calls),
        policy=subject.policy or "",
        rule=subject.rule or "",
        endpoint=subject.endpoint if rule is None else rule.endpoint.text,
        change=change,
        impact=impact_of(change, calls.carried if calls.count or not edits else {"unknown": 1}),
        why=None if rule is None else rule.why,
        text=None if rule is None else refusal_of(rule),
        remedy=remedy_of(rule),
        proxy=None if rule is None else rule.action.does().replace("`", ""),
        source=None if entry is None else entry.source,
        implied=rule is not None and rule.implied,
        caveat=None if rule is None else rule.unknown,
        clients=len(seen.clients),
    )


def _endpoints(audit: Audit) -> Iterator[doc.Endpoint]:
    found: list[doc.Endpoint] = []
    for subject, clients in audit.inventory.subjects():
        if subject.rule is None and subject != PAGES:
            total = _sum(clients.values())
            products = {client.product: calls.count for client, calls in _most_first(clients)}
            found.append(
                doc.Endpoint(**_facts(total), endpoint=subject.endpoint, products=products, example=_example(total))
            )
    yield from sorted(found, key=lambda one: (-one.calls, one.endpoint))


def _most_first(clients: Mapping[Client, Calls]) -> list[tuple[Client, Calls]]:
    return sorted(clients.items(), key=lambda item: (-item[1].count, item[0].product))


def _timeline(audit: Audit) -> Iterator[doc.Bucket]:
    for (mark, number), count in sorted(audit.inventory.hours.items(), key=lambda item: (item[0][1], item[0][0])):
        policy, _, rule = mark.rpartition("/")
        start = datetime.fromtimestamp(number * audit.inventory.width, UTC)
        yield doc.Bucket(policy=policy, rule=rule, start=start, calls=count)


def _inputs(audit: Audit) -> Iterator[doc.Input]:
    for one in audit.inputs.values():
        yield doc.Input(
            name=one.name,
            kind=one.kind,
            bodies=one.kind in _WITH_BODIES,
            calls=one.calls,
            lines=one.lines,
            no_request=one.skipped.no_request,
            skipped=one.skipped.count,
        )


def _facts(calls: Calls) -> dict[str, Any]:
    statuses = dict(sorted(calls.statuses.items()))
    return {"calls": calls.count, "first": moment(calls.first), "last": moment(calls.last), "statuses": statuses}


def _example(calls: Calls) -> doc.Example | None:
    return None if calls.example is None else doc.Example(place=calls.example.place, line=calls.example.line)
