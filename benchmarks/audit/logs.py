"""Logs as a Jira site writes them, generated: the same bytes each time.

A year of a busy site in small: most calls are for issues whose keys differ from call to call, a quarter is pages and
files, one in fifty hits a rule; 400 clients, half of them people with browsers; times go on by the second.
"""

import json
import random
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

SEED = 5
FIRST = 1_735_689_600
"""2025-01-01, in seconds since the epoch."""
A_SECOND = 4
"""Lines in each second of the log."""
_BLOCK = 50_000

_AGENTS = (
    "python-requests/2.31.0",
    "python-requests/2.28.1",
    "jira-python/3.10.5 python-requests/2.32.3",
    "atlassian-python-api/4.0.7",
    "Jenkins/2.452 jira-plugin",
    "Apache-HttpClient/4.5.13 (Java/11.0.20)",
    "curl/7.88.1",
    "Mozilla/5.0 (Windows NT; Windows NT 10.0; de-DE) WindowsPowerShell/5.1.19041.4522",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36",
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:127.0) Gecko/20100101 Firefox/127.0",
)
_CALLS: tuple[tuple[int, str, str], ...] = (
    (200, "GET", "/rest/api/2/issue/{key}?fields=summary,status"),
    (120, "GET", "/rest/api/2/search?jql=project%3D{project}%20AND%20updated%3E-{day}d&startAt={id}"),
    (80, "GET", "/rest/api/latest/issue/{key}/comment"),
    (60, "POST", "/rest/api/2/issue/{key}/transitions"),
    (60, "PUT", "/rest/api/2/issue/{key}"),
    (50, "GET", "/rest/agile/1.0/board/{day}/sprint"),
    (50, "GET", "/rest/api/2/user?username={user}"),
    (40, "GET", "/rest/greenhopper/1.0/xboard/work/allData.json?rapidViewId={day}"),
    (30, "GET", "/rest/tempo-timesheets/4/worklogs/{id}"),
    (30, "GET", "/rest/api/2/myself"),
    (10, "POST", "/rest/auth/1/session"),
    (120, "GET", "/browse/{key}"),
    (80, "GET", "/secure/Dashboard.jspa?selectPageId={id}"),
    (40, "GET", "/s/{id}-CDN/-8x7yml/8020001/1x2x3/_/download/contextbatch/js/_super/batch.js"),
    (10, "GET", "/secure/attachment/{id}/screenshot-{day}.png"),
    (6, "POST", "/rest/api/2/user"),
    (6, "PUT", "/rest/api/2/user?username={user}"),
    (4, "PUT", "/rest/api/2/user/password?username={user}"),
    (2, "DELETE", "/rest/api/2/user?username={user}"),
    (2, "GET", "/rest/api/2/password/policy"),
)
_STATUSES = (*(200,) * 90, *(304,) * 5, 404, 404, 401, 500, 201)

type Call = tuple[str, str, str, str, str, int, int]
"""Address, user, agent, method, target, status and size."""


def access_log(path: Path, form: str, lines: int) -> None:
    """Write a log of so many lines; ``form`` is ``jira`` or ``combined``."""
    write = _LINES[form]
    with path.open("wb") as file:
        number = 0
        for calls in _blocks():
            calls = calls[: lines - number]  # noqa: PLW2901 - the last block may be shorter
            file.write("".join([write(number + place, call) for place, call in enumerate(calls)]).encode())
            number += len(calls)
            if number == lines:
                return


def har(path: Path, megabytes: int) -> None:
    """Write a HAR of about so many MB; answers of 4 kB on average, as an export of a browser has them."""
    size = megabytes * 1_000_000
    with path.open("w") as file:
        written = file.write(
            '{"log": {"version": "1.2", "creator": {"name": "generated", "version": "1"}, "entries": ['
        )
        number = 0
        for calls in _blocks():
            for call in calls:
                entry = json.dumps(_entry(number, call))
                written += file.write(("," if number else "") + "\n" + entry)
                number += 1
                if written >= size:
                    file.write("\n]}}\n")
                    return


