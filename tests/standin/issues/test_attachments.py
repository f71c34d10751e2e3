import pytest

from jira_compat.standin.http.body import KEPT, Body
from jira_compat.standin.http.messages import Refusal
from jira_compat.standin.issues.attachments import parts

FORM = "multipart/form-data; boundary=B"
PATH = "/rest/api/2/issue/DEMO-2/attachments"


def form(*files: tuple[str, bytes]) -> bytes:
    return (
        b"".join(
            b'--B\r\nContent-Disposition: form-data; name="file"; ' + name.encode() + b"\r\n\r\n" + content + b"\r\n"
            for name, content in files
        )
        + b"--B--\r\n"
    )


FILES = form(('filename="a.txt"', b"abc"), ("filename*=utf-8''h%C3%A4.bin", b"\0\r\n--C"))


def test_files_are_attached_and_fetched(server):
    reply = server("POST", PATH, FILES, content_type=FORM, x_atlassian_token="no-check", login="fred:fred")

    assert [(file["filename"], file["size"], file["author"]["name"]) for file in reply.json] == [
        ("a.txt", 3, "fred"),
        ("hä.bin", 6, "fred"),
    ]
    at_issue = server("GET", "/rest/api/2/issue/DEMO-2").json["fields"]["attachment"]
    assert at_issue == reply.json
    fetched = server("GET", at_issue[1]["content"].removeprefix("http://jira.example"))
    assert b"".join(fetched.answer.stream) == b"\0\r\n--C"
    assert fetched.headers["Content-Disposition"] == "attachment; filename*=UTF-8''h%C3%A4.bin"


def test_the_seeded_file(server):
    [file] = server("GET", "/rest/api/2/issue/DEMO-1").json["fields"]["attachment"]
    fetched = server("GET", f"/secure/attachment/{file['id']}/{file['filename']}").answer

    assert (fetched.status, fetched.length) == (200, file["size"])
    assert b"".join(fetched.stream) == b"A note on the first issue."


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"content_type": FORM}, 403),
        ({"content_type": "application/json", "x_atlassian_token": "no-check"}, 415),
        ({"content_type": "multipart/form-data", "x_atlassian_token": "no-check"}, 415),
    ],
)
def test_what_jira_would_not_take_is_refused(server, fields, status):
    assert server("POST", PATH, FILES, **fields).status == status
    assert server.state.issues["DEMO-2"].attachments == []


@pytest.mark.parametrize("content", [form(("x=y", b"abc")), b"--B\r\nno gap\r\n--B--\r\n"])
def test_a_part_without_a_name_is_refused(content):
    with pytest.raises(Refusal):
        parts(FORM, Body(content))


def test_no_parts_are_no_files():
    assert parts(FORM, Body(b"--B--\r\n")) == parts(FORM, Body()) == []


@pytest.mark.parametrize("size", [KEPT - 200, KEPT, KEPT + 1, 3 * KEPT])
def test_of_a_large_file_name_and_size_are_known(size):
    [(name, found, content)] = parts(FORM, Body(form(('filename="big.iso"', b"x" * size))))

    assert (name, found) == ("big.iso", size)
    assert content is None or len(content) == size


def test_what_was_too_large_to_keep_cannot_be_fetched(server):
    content = form(('filename="big.iso"', b"x" * KEPT))
    [file] = server("POST", PATH, content, content_type=FORM, x_atlassian_token="no-check").json

    assert server("GET", f"/secure/attachment/{file['id']}/big.iso").status == 404


def test_a_file_can_be_deleted(server):
    assert server("GET", "/rest/api/2/attachment/10000").json["filename"] == "note.txt"
    assert server("DELETE", "/rest/api/2/attachment/10000").status == 204
    assert server("GET", "/rest/api/2/attachment/10000").status == 404
    assert server("GET", "/rest/api/2/issue/DEMO-1").json["fields"]["attachment"] == []


def test_attachments_are_enabled(server):
    assert server("GET", "/rest/api/2/attachment/meta").json["enabled"] is True
