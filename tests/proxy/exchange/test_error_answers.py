import json

import pytest

from jira_compat.proxy.exchange.error_answers import SENT_DIRECTLY, broken_exchange, malformed_request

SECRET = "hunter2-7f3a"


def told(response):
    return json.loads(response.body)["errorMessages"][0]


def test_what_is_no_request_is_400_without_a_word_of_it():
    for response in (malformed_request(), broken_exchange("jira:443", 400, f"bad line {SECRET}", None)):
        assert response.status == 400
        assert (b"X-Jira-Compat", b"error/malformed_request") in response.headers
        assert SECRET not in told(response)


def test_who_takes_a_forward_proxy_for_the_site_is_told_how_to_use_it():
    response = broken_exchange("jira:443", 400, SENT_DIRECTLY, None)
    assert response.status == 400
    assert (b"X-Jira-Compat", b"error/sent_directly") in response.headers
    assert "curl -x" in told(response)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("[Errno 111] Connect call failed ('127.0.0.1', 9)", "connection refused"),
        ("[Errno -2] Name or service not known", "its name cannot be resolved"),
        (
            "Certificate verify failed: self-signed certificate",
            "its certificate is not trusted (self-signed certificate)",
        ),
        ("server closed connection", "it closed the connection"),
        ("Connection killed: Request destination unknown. Unable to figure", "that is this proxy itself"),
        (f"unexpected server response: {SECRET}", "it did not send valid HTTP"),
        ("", "it did not send valid HTTP"),
    ],
)
def test_a_failed_upstream_is_502_that_names_it_and_why(message, reason):
    response = broken_exchange("jira.example.com:443", 502, message, None)
    assert response.status == 502
    assert told(response) == f"The proxy got no answer from Jira at jira.example.com:443: {reason}."


def test_no_answer_in_time_is_504():
    response = broken_exchange("jira.example.com:443", 502, "server closed connection", 2.5)
    assert response.status == 504
    assert "within 2.5 s" in told(response)
