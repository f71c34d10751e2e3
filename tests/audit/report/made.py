"""Tiny builders: an audit that found something, and its report."""

from datetime import UTC, datetime

from build import shipped_set
from jira_compat.audit.counting.inventory import Calls, Client, Example, Inventory, Subject, Verdict
from jira_compat.audit.files.problems import Skipped
from jira_compat.audit.report.compose import compose
from jira_compat.audit.report.document import Report
from jira_compat.audit.run import Audit, Input
from jira_compat.policy.index import PolicySet

DAY = 86_400
START = 1_767_225_600
"""2026-01-01 in UTC."""
AT = datetime(2026, 6, 1, tzinfo=UTC)
PASSWORD = "refuse-password-change"
CREATE = "ignore-password-on-user-create"
UPDATE = "keep-only-active-on-user-update"
IN_QUERY = "ignore-password-in-query-on-user-update"
DELETE = "watch-user-delete"
LOGIN = "leave-login"
SCRIPT = Client("python-requests", "2.31", "svc-build", "10.1.2.3")


def a_subject(rule: str, policies: PolicySet | None = None) -> Subject:
    """What a rule names."""
    entries = (policies or shipped_set()).entries
    entry = next(entry for entry in entries if entry.rule.id == rule)
    return Subject(entry.rule.endpoint.text, entry.policy, rule, entry.rule.change, entry.rule.action.name)


def calls(count: int = 1, day: float = 0, until: float | None = None, status: int = 200, **more) -> Calls:
    """So many calls, from one day of 2026 to another."""
    first, last = START + day * DAY, START + (day if until is None else until) * DAY
    more = {"example": Example("access.log", ":", 7, "PUT /rest/api/2/user"), **more}
    return Calls(count, first, last, {status: count}, **more)


def an_audit(*rows: tuple[str | Subject, Client, Calls], **more) -> Audit:
    """Rules, or what is called besides, each with a client and its calls."""
    inventory = Inventory()
    for what, client, some in rows:
        subject = what if isinstance(what, Subject) else a_subject(what)
        inventory.add(Verdict(subject), client, some)
    inputs = {"access.log": Input("access.log", Skipped("access.log", ":"), "combined", 1, 1)}
    return Audit(inventory, **{"inputs": inputs, **more})


def a_report(*rows: tuple[str | Subject, Client, Calls], policies: PolicySet | None = None, **more) -> Report:
    """The report of that."""
    return compose(an_audit(*rows, **more), policies or shipped_set(), by="jira-compat 1.2.3", at=AT)


def of_many_rules(count: int) -> Report:
    """What the events of a policy tell that is not here, rule by rule."""
    rules = [Subject(f"PUT /rest/api/2/old-{number}", "other", f"old-{number}", "removed") for number in range(count)]
    return a_report(*((rule, SCRIPT, calls(1)) for rule in rules))


def a_busy_report(clients: int = 8) -> Report:
    """Every impact, several clients, two endpoints besides."""
    rules = [
        (PASSWORD, {}),
        (CREATE, {"yes": 3}),
        (CREATE, {"unknown": 2}),
        (UPDATE, {"no": 4}),
        (DELETE, {}),
        (LOGIN, {}),
    ]
    rows: list[tuple[str | Subject, Client, Calls]] = []
    for number in range(clients):
        rule, carried = rules[number % len(rules)]
        client = Client(
            f"tool-{number % 7}", f"1.{number % 3}", f"user-{number}", f"10.0.{number // 200}.{number % 200}"
        )
        count = sum(carried.values()) or number + 1
        fields = ("/password",) if "yes" in carried else ()
        some = calls(count, number % 50, number % 50 + 3, 200 + number % 2, carried=dict(carried), fields=fields)
        rows.append((rule, client, some))
    rows.append((Subject("GET /rest/api/2/issue/{id}"), Client("curl"), calls(50)))
    rows.append((Subject("POST /rest/api/2/search"), Client("curl"), calls(60)))
    return a_report(*rows)
