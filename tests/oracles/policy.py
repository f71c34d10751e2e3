"""What must hold of any policy file: it can be put in force, or lines say what is wrong and where."""

import re
from typing import get_args

from jira_compat.decide import decide
from jira_compat.explain.examples import failures
from jira_compat.model import Profile, Request
from jira_compat.policy.errors import PolicyError
from jira_compat.policy.index import RunOptions, compile_policies
from jira_compat.policy.load import PolicyFile, load_policies

NAME = "a.yaml"
_LINE = re.compile(re.escape(NAME) + r":(?:(\d+):(\d+):)? \S.*")


def check(data: bytes) -> None:
    """Hold one file to all that must hold."""
    try:
        policies = load_policies([PolicyFile(NAME, data)])
    except PolicyError as error:
        _check_lines(error.lines, data)
        return
    for profile in get_args(Profile):
        rules = compile_policies(policies, RunOptions(profile))
        for entry in rules.entries:
            path = next(iter(entry.rule.endpoint.paths()))
            target = "/" + "/".join(segment or "EXAMPLE-2" for segment in path)
            request = Request(entry.rule.endpoint.methods[0], target.encode(), (), b'{"password": "hunter2"}')
            assert decide(rules, request).findings, f"rule {entry.rule.id} does not match its own endpoint"
    for failure in failures(policies):
        assert str(failure).isprintable()


def _check_lines(lines: tuple[str, ...], data: bytes) -> None:
    assert lines, "refused without a reason"
    rows = len(re.split(rb"\r\n|\n|\r|\xc2\x85|\xe2\x80[\xa8\xa9]", data)) + 1
    for line in lines:
        match = _LINE.fullmatch(line)
        assert match, f"no line of an error: {line!r}"
        assert line.isprintable()
        assert match[1] is None or 0 < int(match[1]) <= rows, f"beyond the end of the file: {line!r}"
