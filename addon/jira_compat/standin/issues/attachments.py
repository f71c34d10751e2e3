"""Files at issues: put there in multipart form, fetched in a stream."""

from email.message import Message
from email.parser import BytesHeaderParser

from jira_compat.standin.http.body import Body
from jira_compat.standin.http.messages import Answer, Call, Refusal, answer, escaped
from jira_compat.standin.issues import json_views
from jira_compat.standin.issues.editing import named_issue
from jira_compat.standin.issues.seed import Attachment
from jira_compat.standin.people.accounts import DONE
from jira_compat.standin.state import State

type Part = tuple[str, int, bytes | None]
"""File name, octets and content; content is ``None`` where it was too large to keep."""


def attach(state: State, call: Call) -> Answer:
    """POST issue/{issue}/attachments, guarded against forged requests as Jira guards it."""
    if call.headers.get("x-atlassian-token", "").lower() not in ("no-check", "nocheck"):
        return Answer(403, (("Content-Type", "text/html;charset=UTF-8"),), b"XSRF check failed")
    issue = named_issue(state, call)
    author = call.caller.key if call.caller else ""
    files = []
    for name, size, content in parts(call.headers.get("content-type", ""), call.body):
        file = Attachment(str(next(state.ids)), name, size, author, content)
        state.attachments[file.id] = file
        issue.attachments.append(file.id)
        files.append(file)
    return answer(200, [json_views.attachment(state, call, file) for file in files])


def parts(content_type: str, body: Body) -> list[Part]:
    """The files in multipart content (RFC 7578).

    Of content that is too large to keep only the first file is seen, and its size is reckoned: exact if it is the only
    part and the closing boundary ends as clients end it.

    Raises:
        Refusal: 415 if it is no multipart content, 400 if its framing is broken.
    """
    message = Message()
    message["Content-Type"] = content_type
    boundary = message.get_boundary()
    if boundary is None or message.get_content_type() != "multipart/form-data":
        raise Refusal(415, "Unsupported Media Type")
    delimiter = b"\r\n--" + boundary.encode("latin-1", "replace")
    pieces = (b"\r\n" + body.head).split(delimiter)
    if body.whole:
        return [part(piece, None) for piece in pieces[1:-1]]
    first = b"".join(pieces[1:2])
    framing = len(delimiter) - 2 + first.find(b"\r\n\r\n") + 4 + len(delimiter) + len(b"--\r\n")
    return [part(first, body.size - framing)]


def part(piece: bytes, size: int | None) -> Part:
    """A file; its ``size`` is given where the piece is only its beginning."""
    head, gap, content = piece.partition(b"\r\n\r\n")
    name = BytesHeaderParser().parsebytes(head.lstrip() + b"\r\n\r\n").get_filename()
    if not gap or not name:
        raise Refusal(400, "Each part has to be a file with a name.")
    return (name, len(content), content) if size is None else (name, size, None)


def get_attachment(state: State, call: Call) -> Answer:
    """GET attachment/{id}: what is known about a file."""
    return answer(200, json_views.attachment(state, call, named_file(state, call)))


def delete_attachment(state: State, call: Call) -> Answer:
    """DELETE attachment/{id}."""
    file = named_file(state, call)
    del state.attachments[file.id]
    for issue in state.issues.values():
        if file.id in issue.attachments:
            issue.attachments.remove(file.id)
    return DONE


def download(state: State, call: Call) -> Answer:
    """GET /secure/attachment/{id}/{name}, and GET attachment/content/{id} in the cloud."""
    file = named_file(state, call)
    stream = file.stream()
    if stream is None:
        raise Refusal(404, "The stand-in keeps files up to 1 MB; of this one it knows only name and size.")
    headers = (
        ("Content-Type", "application/octet-stream"),
        ("Content-Disposition", f"attachment; filename*=UTF-8''{escaped(file.name)}"),
    )
    return Answer(200, headers, stream=stream, length=file.size)


def named_file(state: State, call: Call) -> Attachment:
    """The file that the path means.

    Raises:
        Refusal: 404 if there is none.
    """
    file = state.attachments.get(call.parts["id"])
    if file is None:
        raise Refusal(404, f"The attachment with id '{call.parts['id']}' does not exist")
    return file


def get_limits(_: State, __: Call) -> Answer:
    """GET attachment/meta."""
    return answer(200, {"enabled": True, "uploadLimit": 10_000_000_000})
