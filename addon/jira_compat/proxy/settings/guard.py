"""mitmproxy's own options beside the addon: refused, set or warned of, by what they do to the guarantees."""

import logging
from typing import Any

from jira_compat.proxy.settings.options import MUST_BE, SET_TO, WEAKENED_BY

logger = logging.getLogger(__name__)


def check_neighbours(options: Any, updated: set[str]) -> None:  # noqa: ANN401 - mitmproxy types options dynamically
    """Refuse options that open a hole, and warn of those that narrow the guarantees.

    Raises:
        ValueError: One line: the option, what it would do, the remedy.
    """
    for name, (wanted, harm) in MUST_BE.items():
        if name in options and getattr(options, name) != wanted:
            remedy = "leave it out" if wanted is None else f"leave it {str(wanted).lower()}"
            raise ValueError(f"{name}: {harm}; {remedy}")
    for name in sorted(updated & WEAKENED_BY.keys()):
        if getattr(options, name, None):
            logger.warning("jira-compat: with %s, %s", name, WEAKENED_BY[name])


def close_holes(options: Any) -> None:  # noqa: ANN401 - mitmproxy types options dynamically
    """Set the options whose defaults leave a hole open."""
    options.update(**SET_TO)
