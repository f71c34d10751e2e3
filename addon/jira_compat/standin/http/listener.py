"""Sockets: connections are accepted, each gets a thread, each thread reads requests and sends answers."""

import contextlib
import socket
import socketserver
import ssl
import threading
from collections.abc import Callable
from http.server import ThreadingHTTPServer
from typing import Any

from jira_compat.standin.http import http1
from jira_compat.standin.http.body import Body
from jira_compat.standin.http.messages import Answer, Refusal
from jira_compat.standin.http.recorder import Received, Record

IDLE = 60.0
"""Seconds after which a connection on which nothing happens is closed."""

GRACE = 2.0
"""Seconds that :meth:`Listener.stop` waits for the threads of connections."""

DRAINED = 1_000_000
"""Octets that are still taken after a request that cannot be read, lest a reset overtakes the answer."""

NOTHING = http1.Head("", b"", 1)


class Connection(socketserver.StreamRequestHandler):
    """A TCP connection, for as many requests as the client sends."""

    server: "Listener"
    timeout = IDLE
    disable_nagle_algorithm = True

    def handle(self) -> None:
        """Answer one request after the other; whatever breaks ends only this connection."""
        with contextlib.suppress(OSError):
            if isinstance(self.connection, ssl.SSLSocket):
                self.connection.do_handshake()
            while self._exchange():
                pass

    def _exchange(self) -> bool:
        """Read a request, record it, answer it; return whether another may follow."""
        head, body = NOTHING, Body()
        try:
            head = http1.read_head(self.rfile) or NOTHING
            if head is NOTHING:
                return False
            content = http1.read_content(self.rfile, head)
            if head.awaits_continue:
                self.wfile.write(b"HTTP/1.1 100 Continue\r\n\r\n")
            for piece in content:
                body.add(piece)
        except http1.MalformedError as reason:
            self._refuse(head, body, f"The request is malformed: {reason}.")
            return False
        except (http1.CutOffError, OSError):
            self._note(head, body, 0)
            return False
        self._send(head, body, self.server.answer(head, body))
        return head.keeps_alive

    def _send(self, head: http1.Head, body: Body, answer: Answer) -> None:
        self._note(head, body, answer.status)
        for piece in http1.written(answer, head):
            self.wfile.write(piece)

    def _note(self, head: http1.Head, body: Body, status: int) -> None:
        if head is not NOTHING or status:
            self.server.record.add(
                Received(head.method, head.target, head.headers, body.content, body.size, body.sha256, status)
            )

    def _refuse(self, head: http1.Head, body: Body, message: str) -> None:
        closing = http1.Head(head.method, head.target, head.minor, (*head.headers, ("Connection", "close")))
        self._note(head, body, 400)
        for piece in http1.written(Refusal(400, message).answer, closing):
            self.wfile.write(piece)
        self.connection.shutdown(socket.SHUT_WR)
        self.connection.settimeout(1.0)
        left = DRAINED
        while left > 0 and (piece := self.rfile.read1(http1.PIECE)):
            left -= len(piece)


class Listener(ThreadingHTTPServer):
    """A listening socket and its threads.

    Args:
        address: Host and port.
        tls: What to wrap connections in.
        answer: Gives the answer to a request; it is called from many threads.
        record: Where requests and connections are noted.
    """

    request_queue_size = 256

    def __init__(
        self,
        address: tuple[str, int],
        tls: ssl.SSLContext | None,
        answer: Callable[[http1.Head, Body], Answer],
        record: Record,
    ) -> None:
        self.address_family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.tls, self.answer, self.record = tls, answer, record
        self._open: set[socket.socket] = set()
        self._closed = threading.Condition()
        super().__init__(address, Connection)

    def server_bind(self) -> None:
        """Bind without looking the host's name up."""
        socketserver.TCPServer.server_bind(self)

    def start(self) -> None:
        """Accept connections, in a thread."""
        threading.Thread(target=self.serve_forever, args=(0.02,), name="standin", daemon=True).start()

    def stop(self) -> None:
        """Accept no more and close what is open."""
        self.shutdown()
        self.server_close()
        with self._closed:
            for connection in self._open:
                with contextlib.suppress(OSError):
                    socket.socket.shutdown(connection, socket.SHUT_RDWR)
            self._closed.wait_for(lambda: not self._open, GRACE)

    def get_request(self) -> tuple[socket.socket, Any]:
        """Accept a connection; the TLS handshake is left to its thread."""
        connection, peer = super().get_request()
        self.record.add_connection()
        if self.tls:
            try:
                connection = self.tls.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
            except OSError:
                connection.close()
                raise
        with self._closed:
            self._open.add(connection)
        return connection, peer

    def shutdown_request(self, request: Any) -> None:  # noqa: ANN401  the type of the base
        """Close a connection."""
        super().shutdown_request(request)
        with self._closed:
            self._open.discard(request)
            self._closed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:  # noqa: ANN401  the types of the base
        """Say nothing: what went wrong on a connection ended it, and no traceback helps its client."""
