from datetime import UTC, datetime

from audit.report.made import CREATE, DELETE, LOGIN, PASSWORD, SCRIPT, a_report, a_subject, calls
from build import shipped_set
from jira_compat.audit.counting.inventory import PAGES, Client, Subject
from jira_compat.audit.files.problems import Problem, Skipped
from jira_compat.audit.overlap import Span
from jira_compat.audit.run import Input

CURL = Client("curl", "8.0", None, "10.9.9.9")
ISSUE = Subject("GET /rest/api/2/issue/{id}")


def test_nothing_found_is_a_report_too():
    report = a_report(inputs={})

    assert (report.uses, report.endpoints, report.timeline, report.inputs) == ((), (), (), ())
    assert report.totals.calls == 0
    assert {rule.mark for rule in report.rules} == {entry.mark for entry in shipped_set().entries}
    assert {rule.calls for rule in report.rules} == {0}


def test_a_use_tells_who_how_often_since_when_and_what_to_do():
    [use] = a_report((PASSWORD, SCRIPT, calls(5, day=1, until=3, status=204, applied=2))).uses

    assert (use.product, use.version, use.user, use.address) == SCRIPT
    assert (use.calls, use.statuses, use.applied, use.impact) == (5, {204: 5}, 2, "removed")
    assert (use.first, use.last) == (datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 1, 4, tzinfo=UTC))
    assert use.do.startswith("Stop calling this; the user changes the password at https://id.atlassian.com")
    assert use.example is not None
    assert (use.example.place, use.example.line) == ("access.log:7", "PUT /rest/api/2/user")


def test_uses_stand_worst_first_then_by_calls():
    report = a_report(
        (LOGIN, SCRIPT, calls(1000)),
        (DELETE, SCRIPT, calls(9)),
        (CREATE, SCRIPT, calls(8, carried={"no": 8})),
        (CREATE, CURL, calls(7, carried={"no": 6, "unknown": 1})),
        (CREATE, Client("jira"), calls(6, carried={"no": 5, "yes": 1}, fields=("/password",))),
        (PASSWORD, SCRIPT, calls(1)),
        (PASSWORD, CURL, calls(2)),
    )

    assert [(use.impact, use.calls) for use in report.uses] == [
        ("removed", 2),
        ("removed", 1),
        ("carries", 6),
        ("unknown", 7),
        ("differs", 9),
        ("clean", 8),
        ("unchanged", 1000),
    ]


def test_rules_stand_worst_first_and_those_that_nobody_called_last():
    rules = a_report((LOGIN, SCRIPT, calls(9)), (DELETE, SCRIPT, calls(8)), (PASSWORD, SCRIPT, calls(7))).rules

    assert [rule.rule for rule in rules[:3]] == [PASSWORD, DELETE, LOGIN]
    assert [rule.calls for rule in rules[3:]] == [0] * (len(rules) - 3)


def test_a_rule_adds_up_its_clients_and_has_what_its_policy_says():
    rule = a_report((PASSWORD, SCRIPT, calls(5, day=2)), (PASSWORD, CURL, calls(2, day=1, status=410))).rules[0]

    assert (rule.calls, rule.clients, rule.statuses) == (7, 2, {200: 5, 410: 2})
    assert (rule.first, rule.impact, rule.change) == (datetime(2026, 1, 2, tzinfo=UTC), "removed", "removed")
    assert rule.source is not None
    assert rule.source.startswith("https://confluence.atlassian.com/")
    assert rule.why is not None
    assert rule.text is not None
    assert rule.why.startswith("Passwords are no longer managed")
    assert rule.text.startswith("Changing a user's password")
    assert rule.proxy == "answers 410"


def test_an_event_of_a_rule_that_is_not_here_is_counted_as_it_tells_itself():
    foreign = Subject("PUT /rest/api/2/old", "other-policy", "refuse-old", "removed", "respond")
    report = a_report((foreign, SCRIPT, calls(3)))

    rule = report.rules[0]
    assert (rule.mark, rule.endpoint, rule.impact, rule.calls) == (
        "other-policy/refuse-old",
        foreign.endpoint,
        "removed",
        3,
    )
    assert (rule.why, rule.text, rule.source, rule.proxy) == (None, None, None, None)
    assert report.uses[0].do == rule.remedy


