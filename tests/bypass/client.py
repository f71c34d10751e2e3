"""A client that sends a case as it is."""

import contextlib
import socket
import time

from bypass import wire
from bypass.corpus import Case
from bypass.recorder import Recorder
from bypass.verdict import Outcome, methods

_IDLE = 3.0
"""Seconds without a byte after which the client gives up."""
_ANSWERED = 0.2
"""The same, if every request has its answer."""
_PATIENCE = 60.0
"""Seconds after which it does so in any case."""


def run(port: int, case: Case, recorder: Recorder) -> Outcome:
    """Send a case to a proxy before the recorder, and tell what came of it."""
    received, ended = _exchange(port, case)
    return Outcome(received, ended, tuple(recorder.take()))


def _exchange(port: int, case: Case) -> tuple[bytes, bool]:
    """What came back, and whether the other side ended it in time."""
    deadline = time.monotonic() + _PATIENCE
    received = b""
    with socket.create_connection(("127.0.0.1", port), _IDLE) as client:
        with contextlib.suppress(OSError):  # refused before all was sent: the answer may be there
            client.sendall(case.raw)
            if case.half_close:
                client.shutdown(socket.SHUT_WR)
        while (left := deadline - time.monotonic()) > 0:
            client.settimeout(min(left, _ANSWERED if _is_answered(case, received) else _IDLE))
            try:
                chunk = client.recv(1 << 16)
            except ConnectionError:
                return received, True
            except TimeoutError:
                break
            if not chunk:
                return received, True
            received += chunk
    return received, False


def _is_answered(case: Case, received: bytes) -> bool:
    try:
        return len(wire.read_answers(received, methods(case))) >= len(case.expected)
    except wire.Malformed:
        return False
