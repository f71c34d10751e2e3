import pytest

from audit.audited import SAMPLES, audited, told

PUT = '"PUT /rest/api/2/user/password?username=tulip7 HTTP/1.1" 204'
AGENT = '"-" "curl/8.1.0"'
TOMCAT = f'10.0.0.9 654x%dx1 anna [26/Nov/2026:11:31:54 +0000] {PUT} - 91 {AGENT} "0a"\n'
OWN = (
    '10.0.0.9 i654x%dx1 - [26/Nov/2026:11:31:54 +0000] {came} - - - {agent} "-"\n'
    '10.0.0.9 o654x%dx1 anna [26/Nov/2026:11:31:54 +0000] {put} - 0.0910 {agent} "0a"\n'
).format(put=PUT, came=PUT.removesuffix(" 204"), agent=AGENT)
TWICE = "requests stand in Jira's other log, too, under the same id; each is counted once"
BALANCER = f"10.0.0.9 - - [26/Nov/2026:11:31:50 +0000] {PUT} 17 {AGENT}\n"


@pytest.fixture
def folder(tmp_path):
    """Both logs of Jira: requests 1 to 3, and 2 to 4."""
    (tmp_path / "access_log.2026-11-26").write_text("".join(TOMCAT % number for number in (1, 2, 3)))
    own = "".join(OWN % (number, number) for number in (2, 3, 4))
    (tmp_path / "atlassian-jira-http-access.log").write_text(own)
    return tmp_path


def counted(found):
    return sum(calls.count for calls in found.inventory.rows.values())


def test_a_request_in_both_logs_of_jira_is_one_call(folder):
    found = audited(folder)

    assert counted(found) == 4
    assert told(found) == [f"atlassian-jira-http-access.log: 2 {TWICE}"]
    assert not any(problem.unread for problem in found.all_problems())


def test_one_log_alone_is_counted_whole(folder):

    assert counted(audited(folder / "atlassian-jira-http-access.log")) == 3
    assert counted(audited(folder / "access_log.2026-11-26")) == 3


def test_ids_beyond_the_bound_are_said(folder, monkeypatch):
    monkeypatch.setattr("jira_compat.audit.counting.request_ids.MOST", 2)
    found = audited(folder)

    assert counted(found) == 5
    assert any("may be counted twice" in line for line in told(found))


@pytest.mark.parametrize(
    ("line", "remarks"),
    [
        (BALANCER, True),
        (BALANCER.replace("26/Nov", "27/Nov"), False),
        (BALANCER.replace("curl", "wget"), False),
        (BALANCER.replace("user/password", "myself"), False),
    ],
)
def test_a_log_of_a_balancer_that_may_have_the_same_requests_gets_a_remark(folder, line, remarks):
    (folder / "atlassian-jira-http-access.log").unlink()
    (folder / "balancer.log").write_text(line * 2 + line.replace("11:31:50", "11:31:59"))
    problems = audited(folder).all_problems()

    assert [problem.what.partition(" as /")[0] for problem in problems] == [
        "has calls of the same time and tools"
    ] * remarks
    assert not any(problem.unread for problem in problems)


def test_samples_of_both_logs_are_other_requests():
    assert not any("other log" in line for line in told(audited(SAMPLES)))
