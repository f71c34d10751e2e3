"""A script for a plan: what it asks for, and what it is given, in their order; then what it returns."""

from typing import Any

from jira_compat.model import Response
from jira_compat.plan import Plan, Step


def script(plan: Plan, *pairs: tuple[Step, Any]) -> Response | None:
    """Run a plan against a script; what it returns.

    Args:
        plan: Not begun.
        pairs: Each step that is expected, and its result.
    """
    result: Any = None
    for number, (expected, reply) in enumerate(pairs, start=1):
        try:
            step = plan.send(result)
        except StopIteration as end:
            raise AssertionError(f"it returned {end.value!r} in place of step {number}, {expected!r}") from None
        assert step == expected, f"step {number} is {step!r}, and {expected!r} was expected"
        result = reply
    try:
        step = plan.send(result)
    except StopIteration as end:
        answer: Response | None = end.value
        return answer
    raise AssertionError(f"it asks for more: {step!r}")
