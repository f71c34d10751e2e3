import pytest
from mitmproxy import http
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow, tutils

from jira_compat.message.links.links import Links
from jira_compat.proxy.exchange.links import (
    links_of,
    may_hold_links,
    rewrite_request_headers,
    rewrite_response_headers,
    rewritten_body,
    write_links,
)

LINKS = Links(("https://jira.example.com",), "http://proxy:8080")


def a_flow(**headers):
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    flow = tflow.tflow(
        req=tutils.treq(host="jira.example.com", port=443, scheme=b"https", headers=http.Headers(fields))
    )
    flow.client_conn.proxy_mode = ProxyMode.parse("reverse:https://jira.example.com")
    flow.client_conn.sockname = ("127.0.0.1", 8080)
    return flow


def an_answer(body=b"{}", status=200, **headers):
    fields = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    response = http.Response.make(status, body)
    response.headers = http.Headers(fields)
    return response


@pytest.mark.parametrize(
    ("called", "proxy"),
    [
        ("proxy:8080", "http://proxy:8080"),
        ("PROXY", "http://proxy"),
        (None, "http://127.0.0.1:8080"),
        ("proxy/evil", "http://127.0.0.1:8080"),
        ("proxy:99999", "http://127.0.0.1:8080"),
        ("a, b", "http://127.0.0.1:8080"),
        ("[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_the_proxy_is_called_what_the_client_calls_it(called, proxy):
    links = links_of(a_flow(), called, ())
    assert links is not None
    assert (links.sites, links.proxy) == (("https://jira.example.com",), proxy)


def test_behind_something_that_ends_tls_links_are_https():
    links = links_of(a_flow(X_Forwarded_Proto="https"), "proxy", ())
    assert links is not None
    assert links.proxy == "https://proxy"


def test_an_address_that_is_none_gives_no_links():
    flow = a_flow()
    flow.client_conn.sockname = ("", 0)
    assert links_of(flow, None, ()) is None
    before = flow.request.get_state()
    rewrite_request_headers(flow, None)
    assert flow.request.get_state() == before


def test_origin_and_referer_name_the_site_and_the_rest_stays():
    flow = a_flow(Origin="http://proxy:8080", Referer="http://proxy:8080/browse/A-1", X_Other="http://proxy:8080/")
    rewrite_request_headers(flow, LINKS)
    assert flow.request.headers.fields == (
        (b"Origin", b"https://jira.example.com"),
        (b"Referer", b"https://jira.example.com/browse/A-1"),
        (b"X-Other", b"http://proxy:8080/"),
    )


def test_headers_without_a_link_stay_the_very_same():
    response = an_answer(X_A="1")
    headers = response.headers
    rewrite_response_headers(response, LINKS)
    assert response.headers is headers


@pytest.mark.parametrize(
    ("method", "status", "content_type", "held"),
    [
        ("GET", 200, "application/json;charset=UTF-8", True),
        ("GET", 404, "application/problem+json", True),
        ("HEAD", 200, "application/json", False),
        ("GET", 206, "application/json", False),
        ("GET", 200, "application/octet-stream", False),
        ("GET", 200, "application/json-seq", False),
        ("GET", 200, "text/html", False),
    ],
)
def test_only_whole_json_is_held(method, status, content_type, held):
    flow = a_flow()
    flow.request.method = method
    flow.response = an_answer(status=status, Content_Type=content_type)
    assert may_hold_links(flow) is held


def test_a_link_in_a_body_becomes_the_proxys():
    response = an_answer(
        b'{"self":"https://jira.example.com/rest/api/2/user"}',
        Content_Type="application/json",
        Content_Length="51",
        ETag='"abc"',
    )
    write_links(response, rewritten_body(response, LINKS, 1000))
    assert response.raw_content == b'{"self":"http://proxy:8080/rest/api/2/user"}'
    assert response.headers["content-length"] == str(len(response.raw_content))
    assert response.headers["etag"] == 'W/"abc"'


@pytest.mark.parametrize("body", [b"", b"{}", b'{"text":"see https://jira.example.com/x"}', b"\xff\xfe"])
def test_a_body_without_a_link_stays_the_very_same(body):
    response = an_answer(body, Content_Type="application/json", ETag='"abc"')
    before = response.get_state()
    write_links(response, rewritten_body(response, LINKS, 1000))
    assert response.get_state() == before


def test_a_body_that_is_too_large_is_said_to_be():
    response = an_answer(b'{"self":"https://jira.example.com/"}', Content_Type="application/json")
    assert rewritten_body(response, LINKS, 10) is None
