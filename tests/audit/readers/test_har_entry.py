import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.audit.readers.har_entry import BrokenEntryError, to_exchange

URL = "https://jira.example.com:8443/jira/rest/api/2/user?username=fred#top"


def an_entry(request=None, **others):
    return {"request": {"method": "GET", "url": URL, **(request or {})}, **others}


def exchanged(request=None, **others):
    exchange = to_exchange(an_entry(request, **others), "a.har#1")
    assert exchange is not None
    return exchange


def test_an_entry_with_a_method_and_a_url_is_enough():
    exchange = exchanged()

    assert exchange.request.method == "GET"
    assert exchange.request.target == b"/jira/rest/api/2/user?username=fred"
    assert (exchange.response, exchange.started, exchange.client, exchange.user) == (None, None, None, None)
    assert (exchange.server, exchange.source) == ("jira.example.com", "a.har#1")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://jira.example.com", b"/"),
        ("https://jira.example.com?a=b", b"/?a=b"),
        ("/rest/api/2/user", b"/rest/api/2/user"),
        ("rest/api/2/user", b"/rest/api/2/user"),
        ("https://j/é", "/é".encode()),
        ("https://[broken/rest", b"/rest"),
    ],
)
def test_a_url_is_its_path_and_query(url, target):
    assert exchanged({"url": url}).request.target == target


@pytest.mark.parametrize(
    ("entry", "words"),
    [
        (None, "this is not an object"),
        ([], "this is not an object"),
        ({}, "no request.url"),
        ({"request": []}, "no request.url"),
        ({"request": {"method": "GET"}}, "no request.url"),
        ({"request": {"method": "GET", "url": 3}}, "no request.url"),
        ({"request": {"url": URL}}, "no request.method"),
        ({"request": {"url": URL, "method": ""}}, "no request.method"),
    ],
)
def test_what_an_entry_lacks_is_said(entry, words):
    with pytest.raises(BrokenEntryError, match=f"^{words}$"):
        to_exchange(entry, "a.har#1")


def fields(*lines):
    return [dict(zip(("name", "value"), line.split(": "), strict=True)) for line in lines]


LENGTH_0, LENGTH_31 = fields("content-length: 0"), fields("Content-Length: 31")
CHUNKED, GZIPPED = fields("Transfer-Encoding: chunked"), fields("content-encoding: gzip")
JSON = {"mimeType": "application/json", "text": '{"a": "é"}'}
FORM = [{"name": "a", "value": "b c"}, {"name": "d"}, {"value": "e"}, None]


@pytest.mark.parametrize(
    ("request_", "body"),
    [
        ({}, b""),
        ({"bodySize": -1}, b""),
        ({"bodySize": 0, "method": "POST"}, b""),
        ({"bodySize": 12}, None),
        ({"method": "POST"}, None),
        ({"method": "POST", "bodySize": -1}, None),
        ({"method": "POST", "postData": JSON}, '{"a": "é"}'.encode()),
        ({"method": "POST", "postData": {"mimeType": "x", "text": "", "params": []}}, None),
        ({"method": "POST", "bodySize": 0, "postData": {"mimeType": "x", "text": "", "params": []}}, b""),
        ({"method": "PUT", "bodySize": -1, "headers": LENGTH_0}, b""),
        ({"method": "PUT", "bodySize": -1, "postData": {"text": ""}, "headers": LENGTH_0}, b""),
        ({"method": "PUT", "bodySize": 31, "postData": {"text": ""}}, None),
        ({"method": "PUT", "bodySize": 31, "headers": LENGTH_0}, None),
        ({"method": "PUT", "bodySize": 0, "headers": LENGTH_31}, None),
        ({"method": "PUT", "bodySize": 0, "headers": [*LENGTH_0, *LENGTH_31]}, None),
        ({"method": "PUT", "bodySize": 0, "headers": CHUNKED}, None),
        ({"method": "PUT", "bodySize": 0, "postData": {"text": "", "_file": "gone.json"}}, None),
        ({"method": "PUT", "bodySize": 0, "postData": {"text": "", "_sha1": "gone.json"}}, None),
        ({"method": "PUT", "bodySize": 0, "_requestBodyStatus": "discarded:too-large"}, None),
        ({"method": "DELETE", "headers": LENGTH_31}, None),
        ({"method": "DELETE", "postData": {"text": ""}}, None),
        ({"method": "PUT", "_content": {"text": "eyJhIjogMX0=", "encoding": "base64"}}, b'{"a": 1}'),
        ({"method": "PUT", "postData": {"text": "", "_content": "eyJhIjogMX0="}}, b'{"a": 1}'),
        ({"method": "PUT", "postData": {"text": '{"a": 1}'}, "headers": LENGTH_31}, None),
        ({"method": "PUT", "postData": {"text": '{"a": 1}'}, "headers": LENGTH_0}, b'{"a": 1}'),
        ({"method": "PUT", "postData": {"text": "a" * 40}, "headers": [*LENGTH_31, *GZIPPED]}, b"a" * 40),
        ({"method": "POST", "postData": {"mimeType": "x", "text": "", "params": FORM}}, b"a=b+c&d="),
        ({"method": "POST", "postData": {"mimeType": "x", "params": FORM}}, b"a=b+c&d="),
        ({"method": "POST", "postData": {"mimeType": "multipart/form-data", "params": FORM}}, None),
        ({"method": "POST", "postData": {"text": "eyJhIjogMX0=", "encoding": "base64"}}, b'{"a": 1}'),
        ({"method": "POST", "postData": {"text": "?", "encoding": "base64"}}, None),
        ({"method": "POST", "postData": None, "bodySize": 4}, None),
    ],
)
def test_the_body_is_what_the_tool_kept_and_unknown_where_it_did_not(request_, body):
    assert exchanged(request_).request.body == body


