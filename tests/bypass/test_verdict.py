import pytest

from bypass.corpus import SECRET, UNCHANGED, Case, Expected
from bypass.verdict import Outcome, judge

PAGE = b'{"errorMessages": ["Gone."], "errors": {}}'
OK = b'HTTP/1.1 200 OK\r\nContent-Length: 18\r\n\r\n{"recorded": true}'
RAW = b'POST /x HTTP/1.1\r\nHost: a\r\nX-A: 1\r\nContent-Length: 15\r\n\r\n{"a":1,"b":1.0}'
FORWARDED = RAW.replace(b"Host: a", b"Host: b")


def case(*expected: Expected, raw: bytes = RAW) -> Case:
    return Case("x/y", "x", "", raw, half_close=False, expected=(expected,), refusable=False, elsewhere={})


def refusal(status: int = 410, mark: str = "user-management/x", page: bytes = PAGE) -> bytes:
    return b"HTTP/1.1 %d Gone\r\nX-Jira-Compat: %b\r\nContent-Length: %d\r\n\r\n%b" % (
        status, mark.encode(), len(page), page,
    )  # fmt: skip


EDITED = Expected("forwarded", None, (("json", '{"a": 1}'),))


def as_edited(body: bytes) -> bytes:
    return FORWARDED.replace(b"15\r\n\r\n" + RAW[-15:], b"%d\r\n\r\n" % len(body) + body)


@pytest.mark.parametrize(
    ("expected", "received", "upstream"),
    [
        (UNCHANGED, OK, FORWARDED),
        (Expected("refused", 410), refusal(), b""),
        (Expected("refused", 400), refusal(400, "error/ambiguous_target"), b""),
        (Expected("rejected", 400), b"HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n", b""),
        (Expected("stopped"), b"HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n", b""),
        (Expected("stopped"), b"", b""),
        (EDITED, OK, as_edited(b' {"a":1}')),
    ],
)
def test_as_expected(expected: Expected, received: bytes, upstream: bytes):
    outcome = Outcome(received, ended=True, upstream=(upstream,))

    assert judge(case(expected), outcome) == []


@pytest.mark.parametrize(
    ("expected", "received", "upstream"),
    [
        (UNCHANGED, b"", FORWARDED),
        (UNCHANGED, OK, b""),
        (UNCHANGED, refusal(), b""),
        (UNCHANGED, OK, FORWARDED + b"x"),
        (UNCHANGED, OK, FORWARDED + FORWARDED),
        (UNCHANGED, OK, FORWARDED.replace(b"POST", b"PUT")),
        (UNCHANGED, OK, FORWARDED.replace(b"/x", b"/X")),
        (UNCHANGED, OK, FORWARDED.replace(b"X-A: 1\r\n", b"")),
        (UNCHANGED, OK, FORWARDED.replace(b"X-A: 1", b"X-A: 2")),
        (UNCHANGED, OK, FORWARDED.replace(b"1.0", b"1e0")),
        (UNCHANGED, OK, FORWARDED.replace(b"Host: b", b"Host: b\r\nHost: c")),
        (UNCHANGED, OK, FORWARDED.replace(b"Host: b", b"Host: b/c")),
        (UNCHANGED, OK, FORWARDED.replace(b"Host: b", b"Host: b\r\nConnection: Upgrade\r\nUpgrade: h2c")),
        (EDITED, OK, FORWARDED),
        (EDITED, OK, as_edited(b'{"a":2}')),
        (EDITED, OK, as_edited(b'{"a":1,"a":1}')),
        (EDITED, OK, as_edited(b'{"a":1')),
        (EDITED, refusal(400, "error/unreadable_body"), b""),
        (Expected("refused", 410), b"", b""),
        (Expected("refused", 410), OK, FORWARDED),
        (Expected("refused", 410), refusal(), FORWARDED),
        (Expected("refused", 410), refusal(502), b""),
        (Expected("stopped"), OK, b""),
        (Expected("stopped"), refusal(502), b""),
        (Expected("stopped"), refusal(), b"GET"),
    ],
)
@pytest.mark.parametrize("strict", [True, False])
def test_not_as_expected(expected: Expected, received: bytes, upstream: bytes, *, strict: bool):
    outcome = Outcome(received, ended=True, upstream=(upstream,))
    judged = judge(case(expected), outcome, strict=strict)

    assert judged != [] or (not strict and b'"a":1,"a":1' in upstream)


@pytest.mark.parametrize(
    ("expected", "received", "upstream"),
    [
        (UNCHANGED, OK, FORWARDED.replace(b"X-A", b"x-a").replace(b"Host: b", b"Via: c\r\nHost: b")),
        (Expected("refused", 410), refusal(400), b""),
        (Expected("refused", 410), refusal(mark="error/x"), b""),
        (Expected("refused", 410), refusal(page=b"<p>Gone"), b""),
        (EDITED, OK, as_edited(b'{"a":1.0}')),
    ],
)
def test_what_only_ours_is_held_to(expected: Expected, received: bytes, upstream: bytes):
    outcome = Outcome(received, ended=True, upstream=(upstream,))

    assert judge(case(expected), outcome, strict=False) == []
    assert judge(case(expected), outcome) != []


def test_a_secret_is_found_wherever_it_goes():
    hidden = FORWARDED.replace(b"X-A: 1", b"X-A: " + SECRET.encode().replace(b"h", b"%68"))

    assert "the secret reached the upstream" in judge(case(UNCHANGED), Outcome(OK, ended=True, upstream=(hidden,)))


def test_an_answer_may_not_repeat_it():
    page = PAGE.replace(b"Gone", SECRET.encode())
    outcome = Outcome(refusal(page=page), ended=True, upstream=())

    assert judge(case(Expected("refused", 410)), outcome) == ["the secret is in the answer"]


def test_an_answer_that_never_comes():
    outcome = Outcome(b"", ended=False, upstream=())

    assert judge(case(Expected("stopped")), outcome) == ["it was not answered"]
    assert judge(case(Expected("silent")), outcome) == []


def test_the_best_of_several_counts():
    either = (EDITED, Expected("refused", 400))

    assert judge(case(*either), Outcome(refusal(400, "error/x"), ended=True, upstream=())) == []
    assert judge(case(*either), Outcome(OK, ended=True, upstream=(as_edited(b'{"a":1}'),))) == []
    assert judge(case(*either), Outcome(OK, ended=True, upstream=(FORWARDED,))) != []
