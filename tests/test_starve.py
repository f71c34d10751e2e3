"""The benchmark of attacks: its command line, and that each attack sends what its row says."""

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import hpack
import pytest
from benchmarks.starve.__main__ import MEMORY, PROCESSOR, WAIT, Outcome
from benchmarks.starve.bodies import BODIES, CODINGS
from benchmarks.starve.http1_attacks import links
from benchmarks.starve.http2 import (
    CONTINUATION,
    DATA,
    HEADERS,
    PING,
    PRIORITY,
    RST_STREAM,
    SETTINGS,
    WINDOW_UPDATE,
)
from benchmarks.starve.http2_attacks import Bomb, Flood
from benchmarks.starve.rows import ROWS, Row
from benchmarks.starve.upstream import LINKS
from benchmarks.starve.upstream import links as answer_with_links

from jira_compat.message.body.content_coding import RATIO, coding

ROOT = Path(__file__).parents[1]
SIZE = 2_000_000
SMALL = Row("small", lambda: links, small=True)
LARGE = Row("large", lambda: links)
FAST = (0.01, 0.01)


def starve(*arguments):
    command = [sys.executable, "-m", "benchmarks.starve", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_row_that_there_is_not_is_told_with_those_there_are():
    status, said = starve("no-such-*")
    assert status == 2
    assert "no-such-*: no such row; use one of br-nested, " in said


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_a_row_is_played_and_printed():
    status, said = starve("ping")
    figures = re.search(
        r"(?m)^\| `ping` \| 50,000 frames: ping \|(( [\d.]+ \|){4}) \d+ → \d+ \| (.*) \| (.*) \|$", said
    )
    assert figures, said
    assert figures[3] == "GOAWAY 11: 1, closed: 1"
    assert (status == 0) == (figures[4] == "yes"), said


@pytest.mark.parametrize(
    ("outcome", "row", "beyond"),
    [
        (Outcome(), SMALL, []),
        (Outcome(wait=WAIT - 0.01, processor=PROCESSOR - 0.01, memory=(90, 89 + MEMORY), loop=FAST), SMALL, []),
        (Outcome(wait=WAIT, loop=FAST), LARGE, ["wait"]),
        (Outcome(wait=2 * WAIT, processor=2 * PROCESSOR, loop=(0.2, 0.2)), SMALL, []),
        (Outcome(processor=PROCESSOR, loop=FAST), SMALL, ["processor"]),
        (Outcome(processor=PROCESSOR, loop=FAST), LARGE, []),
        (Outcome(memory=(90, 90 + MEMORY)), LARGE, ["memory"]),
        (Outcome(notes=["413: 1", "workers replaced"]), LARGE, ["workers"]),
    ],
)
def test_a_row_is_within_the_bounds_or_says_which_it_is_beyond(outcome, row, beyond):
    assert outcome.beyond(row) == beyond


@pytest.mark.parametrize("name", BODIES)
def test_a_body_is_as_large_as_it_is_said_to_be(name):
    for padded in (False, True):
        assert SIZE * 0.99 < len(BODIES[name].plain(SIZE, padded=padded)) < SIZE + 80_000


@pytest.mark.parametrize("name", ["nested", "form", "multipart", "latin1-run"])
@pytest.mark.parametrize("name_of_coding", CODINGS)
def test_a_body_is_encoded_as_its_header_says(name, name_of_coding):
    plain = BODIES[name].plain(SIZE)
    encoded = CODINGS[name_of_coding](plain)
    assert coding([(b"Content-Encoding", name_of_coding.encode())], encoded).read(encoded, SIZE * 2) == plain


@pytest.mark.parametrize("name", BODIES)
def test_a_padded_body_passes_the_ratio_and_is_small_on_the_wire(name):
    plain = BODIES[name].plain(padded=True)
    assert len(plain) / RATIO < len(Bomb(name, "gzip", padded=True).encoded) < 1_000_000
    assert len(Bomb(name, "br").encoded) < 10_000


@pytest.mark.parametrize(
    ("name", "deepest"),
    [("nested", SIZE), ("balanced", SIZE // 2), ("deep-members", SIZE // 6), ("values", 2), ("wrong-end", 1)],
)
def test_a_body_is_as_deep_as_its_name_says(name, deepest):
    depth = most = 0
    for byte in BODIES[name].plain(SIZE)[1:]:
        depth += (byte in b"[{") - (byte in b"]}")
        most = max(most, depth)
    assert most == pytest.approx(deepest, abs=2)


FRAMES = {
    "rapid-reset": {HEADERS: 300, RST_STREAM: 300},
    "ping": {PING: 300},
    "settings": {SETTINGS: 300},
    "window-update": {WINDOW_UPDATE: 300},
    "priority": {PRIORITY: 300},
    "empty-data": {HEADERS: 1, DATA: 300},
    "continuation": {HEADERS: 1, CONTINUATION: 300},
}


@pytest.mark.parametrize("kind", FRAMES)
def test_a_flood_is_made_of_the_frames_it_is_named_after(kind):
    sent = Flood(kind, 300).frames(hpack.Encoder())
    found: Counter[int] = Counter()
    at, decoder = 0, hpack.Decoder()
    while at < len(sent):
        length = int.from_bytes(sent[at : at + 3])
        found[sent[at + 3]] += 1
        if sent[at + 3] == HEADERS and length:
            assert (b":scheme", b"https") in list(decoder.decode(sent[at + 9 : at + 9 + length], raw=True))
        at += 9 + length
    assert found == FRAMES[kind]


def test_the_answer_with_links_is_as_large_as_its_row_says():
    answer = answer_with_links(8080)
    assert 7_000_000 < len(answer) < 9_000_000
    assert answer.count(b'"self":"http://127.0.0.1:8080/') == LINKS


def test_every_row_of_less_than_a_megabyte_has_a_bound_on_processor_time():
    large = {name for name, row in ROWS.items() if not row.small}
    assert {name for name in ROWS if name.startswith("plain-")} <= large
    assert all(ROWS[name].small for name in ROWS if name.startswith(("br-", "gzip-", "zstd-", "padded-")))