def test_a_body_in_a_file_beside_is_read():
    files = {"0f.json": b'{"a": 2}'}
    for member in ("_file", "_sha1"):
        data = {"method": "PUT", "bodySize": 8, "postData": {"text": "", member: "0f.json"}}
        exchange = to_exchange(an_entry(data), "a.har#1", files.get)
        assert exchange is not None
        assert exchange.request.body == b'{"a": 2}'


@pytest.mark.parametrize(
    "url",
    [
        "data:text/plain,/rest/api/2/user",
        "DATA:,x",
        "blob:https://jira.example.com/0a",
        "about:blank",
        "file:///a/b",
        "chrome-extension://abc/rest/api/2/user",
        "moz-extension://abc/a",
        "javascript:void(0)",
    ],
)
def test_what_no_server_was_asked_for_is_not_an_exchange(url):
    assert to_exchange(an_entry({"url": url}), "a.har#1") is None


@pytest.mark.parametrize("url", ["wss://jira.example.com/a", "HTTPS://jira.example.com/a", "localhost:8080/a"])
def test_other_urls_are_exchanges(url):
    assert to_exchange(an_entry({"url": url}), "a.har#1") is not None


def test_fields_are_those_of_http_and_as_they_would_be_for_the_text():
    headers = [
        *fields(":method: GET", "Content-Type: application/json; Charset=utf-16; a=b", "Content-Encoding: gzip"),
        {"name": 3, "value": "x"},
        None,
    ]

    assert exchanged({"headers": headers}).request.headers == ((b"Content-Type", b"application/json; a=b"),)


def test_what_is_in_base64_has_its_fields_as_they_are():
    headers = fields("Content-Encoding: gzip")
    sent = exchanged({"headers": headers, "postData": {"text": "YQ==", "encoding": "base64"}}).request

    assert sent.headers == ((b"Content-Encoding", b"gzip"),)


@pytest.mark.parametrize(
    ("response", "status"), [({"status": 201}, 201), ({"status": 0}, None), ({"status": "201"}, None), (None, None)]
)
def test_the_answer_is_its_status(response, status):
    answered = exchanged(response=response).response

    assert (answered.status if answered else None) == status


def test_the_time_and_the_user_are_told():
    headers = fields("authorization: Basic YWRtaW46dHVsaXA3")
    exchange = exchanged({"headers": headers}, startedDateTime="2026-03-02T10:15:04.5000000+01:00")

    assert (exchange.user, exchange.started) == ("admin", 1772442904.5)


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "request",
                    "response",
                    "method",
                    "url",
                    "headers",
                    "name",
                    "value",
                    "postData",
                    "_content",
                    "_file",
                    "text",
                    "params",
                    "status",
                    "encoding",
                    "startedDateTime",
                    "bodySize",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@given(anything, anything, anything)
def test_no_entry_makes_it_raise_anything_else(entry, request_, headers):
    for one in (entry, {"request": request_}, an_entry({"headers": headers, "postData": request_}, response=entry)):
        with contextlib.suppress(BrokenEntryError):
            to_exchange(one, "a.har#1")
