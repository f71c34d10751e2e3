import fcntl
import io
import os
import signal
import termios
import threading

import pytest

from audit import audited as auditing
from audit.audited import SAMPLES, audited, calls, told
from jira_compat.audit.files.captures import find_captures
from jira_compat.audit.files.progress import Progress
from jira_compat.audit.run import audit
from live import wait_until


def test_nothing_to_read_is_nothing_found():
    found = audited()

    assert (calls(found), found.inputs, told(found), found.interrupted) == ({}, {}, [], False)


def test_all_samples_are_put_together():
    found = audited(SAMPLES)

    assert calls(found) == {
        "refuse-password-change": 6,
        "ignore-password-on-user-create": 4,
        "GET /rest/api/2/issue/{id}/comment": 417,
        "GET /rest/api/2/myself": 3,
        "pages and files": 1,
    }
    assert told(found) == ["browser.har#2: no request.url"]
    assert {name.rpartition("/")[2]: (one.kind, one.calls) for name, one in found.inputs.items()} == {
        "atlassian-jira-http-access.log": ("jira", 1),
        "browser.har": ("har", 2),
        "combined.log": ("combined", 3),
        "events.jsonl": ("events", 414),
        "fiddler.har": ("har", 1),
        "haproxy.log": ("haproxy", 3),
        "jira-access.log": ("jira", 4),
        "nginx.json": ("json", 3),
    }


def test_what_cannot_be_read_is_told_and_the_others_are_read(tmp_path):
    (tmp_path / "binary").write_bytes(b"\x7fELF\0\0")
    (tmp_path / "empty").write_bytes(b"")
    found = audited(tmp_path / "gone", tmp_path, SAMPLES / "nginx.json")

    assert [line.partition(" (")[0].partition(";")[0] for line in told(found)] == [
        "gone: is not there",
        "binary: unsupported binary file",
        "empty: this is empty",
    ]
    assert sum(calls(found).values()) == 3


def test_folded_clients_are_a_remark():
    found = audited(SAMPLES / "nginx.json")
    found.inventory.folded = 1234

    assert told(found) == [
        "all captures: too many different clients to tell apart; 1,234 calls stand under 'other clients'"
    ]
    assert not found.all_problems()[0].unread


class Interrupted(Progress):
    def __init__(self, after):
        super().__init__(io.StringIO())
        self.after = after

    def advance(self, _):
        self.after -= 1
        if not self.after:
            raise KeyboardInterrupt


@pytest.mark.parametrize("after", [1, 5, 7])
def test_an_interrupted_audit_has_what_was_found_so_far(tmp_path, after):
    for name in ("a.log", "b.log"):
        (tmp_path / name).write_bytes((SAMPLES / "combined.log").read_bytes() * 6000)
    captures = find_captures([str(tmp_path)], lambda _: None)
    found = audit(captures, auditing.choices(), Interrupted(after), 1)

    assert found.interrupted
    assert sum(calls(found).values()) == sum(one.calls for one in found.inputs.values()) < 36_000
    assert (sum(calls(found).values()) > 0) == (after > 1)


def test_ctrl_c_while_standard_input_gives_nothing_ends_it(monkeypatch):
    reading, writing = os.pipe()

    def interrupt():
        wait_until(lambda: fcntl.ioctl(writing, termios.FIONREAD, bytes(4)) == bytes(4), "it to be read")
        os.kill(os.getpid(), signal.SIGINT)

    with os.fdopen(reading, "r") as stdin, os.fdopen(writing, "wb") as kept:
        monkeypatch.setattr("sys.stdin", stdin)
        kept.write((SAMPLES / "combined.log").read_bytes())
        kept.flush()
        interrupting = threading.Thread(target=interrupt)
        interrupting.start()
        found = audited("-")
        interrupting.join()

    assert found.interrupted
