import gzip
import json
import time

import pytest

from jira_compat.model import Response
from jira_compat.plan import PlanError
from jira_compat.translate.search_answer import (
    Found,
    error_messages,
    ok,
    read_bulk,
    read_count,
    read_page,
    write_answer,
)
from jira_compat.translate.search_call import SearchCall

ISSUE = '{"id":"1", "key":"A-1","n": 1.50e+01,"fields":{"summary":"ü\\u0041"}}'
CALL = SearchCall(b"/rest/api/2/search", start_at=20, size=10)


def response(text: str | bytes, *headers: tuple[bytes, bytes], status: int = 200) -> Response:
    return Response(status, headers, text.encode() if isinstance(text, str) else text)


@pytest.mark.parametrize(
    ("rest", "token"),
    [
        ("", None),
        (',"isLast":true', None),
        (',"isLast":true,"nextPageToken":"abc"', None),
        (',"isLast":false,"nextPageToken":"abc"', "abc"),
        (',"nextPageToken":"abc"', "abc"),
        (',"nextPageToken":null', None),
        (',"warnings":[{"message":"new"}]', None),
    ],
)
def test_a_page_is_read(rest, token):
    page = read_page(response(f'{{"issues":[{ISSUE}]{rest}}}'), "step")

    assert page.found.issues == [("1", ISSUE)]
    assert page.token == token


def test_a_coded_page_is_read():
    page = read_page(response(gzip.compress(b'{"issues":[]}'), (b"Content-Encoding", b"gzip")), "step")

    assert page.found.issues == []


SECRET = "hunter2"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "<html>",
        "[]",
        "{}",
        b"\xff",
        f'{{"issues":"{SECRET}"}}',
        f'{{"issues":["{SECRET}"]}}',
        '{"issues":[{"id":1}]}',
        '{"issues":[],"isLast":false}',
        '{"issues":[],"isLast":"no"}',
        '{"issues":[],"nextPageToken":5}',
        f'{{"issues":[],"names":"{SECRET}"}}',
        '{"issues":' + "[" * 50_000,
    ],
)
def test_what_the_specification_does_not_allow_names_the_step_and_no_content(text):
    with pytest.raises(PlanError) as caught:
        read_page(response(text), "search/jql")
    assert str(caught.value).startswith("search/jql: ")
    assert SECRET not in str(caught.value)


def test_of_bulk_names_and_schema_come_out_of_the_issues():
    first = '{"id":"2","names":{"a":"A"},"schema":{"a":{"type":"x"}},"key":"A-2"}'
    second = '{"id":"1","names":{"b": "B"},"key":"A-1"}'
    text = f'{{"issues":[{first},{second}],"issueErrors":[{{"id":"3","errorMessage":"later"}}]}}'
    found, errors = read_bulk(response(text), "step")

    assert found.issues == [("2", '{"id":"2","key":"A-2"}'), ("1", '{"id":"1","key":"A-1"}')]
    assert found.extras == {"names": {"a": '"A"', "b": '"B"'}, "schema": {"a": '{"type":"x"}'}}
    assert errors == {"3"}


@pytest.mark.parametrize("errors", ['"x"', "[1]"])
def test_bulk_with_odd_errors_is_refused(errors):
    with pytest.raises(PlanError):
        read_bulk(response(f'{{"issues":[],"issueErrors":{errors}}}'), "step")


@pytest.mark.parametrize("count", ["-1", "true", '"5"', "1.5", "null"])
def test_a_count_is_a_number(count):
    assert read_count(response('{"count":17}'), "step") == 17
    with pytest.raises(PlanError):
        read_count(response(f'{{"count":{count}}}'), "step")


def test_the_old_document_has_each_issue_byte_for_byte():
    found = Found([("1", ISSUE), ("2", '{"id":"2"}')], {"names": {"a": '"A"'}, "schema": {}})

    assert write_answer(CALL, found, 22) == (
        '{"expand":"schema,names","startAt":20,"maxResults":10,"total":22,"issues":['
        + ISSUE
        + ',{"id":"2"}],"names":{"a":"A"},"schema":{}}'
    )
    assert json.loads(write_answer(CALL, Found(), 0, ["The value 'x' does not exist."])) == {
        "expand": "schema,names",
        "startAt": 20,
        "maxResults": 10,
        "total": 0,
        "issues": [],
        "warningMessages": ["The value 'x' does not exist."],
    }


def test_a_200_keeps_the_fields_that_clients_read():
    last = response(
        "", (b"Set-Cookie", b"a=b"), (b"X-AUSERNAME", b"fred"), (b"Server", b"x"), (b"Content-Length", b"9")
    )
    answer = ok("{}", "search/translate", last)

    assert answer.status == 200
    assert answer.headers == (
        (b"Content-Type", b"application/json;charset=UTF-8"),
        (b"Content-Length", b"2"),
        (b"Cache-Control", b"no-store"),
        (b"X-Jira-Compat", b"search/translate"),
        (b"Set-Cookie", b"a=b"),
        (b"X-AUSERNAME", b"fred"),
    )


@pytest.mark.parametrize(
    ("text", "messages"),
    [('{"errorMessages":["a",1,"b"]}', ["a", "b"]), ("[]", []), ("<html>", []), ('{"errorMessages":5}', [])],
)
def test_messages_of_an_error(text, messages):
    assert error_messages(response(text, status=400)) == messages


def test_a_large_page_costs_at_most_twice_what_the_standard_library_takes_to_read_it():
    fields = {f"customfield_{number}": {"id": str(number), "value": "Größe", "number": 1.5} for number in range(40)}
    issues = [{"id": str(number), "key": f"ABC-{number}", "fields": fields} for number in range(1000)]
    body = json.dumps({"issues": issues, "isLast": True}).encode()
    response = Response(200, (), body)

    def translated():
        ok(write_answer(SearchCall(b"/rest/api/2/search"), read_page(response, "step").found, 1000), "mark", response)

    def cost(work):
        began = time.process_time()
        work()
        return time.process_time() - began

    ratio = min(cost(translated) for _ in range(7)) / min(cost(lambda: json.loads(body)) for _ in range(7))
    assert ratio <= 2
