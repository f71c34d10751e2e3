import gzip
import json
from urllib.parse import urlencode

import pytest

from jira_compat.message.body.errors import TooLarge, Unreadable
from jira_compat.model import Request
from jira_compat.translate.search_call import DEFAULT_FIELDS, BadCall, SearchCall, read_search_call

PATH = b"/jira/rest/api/2/search"


def read(request: Request, **more) -> SearchCall:
    return read_search_call(request, **{"limit": 100_000, **more})


def by_query(query: str) -> SearchCall:
    return read(Request("GET", PATH + b"?" + query.encode()))


def by_json(document: object, *headers: tuple[bytes, bytes]) -> SearchCall:
    return read(
        Request("POST", PATH, ((b"Content-Type", b"application/json"), *headers), json.dumps(document).encode())
    )


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", PATH),
        Request("GET", PATH + b"?jql=&fields=&expand=&startAt=&maxResults="),
        Request("POST", PATH, (), b""),
        Request("POST", PATH, (), b"{}"),
        Request("POST", PATH, (), b'{"jql": null, "fields": null, "startAt": null, "expand": []}'),
    ],
)
def test_what_is_not_given_has_the_old_defaults(request_):
    assert read(request_) == SearchCall(PATH, "", 0, 50, DEFAULT_FIELDS)


WANTED = SearchCall(PATH, 'a = "ü"', 20, 10, ("summary", "-comment"), ("names", "schema"), ("x",), True, "warn")
FORM = {
    "jql": 'a = "ü"',
    "startAt": "20",
    "maxResults": "10",
    "fields": "summary,-comment",
    "expand": "names,schema",
    "properties": "x",
    "fieldsByKeys": "true",
    "validateQuery": "warn",
}
LISTS = {"fields": ["summary", "-comment"], "expand": ["names", "schema"], "properties": ["x"]}


@pytest.mark.parametrize(
    "request_",
    [
        Request("GET", PATH + b"?" + urlencode(FORM).encode()),
        Request("GET", PATH + b"?" + urlencode({**FORM, **LISTS}, doseq=True).encode()),
        Request("POST", PATH, ((b"Content-Type", b"application/x-www-form-urlencoded"),), urlencode(FORM).encode()),
        Request("POST", PATH, (), json.dumps(FORM).encode()),
        Request("POST", PATH, (), json.dumps({**FORM, **LISTS, "startAt": 20, "fieldsByKeys": True}).encode()),
        Request("POST", PATH, (), json.dumps(FORM, ensure_ascii=False).encode("utf-16")),
        Request("POST", PATH, ((b"Content-Encoding", b"gzip"),), gzip.compress(json.dumps(FORM).encode())),
        Request("POST", PATH, ((b"Content-Type", b"application/x-www-form-urlencoded"),), json.dumps(FORM).encode()),
        Request("POST", PATH + b"?" + urlencode(FORM).encode(), (), b""),
    ],
)
def test_every_spelling_says_the_same(request_):
    assert read(request_) == WANTED


@pytest.mark.parametrize(
    ("value", "size"),
    [(0, 0), (1, 1), (1000, 1000), (1001, 1000), (2147483647, 1000), (10**30, 1000), (-1, 1000), (-7, 1000)],
)
def test_a_page_is_at_most_as_large_as_it_may_be(value, size):
    assert by_json({"maxResults": value}).size == by_json({"maxResults": str(value)}).size == size
    assert by_query(f"maxResults={value}").size == size


@pytest.mark.parametrize("value", [False, "false", "False", "None"])
def test_false_asks_for_all_there_is(value):
    assert by_json({"maxResults": value}).size == by_query(f"maxResults={value}").size == 1000


def test_the_rule_bounds_the_page():
    assert read(Request("GET", PATH + b"?maxResults=-1"), page=20).size == 20
    assert read(Request("GET", PATH + b"?maxResults=19"), page=20).size == 19


@pytest.mark.parametrize(("value", "start"), [(0, 0), (5, 5), (-3, 0), ("7", 7), (None, 0), ("", 0)])
def test_an_offset_is_not_below_zero(value, start):
    assert by_json({"startAt": value}).start_at == start


@pytest.mark.parametrize(
    ("value", "wanted"),
    [
        (None, "strict"),
        (True, "strict"),
        ("true", "strict"),
        ("True", "strict"),
        ("strict", "strict"),
        ("warn", "warn"),
        ("WARN", "warn"),
        ("none", "none"),
        (False, "warn"),
        ("False", "warn"),
    ],
)
def test_validation(value, wanted):
    assert by_json({"validateQuery": value}).validation == wanted


@pytest.mark.parametrize(
    ("document", "clause"),
    [
        ({"jql": 5}, "jql must be a text"),
        ({"startAt": "many"}, "startAt must be a whole number"),
        ({"startAt": {}}, "startAt must be a whole number"),
        ({"maxResults": "1e3"}, "maxResults must be a whole number"),
        ({"fields": [5]}, "fields must be names"),
        ({"expand": {"a": 1}}, "expand must be names"),
    ],
)
def test_what_cannot_be_understood_is_named_without_its_value(document, clause):
    with pytest.raises(BadCall) as caught:
        by_json(document)
    assert str(caught.value) == clause


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"[1]", Unreadable),
        (b'{"jql":', Unreadable),
        (b"hello", Unreadable),
        (b"\xff{}", Unreadable),
        (b"{" + b" " * 200_000 + b"}", TooLarge),
        (b'{"jql":' + b"[" * 50_000 + b"]" * 50_000 + b"}", Unreadable),
    ],
)
def test_what_cannot_be_read_is_refused(body, kind):
    coded = ((b"Content-Encoding", b"gzip"),)
    with pytest.raises(kind):
        read(Request("POST", PATH, coded, gzip.compress(body)))


def test_the_number_of_parameters_is_bounded():
    read(Request("GET", PATH + b"?" + b"&".join([b"a=1"] * 10_000)))
    with pytest.raises(BadCall):
        read(Request("GET", PATH + b"?" + b"&".join([b"a=1"] * 10_001)))
