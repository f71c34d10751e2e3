"""A worker as a process; from its parent's end: test_spawned.py."""

import socket
import subprocess
import sys

import pytest

from jira_compat.proxy.workers.worker import _Listening
from live import PATIENCE

MAIN = "from jira_compat.proxy.workers.worker import main; print('here', flush=True); main()"


@pytest.mark.parametrize("sent", [b"", b"\0\0\0\0\0\0\0\x09half"])
def test_without_a_parent_it_ends(sent):
    ours, theirs = socket.socketpair()
    words = [sys.executable, "-c", MAIN, str(theirs.fileno())]
    with subprocess.Popen(words, pass_fds=[theirs.fileno()], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        theirs.close()
        assert process.stdout.readline() == b"here\n"
        ours.sendall(sent)
        ours.close()
        assert process.wait(PATIENCE) == 0
        assert process.stderr.read() == b""


def test_the_queue_of_a_shared_socket_stays_as_it_is():
    with socket.create_server(("127.0.0.1", 0)) as made, _Listening(fileno=made.detach()) as shared:
        shared.listen(0)
        waiting = [socket.create_connection(shared.getsockname(), 1) for _ in range(10)]
        accepted = [shared.accept()[0] for _ in waiting]
        assert len(accepted) == 10
        for one in (*waiting, *accepted):
            one.close()