def test_one_rule_told_in_two_ways_is_one():
    older = a_subject(PASSWORD)._replace(endpoint="PUT /rest/api/2/user/password", change="modified")
    for one, other in [(older, a_subject(PASSWORD)), (a_subject(PASSWORD), older)]:
        report = a_report((one, SCRIPT, calls(3)), (other, SCRIPT, calls(3)))

        [use] = report.uses
        for told in (use, report.rules[0]):
            assert (told.calls, told.endpoint, told.change) == (6, a_subject(PASSWORD).endpoint, "removed")


def test_what_no_rule_names_is_told_by_calls_with_its_products():
    report = a_report(
        (ISSUE, Client("curl"), calls(3)),
        (ISSUE, Client("jira"), calls(4)),
        (Subject("GET /rest/api/2/myself"), Client("curl"), calls(9)),
        (PAGES, Client("Firefox"), calls(100)),
    )

    assert [(one.endpoint, one.calls, list(one.products.items())) for one in report.endpoints] == [
        ("GET /rest/api/2/myself", 9, [("curl", 9)]),
        (ISSUE.endpoint, 7, [("jira", 4), ("curl", 3)]),
    ]
    assert (report.totals.unlisted, report.totals.pages, report.totals.calls) == (16, 100, 116)


def test_the_timeline_is_by_rule_in_the_order_of_time():
    report = a_report((PASSWORD, SCRIPT, calls(3, day=1)), (DELETE, SCRIPT, calls(4)), (ISSUE, CURL, calls(5)))

    assert report.bucket_seconds == 3600
    assert [(one.rule, one.start.isoformat(), one.calls) for one in report.timeline] == [
        (DELETE, "2026-01-01T00:00:00+00:00", 4),
        (PASSWORD, "2026-01-02T00:00:00+00:00", 3),
    ]


def test_calls_without_a_time_are_calls():
    some = calls(3)
    some.first = some.last = None
    report = a_report((PASSWORD, SCRIPT, some))

    assert (report.totals.calls, report.totals.first, report.uses[0].last, report.timeline) == (3, None, None, ())


def test_inputs_are_named_with_what_was_skipped_and_whether_they_can_have_bodies():
    skipped = Skipped("a.log", ":")
    for number in range(5):
        skipped.skip(number + 1, "no line of a log")
    skipped.remark(9, "the clock goes back")
    inputs = {
        "a.log": Input("a.log", skipped, "combined", 7, 12, Span(1e9, 1e9)),
        "b.har": Input("b.har", Skipped("b.har", "#"), "har", 3),
        "c": Input("c", Skipped("c", ":")),
    }
    report = a_report(inputs=inputs, problems=[Problem("d", "is not there")], interrupted=True)

    assert [(one.name, one.kind, one.bodies, one.calls, one.skipped) for one in report.inputs] == [
        ("a.log", "combined", False, 7, 5),
        ("b.har", "har", True, 3, 0),
        ("c", None, False, 0, 0),
    ]
    assert [(one.place, one.unread) for one in report.problems] == [
        ("d", True),
        ("a.log:1", True),
        ("a.log:2", True),
        ("a.log:3", True),
        ("a.log", True),
        ("a.log:9", False),
    ]
    assert report.interrupted


def test_foreign_text_is_made_harmless_on_its_way_in():
    client = Client("\x1b[2J", "\n", "\ud800", "\u202e1.2.3.4")
    report = a_report((Subject("GET /\x00", "p", "r\n", None), client, calls(1)))

    assert all(line.isprintable() for line in report.model_dump_json().splitlines())
    assert (report.uses[0].product, report.uses[0].user) == ("\\x1b[2J", "\\ud800")
