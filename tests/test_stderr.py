import contextlib
import io
import os
import select
import sys

from jira_compat.stderr import say


def test_who_does_not_read_standard_error_keeps_nobody_waiting(monkeypatch):
    reader, writer = os.pipe()
    with open(reader, "rb", buffering=0) as shown, open(writer, "w") as stream:  # noqa: PTH123 - they have no path
        monkeypatch.setattr(sys, "stderr", stream)
        say("first")
        assert shown.read(100) == b"jira-compat: first\n"
        os.set_blocking(writer, False)
        with contextlib.suppress(BlockingIOError):
            while os.write(writer, b"x" * 4096):
                pass
        os.set_blocking(writer, True)
        say("missed")
        while shown.read(1 << 16).endswith(b"x" * 4096) and select.select([shown], [], [], 0)[0]:
            pass
        say("jira-compat: last")
        assert shown.read(100) == b"jira-compat: last\n"


def test_standard_error_need_not_be_there(monkeypatch):
    for stream in (io.StringIO(), closed := io.StringIO()):
        monkeypatch.setattr(sys, "stderr", stream)
        closed.close()
        say("one")
        assert stream.closed or stream.getvalue() == "jira-compat: one\n"
