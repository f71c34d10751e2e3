"""The cost of a decision: ``python -m benchmarks.decide``, in microseconds, medians of many short runs.

The same requests are judged under the policies that ship and under those and ten thousand rules more, in turns,
so that the ratio between the two is of one time and one machine.
"""

import platform
import statistics
import sys
import timeit
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT / "addon"))

from jira_compat.decide import decide  # noqa: E402
from jira_compat.model import Request  # noqa: E402
from jira_compat.policy.files import policy_files  # noqa: E402
from jira_compat.policy.index import PolicySet, compile_policies  # noqa: E402
from jira_compat.policy.load import load_policies  # noqa: E402
from jira_compat.policy.schema import Policy  # noqa: E402

MANY = 10_000
RUNS, CALLS = 301, 300

_HEADERS = (
    (b"Host", b"jira.example.com"),
    (b"User-Agent", b"python-requests/2.31"),
    (b"Accept", b"application/json"),
    (b"Authorization", b"Basic ZnJlZDpodW50ZXIy"),
)
_JSON = (*_HEADERS, (b"Content-Type", b"application/json"))
_USER = b'{"name": "fred", "password": "hunter2", "emailAddress": "fred@example.com", "note": "%b"}'
_BODY = _USER % (b"x" * (1024 - len(_USER) + 2))

REQUESTS: Mapping[str, tuple[Request, float | None]] = {
    "no rule matches": (Request("GET", b"/rest/api/2/issue/ABC-1?expand=names", _HEADERS), 5),
    "no rule matches, an odd path": (Request("GET", b"/jira//rest/./api/2/issue/ABC-1", _HEADERS), None),
    "a page, not an API": (Request("GET", b"/browse/ABC-1", _HEADERS), None),
    "a rule matches, nothing to change": (Request("POST", b"/rest/api/2/group", _JSON, b'{"name": "x"}'), None),
    "a field removed from 1 KB of JSON": (Request("POST", b"/rest/api/2/user", _JSON, _BODY), 40),
    "1 KB of JSON without the field": (
        Request("POST", b"/rest/api/2/user", _JSON, _BODY.replace(b"password", b"passwort")),
        None,
    ),
    "a refusal": (Request("PUT", b"/rest/api/2/user/password?username=fred", _JSON, _BODY), 20),
}
"""What is judged, and the most microseconds that it should take."""


def main() -> None:
    """Measure, and print a Markdown table."""
    shipped = load_policies(policy_files([ROOT / "policies"]))
    few, many = compile_policies(shipped), compile_policies((*shipped, _further(MANY)))
    print(f"Python {platform.python_version()}, {platform.machine()}; medians of {RUNS} runs of {CALLS} decisions")
    print(f"\n| microseconds | {len(few.entries)} rules | {len(many.entries)} rules | ratio | target |")
    print("|---|---:|---:|---:|---:|")
    for name, (request, target) in REQUESTS.items():
        few_us, many_us = _medians([_judging(few, request), _judging(many, request)])
        limit = "" if target is None else f"≤ {target:g}"
        print(f"| {name} | {few_us:.2f} | {many_us:.2f} | {many_us / few_us:.2f} | {limit} |")


def _further(number: int) -> Policy:
    """Return rules for endpoints without calls."""
    source = "https://jira.example.com/"
    rules = tuple(
        {
            "id": f"refuse-{at}",
            "endpoint": f"PUT /rest/api/{{2|3|latest}}/thing{at % 100}/{{id}}/part{at}",
            "change": "removed",
            "why": "It is a benchmark.",
            "respond": {"status": 410, "text": "It is a benchmark."},
            "examples": (),
        }
        for at in range(number)
    )
    return Policy.model_validate({"policy": "further", "title": "Further rules", "source": source, "rules": rules})


def _judging(rules: PolicySet, request: Request) -> Callable[[], object]:
    return lambda: decide(rules, request)


def _medians(calls: Iterable[Callable[[], object]]) -> list[float]:
    """Microseconds for each, measured in turns."""
    timers = [timeit.Timer(call) for call in calls]
    for timer in timers:
        timer.timeit(CALLS)
    times = [[timer.timeit(CALLS) / CALLS * 1e6 for timer in timers] for _ in range(RUNS)]
    return [statistics.median(column) for column in zip(*times, strict=True)]


if __name__ == "__main__":
    main()