def _blocks() -> Iterator[list[Call]]:
    """Calls for ever."""
    chance = random.Random(SEED)  # noqa: S311 - the same each time is what it is for
    weights, methods, targets = zip(*_CALLS, strict=True)
    projects = [f"P{''.join(chance.choices('ABCDEFGHJK', k=3))}" for _ in range(40)]
    clients = [
        (f"10.{number % 7}.{number // 7 % 250}.{number % 250}", f"user{number}", chance.choice(_AGENTS))
        for number in range(400)
    ]
    kinds = list(zip(methods, targets, strict=True))
    while True:
        picked = chance.choices(kinds, weights, k=_BLOCK)
        callers = chance.choices(clients, k=_BLOCK)
        statuses = chance.choices(_STATUSES, k=_BLOCK)
        numbers = [int(one * 1_000_000) for one in map(_random(chance), range(_BLOCK))]
        yield [
            (
                *caller,
                method,
                target.format(
                    key=f"{projects[number % 40]}-{number}",
                    project=projects[number % 40],
                    id=number + 10_000,
                    day=number % 90,
                    user=f"user{number % 4000}",
                ),
                status,
                number % 9000,
            )
            for (method, target), caller, status, number in zip(picked, callers, statuses, numbers, strict=True)
        ]


def _random(chance: random.Random) -> Callable[[int], float]:
    return lambda _: chance.random()


def _time(number: int) -> datetime:
    return datetime.fromtimestamp(FIRST + number // A_SECOND, UTC)


def _combined(number: int, call: Call) -> str:
    address, user, agent, method, target, status, size = call
    stamp = f"{_time(number):%d/%b/%Y:%H:%M:%S +0000}"
    return f'{address} - {user} [{stamp}] "{method} {target} HTTP/1.1" {status} {size} "-" "{agent}"\n'


def _jira(number: int, call: Call) -> str:
    address, user, agent, method, target, status, size = call
    stamp = f"{_time(number):%d/%b/%Y:%H:%M:%S +0000}"
    return (
        f'{address} {number % 1440}x{number}x1 {user} [{stamp}] "{method} https://jira.example.com{target} HTTP/1.1" '
        f'{status} {size} 0.{size % 1000:03} "-" "{agent}" "{number:08x}"\n'
    )


_LINES = {"jira": _jira, "combined": _combined}


def _entry(number: int, call: Call) -> dict[str, object]:
    address, _, agent, method, target, status, size = call
    body = (
        {} if method in {"GET", "DELETE"} else {"postData": {"mimeType": "application/json", "text": '{"name": "x"}'}}
    )
    fields = {"Host": "jira.example.com", "User-Agent": agent, "Accept": "application/json", "Cookie": "a=" + "b" * 80}
    headers = [{"name": name, "value": value} for name, value in fields.items()]
    content = '{"key": "ABC-1", "fields": {"summary": "It does not work"}}, ' * (size // 70)
    return {
        "startedDateTime": f"{_time(number):%Y-%m-%dT%H:%M:%S.000Z}",
        "time": 12,
        "clientIPAddress": address,
        "request": {
            "method": method,
            "url": f"https://jira.example.com{target}",
            "httpVersion": "HTTP/1.1",
            "headers": headers,
            "queryString": [],
            "cookies": [],
            "headersSize": -1,
            "bodySize": -1,
            **body,
        },
        "response": {
            "status": status,
            "statusText": "",
            "httpVersion": "HTTP/1.1",
            "headers": [{"name": "Content-Type", "value": "application/json"}],
            "cookies": [],
            "content": {"size": len(content), "mimeType": "application/json", "text": content},
            "redirectURL": "",
            "headersSize": -1,
            "bodySize": -1,
        },
        "cache": {},
        "timings": {"send": 0, "wait": 12, "receive": 0},
    }
