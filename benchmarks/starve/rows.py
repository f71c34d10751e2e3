"""The rows of the table: what each attack is, and how the proxy is started for it."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import NamedTuple

from benchmarks.starve import http1_attacks
from benchmarks.starve.bodies import BODIES
from benchmarks.starve.http1_attacks import PIECE, Answers, Behind, Held
from benchmarks.starve.http2_attacks import Bomb, Flood, Unread, Upload

type Attack = Callable[[int], Awaitable[Answers]]


class Row(NamedTuple):
    """A row.

    Args:
        what: What is done.
        attack: Gives the attack, prepared.
        small: Less than 1 MB is sent, so that the proxy's processor time has a bound.
        options: Further options of ``serve``.
        http2: The upstream speaks HTTP/2 and takes no more than the first window of a body.
    """

    what: str
    attack: Callable[[], Attack]
    small: bool = False
    options: tuple[str, ...] = ()
    http2: bool = False


def _bombs() -> dict[str, Row]:
    bare = {(name, "br") for name in BODIES} | {("nested", "gzip"), ("nested", "zstd"), ("latin1-run", "gzip")}
    rows = {
        f"{coding}-{name}": Row(f"{coding}: {name}", partial(Bomb, name, coding), small=True)
        for name in BODIES
        for coding in ("br", "gzip", "zstd")
        if (name, coding) in bare
    }
    for name in BODIES:
        attack = partial(Bomb, name, "gzip", padded=True)
        rows[f"padded-{name}"] = Row(f"gzip, below the ratio: {name}", attack, small=True)
        rows[f"plain-{name}"] = Row(f"not compressed: {name}", partial(Bomb, name, "identity"))
    return rows


ROWS: dict[str, Row] = {
    **_bombs(),
    "streams": Row("br: nested, 8 streams", partial(Bomb, "nested", "br", streams=8), small=True),
    "streams-padded": Row(
        "gzip, below the ratio: wrong-end, 8 streams", partial(Bomb, "wrong-end", "gzip", padded=True, streams=8)
    ),
    "workers": Row(
        "br: nested, 8 streams, 2 connections, 2 workers",
        partial(Bomb, "nested", "br", streams=8, connections=2),
        small=True,
        options=("--workers", "2"),
    ),
    "workers-padded": Row(
        "gzip, below the ratio: wrong-end, the same",
        partial(Bomb, "wrong-end", "gzip", padded=True, streams=8, connections=2),
        options=("--workers", "2"),
    ),
    "behind-bytes": Row("300 MB behind a request in flight: bytes", partial(Behind, PIECE)),
    "behind-requests": Row(
        "300 MB behind a request in flight: requests",
        partial(Behind, b"GET /rest/api/2/myself HTTP/1.1\r\nHost: jira\r\n\r\n" * 2000),
    ),
    "unread": Row("a download of 200 MB not read, HTTP/1", lambda: http1_attacks.unread),
    "unread-stream": Row("the same, HTTP/2, no window", partial(Unread, 1)),
    "unread-streams": Row("the same, 4 streams", partial(Unread, 4)),
    "unread-socket": Row("the same, 4 streams, all windows open", partial(Unread, 4, 0x7FFF_FFFF, reads=False)),
    "slow-upstream": Row("an HTTP/2 upload that an HTTP/1 upstream does not take", partial(Upload, "/stuck")),
    "slow-upstream-http2": Row("the same, HTTP/2 upstream", partial(Upload, "/stuck"), http2=True),
    "rapid-reset": Row("10,000 requests, each reset", partial(Flood, "rapid-reset", 10_000), small=True),
    **{
        kind: Row(f"50,000 frames: {kind}", partial(Flood, kind, 50_000), small=True)
        for kind in ("ping", "settings", "empty-data", "window-update", "priority", "continuation")
    },
    "held-streams": Row(
        "bodies a rule must read, not ended: 100 streams",
        partial(Upload, "/rest/api/2/user", streams=100, size=9_000_000),
    ),
    "held-connections": Row("the same, 60 connections, HTTP/1", partial(Held, 60, 9_000_000)),
    "silent": Row(
        "60 silent connections of another address, 50 allowed",
        lambda: http1_attacks.silent,
        options=("--max-connections", "50", "--head-timeout", "2s"),
    ),
    "pipelined": Row("4 MB of refused requests, pipelined", lambda: http1_attacks.pipelined),
    "links": Row("an answer of 8 MB with 200,000 links, 4 times", lambda: http1_attacks.links),
}
"""By name."""
