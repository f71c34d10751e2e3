import pytest

from jira_compat.proxy.patches.http2 import (
    HEAD,
    PREFACE,
    TURN_FRAMES,
    TURN_REQUESTS,
    Bucket,
    Flood,
    Frames,
)

BEGIN = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


def frame(kind: int, payload: bytes = b"", flags: int = 0, stream: int = 1) -> bytes:
    return len(payload).to_bytes(3) + bytes([kind, flags]) + stream.to_bytes(4) + payload


def turns(data: bytes, piece: int) -> list[bytes]:
    """All turns, where the data comes in pieces of that size."""
    frames, taken = Frames(), []
    for at in range(0, len(data), piece):
        frames.feed(data[at : at + piece])
        while turn := frames.turn():
            taken.append(turn)
    return taken


ORDINARY = BEGIN + frame(4) + frame(1, b"head") + frame(0, b"body" * 5000) + frame(0, b"", 1) + frame(8, bytes(4))


@pytest.mark.parametrize("piece", [1, 2, 8, 9, 10, 23, 24, 25, 1000, 65_535])
def test_what_comes_is_what_goes_on(piece):
    assert b"".join(turns(ORDINARY, piece)) == ORDINARY


def test_the_preface_is_not_a_frame():
    assert (len(BEGIN), HEAD) == (PREFACE, len(frame(4)))


def test_a_head_that_is_not_complete_waits():
    frames = Frames()
    frames.feed(BEGIN + frame(4)[:5])
    assert frames.turn() == BEGIN
    assert (frames.turn(), len(frames)) == (b"", 5)
    frames.feed(frame(4)[5:])
    assert frames.turn() == frame(4)


@pytest.mark.parametrize(
    ("one", "most"), [(frame(1, b"head", 5), TURN_REQUESTS), (frame(8, b"wind"), TURN_FRAMES)], ids=["requests", "any"]
)
def test_a_turn_has_a_bound(one, most):
    assert [turn.count(one[:HEAD]) for turn in turns(BEGIN + one * (2 * most + 1), 1 << 20)] == [most, most, 1]


@pytest.mark.parametrize(
    ("one", "most"),
    [
        (frame(3, bytes(4)), 200),
        (frame(6, bytes(8)), 500),
        (frame(4), 500),
        (frame(2, bytes(5)), 500),
        (frame(9), 500),
        (frame(0), 500),
        (frame(77, b"x"), 500),
        (frame(0, b"x"), 5_000),
    ],
    ids=["resets", "pings", "settings", "priorities", "continuations", "empty data", "unknown", "little data"],
)
def test_what_costs_more_than_it_carries_has_a_bound(one, most, monkeypatch):
    monkeypatch.setattr("jira_compat.proxy.patches.http2.monotonic", lambda: 7.0)
    assert b"".join(turns(BEGIN + one * most, 1 << 20)) == BEGIN + one * most
    with pytest.raises(Flood):
        turns(BEGIN + one * (most + 1), 1 << 20)


@pytest.mark.parametrize(
    "one",
    [frame(0, bytes(64)), frame(0, b"", 1), frame(0, b"x", 1), frame(8, bytes(4)), frame(1, b"head", 5)],
    ids=["data", "an end", "a little end", "windows", "requests"],
)
def test_what_honest_clients_send_has_none(one):
    assert len(b"".join(turns(BEGIN + one * 20_000, 1 << 20))) == len(BEGIN) + 20_000 * len(one)


def test_tokens_come_back_with_time():
    bucket = Bucket(2, 10)
    assert [bucket.take(1.0), bucket.take(1.0), bucket.take(1.0)] == [True, True, False]
    assert [bucket.take(1.1), bucket.take(1.1)] == [True, False]
    assert [bucket.take(100.0), bucket.take(100.0), bucket.take(100.0)] == [True, True, False]
