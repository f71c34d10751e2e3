import pytest
from mitmproxy import http
from mitmproxy.proxy.mode_specs import ProxyMode
from mitmproxy.test import tflow, tutils

from jira_compat.model import Request, Response
from jira_compat.proxy.exchange import flow as flows


def a_flow(mode="regular", **request):
    flow = tflow.tflow(req=tutils.treq(**request))
    flow.client_conn.proxy_mode = ProxyMode.parse(mode)
    return flow


def test_a_request_is_taken_over_as_it_came():
    flow = a_flow(
        method=b"PUT", path=b"/rest//api/2/user?a=b%20c", content=b"x", headers=http.Headers([(b"A", b"\xff")])
    )
    request = flows.to_request(flow.request, with_body=True)
    assert request == Request("PUT", b"/rest//api/2/user?a=b%20c", ((b"A", b"\xff"),), b"x")
    assert flows.to_request(flow.request, with_body=False).body is None


def test_a_body_that_is_not_there_is_not_an_empty_one():
    flow = a_flow()
    flow.request.raw_content = None
    assert flows.to_request(flow.request, with_body=True).body is None


def test_what_does_not_differ_is_not_touched():
    flow = a_flow(content=b"body")
    before = flow.request.get_state()
    same = flows.to_request(flow.request, with_body=True)
    flows.write_request(flow, same, same)
    assert flow.request.get_state() == before


@pytest.mark.parametrize(
    ("headers", "length"),
    [({"content-length": "4"}, "2"), ({"transfer-encoding": "chunked"}, None)],
)
def test_a_new_body_is_framed_as_the_old_one_was(headers, length):
    flow = a_flow(content=b"body")
    flow.request.headers = http.Headers(**{name.replace("-", "_"): value for name, value in headers.items()})
    old = flows.to_request(flow.request, with_body=True)
    flows.write_request(flow, old, Request(old.method, b"/other", old.headers, b"{}"))
    assert (flow.request.path, flow.request.raw_content) == ("/other", b"{}")
    assert flow.request.headers.get("content-length") == length


@pytest.mark.parametrize("lengths", [["2"], ["4"], ["2", "2"], ["2", "4"], []])
def test_a_new_body_has_one_length(lengths):
    flow = a_flow(content=b"body", headers=http.Headers([(b"Content-Length", one.encode()) for one in lengths]))
    flows.write_body(flow.request, b"{}")
    assert flow.request.headers.get_all("content-length") == ["2"]


@pytest.mark.parametrize(
    ("content", "headers", "length"),
    [
        (b"", {}, None),
        (b"body", {"transfer_encoding": "chunked"}, None),
        (b"body", {"content_length": "4"}, "4"),
        (b"body", {}, "4"),
    ],
)
def test_content_without_a_length_gets_one(content, headers, length):
    flow = a_flow(content=content)
    flow.request.headers = http.Headers(**headers)
    flows.frame(flow.request)
    assert flow.request.headers.get("content-length") == length


@pytest.mark.parametrize(
    ("version", "method", "content", "length"),
    [
        (b"HTTP/2.0", b"POST", b"", "0"),
        (b"HTTP/2.0", b"PUT", b"", "0"),
        (b"HTTP/2.0", b"GET", b"", None),
        (b"HTTP/2.0", b"POST", None, None),
        (b"HTTP/1.1", b"POST", b"", None),
    ],
)
def test_an_http2_request_whose_content_is_empty_says_so(version, method, content, length):
    flow = a_flow(content=content, method=method, http_version=version)
    flow.request.headers = http.Headers()
    flows.frame(flow.request)
    assert flow.request.headers.get("content-length") == length


def test_an_absolute_target_does_not_name_another_upstream_in_reverse_mode():
    flow = a_flow("reverse:http://jira.example.com", authority=b"other.example.com")
    flows.to_origin_form(flow)
    assert flow.request.authority == ""
    other = a_flow("regular", authority=b"other.example.com")
    flows.to_origin_form(other)
    assert other.request.authority == "other.example.com"


@pytest.mark.parametrize(
    ("method", "status", "body", "sent", "length"),
    [
        ("GET", 410, b"gone", b"gone", "4"),
        ("HEAD", 410, b"gone", b"", "4"),
        ("DELETE", 204, b"", b"", None),
    ],
)
def test_answers_are_correct_http(method, status, body, sent, length):
    flow = a_flow(method=method.encode())
    headers = ((b"Content-Length", b"4"),) if body else ()
    flows.answer(flow, Response(status, headers, body), "an-id")
    assert flow.response is not None
    assert (flow.response.status_code, flow.response.raw_content) == (status, sent)
    assert flow.response.headers.get("content-length") == length
    assert flow.response.headers["x-request-id"] == "an-id"
    assert flow.response.headers["date"].endswith("GMT")


def test_every_name_of_the_destination_counts():
    flow = a_flow(host="10.0.0.7", authority=b"authority.example")
    flow.request.headers = http.Headers([(b"Host", b"one.example"), (b"host", b"two.example")])
    flow.client_conn.sni = "sni.example"
    flow.server_conn.address = ("connect.example", 443)
    names = set(flows.names_of_destination(flow))
    assert names >= {"10.0.0.7", "authority.example", "one.example", "two.example", "sni.example", "connect.example"}


@pytest.mark.parametrize(
    ("method", "path", "length", "well_formed"),
    [
        (b"GET", b"/rest/api/2/myself?a b".replace(b" ", b"%20"), None, True),
        (b"OPTIONS", b"*", None, True),
        (b"POST", b"/", b"0", True),
        (b"POST", b"/", b"999999999999999999", True),
        (b"POST", b"/", b"18446744073709551735", False),
        (b"POST", b"/", b"0000000000000000001", False),
        (b"P T", b"/", None, False),
        (b"GET", b"/a b", None, False),
        (b"GET", b"rest", None, False),
    ],
)
def test_what_every_server_reads_alike_is_well_formed(method, path, length, well_formed):
    fields = http.Headers([(b"Content-Length", length)] if length else [])

    assert flows.is_well_formed(a_flow(method=method, path=path, headers=fields).request) is well_formed
