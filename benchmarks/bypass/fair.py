"""The verdict on other proxies: by the effect of a request, not by this proxy's wording."""

import re
from urllib.parse import unquote_to_bytes

from bypass import wire
from bypass.corpus import SECRET, Case
from bypass.secret import holds
from bypass.verdict import Outcome, judge
from bypass.wire import Message

_STOPS = {"refused", "rejected", "stopped"}
_CLEAN = re.compile(rb"(?:/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)+/?")
_REMOVED = re.compile(
    rb"(?:PUT .*/(?:user/password|myself|myself/password)|(?:POST|DELETE) .*/user/application"
    rb"|(?:GET|HEAD) .*/password/policy|POST .*/password/policy/(?:createUser|updateUser))(?:\.json|\.xml)?/?",
    re.IGNORECASE,
)


def judge_fairly(case: Case, outcome: Outcome) -> list[str]:
    """Return the faults; a request to reject may be forwarded once its reason is gone."""
    wrong = judge(case, outcome, strict=False)
    stops = all(expected.kind in _STOPS for alternatives in case.expected for expected in alternatives)
    if wrong and (stops or case.refusable) and is_harmless(outcome):
        return []
    return wrong


def is_harmless(outcome: Outcome) -> bool:
    """True if the upstream got nothing that a server could read as covered by the policy."""
    try:
        messages = [message for data in outcome.upstream for message in wire.read_requests(data)]
    except wire.Malformed:
        return False
    if not messages and not outcome.received and not outcome.ended:
        return False
    return not any(holds(data, SECRET) for data in outcome.upstream) and all(map(_is_harmless, messages))


def _is_harmless(message: Message) -> bool:
    path, _, query = message.target.partition(b"?")
    if any(b"method" in name.lower() for name, _ in message.fields) or b"_method" in unquote_to_bytes(query):
        return False
    return bool(_CLEAN.fullmatch(path)) and not _REMOVED.fullmatch(message.method + b" " + path)
