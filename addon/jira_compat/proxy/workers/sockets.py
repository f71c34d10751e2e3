"""The sockets that clients connect to, made by one process for several."""

import errno
import socket
from contextlib import ExitStack

QUEUE = 1024
"""Connections that may wait for a worker; the system may allow fewer."""
_NOT_HERE = {errno.EAFNOSUPPORT, errno.EADDRNOTAVAIL}


def listen(host: str, port: int) -> list[socket.socket]:
    """Listen on all addresses of a host, as far as this machine has them; on one port, also if any will do.

    Raises:
        OSError: On none, or one is taken.
    """
    found = dict.fromkeys(
        (family, address)
        for family, _, _, _, address in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    )
    with ExitStack() as stack:
        listening: list[socket.socket] = []
        missing: OSError | None = None
        for family, (address, _, *scope) in found:
            taken = listening[0].getsockname()[1] if listening else port
            try:
                one = socket.create_server((address, taken, *scope), family=family, backlog=QUEUE)
            except OSError as error:
                if error.errno not in _NOT_HERE:
                    raise
                missing = error
            else:
                listening.append(stack.enter_context(one))
        if missing is not None and not listening:
            raise missing
        stack.pop_all()
        return listening
