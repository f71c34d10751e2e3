"""Drive the plan of one exchange.

A plan of one request needs no connection of its own: the request is sent as the exchange's own flow, and the
site's response comes back in it.
"""

from collections.abc import Callable

from jira_compat.model import Finding, Request, Response
from jira_compat.plan import Plan, PlanError, Send

Editor = Callable[[Request], tuple[Request, tuple[Finding, ...]]]
"""Edits what a plan sends, and says what the rules found."""


class Conversation:
    """A plan of one request.

    Args:
        plan: The plan, not begun.
        edit: Applied to what it sends.
    """

    def __init__(self, plan: Plan, edit: Editor) -> None:
        self._plan = plan
        self._edit = edit

    def send(self) -> Request:
        """Begin: what is sent in the place of the client's request.

        Raises:
            PlanError: The plan asks for something else.
        """
        step = next(self._plan)
        if not isinstance(step, Send):
            raise PlanError(f"{type(step).__name__} as the first step")
        request, _ = self._edit(step.request)  # the decision has what was found
        return request

    def receive(self, response: Response) -> Response | None:
        """End: what the client is answered; ``None`` for the site's response as it is.

        Raises:
            PlanError: The plan asks for more.
        """
        try:
            step = self._plan.send(response)
        except StopIteration as end:
            returned: Response | None = end.value
            return returned
        self._plan.close()
        raise PlanError(f"{type(step).__name__} as the second step")
