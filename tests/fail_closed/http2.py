"""An HTTP/2 client that sends what it is told, also what it should not."""

import contextlib
import socket
import ssl
from typing import Self

import h2.config
import h2.connection
import h2.errors
import h2.events

from live import PATIENCE

type Fields = list[tuple[bytes, bytes]]


def untrusting() -> ssl.SSLContext:
    """TLS that takes any certificate, and asks for HTTP/2."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    made.check_hostname, made.verify_mode = False, ssl.CERT_NONE
    made.set_alpn_protocols(["h2"])
    return made


class Http2:
    """A connection; a context manager. Streams are named by their ids: 1, 3, 5."""

    def __init__(self, port: int) -> None:
        plain = socket.create_connection(("127.0.0.1", port), PATIENCE)
        self._socket = untrusting().wrap_socket(plain, server_hostname="localhost")
        assert self._socket.selected_alpn_protocol() == "h2"
        config = h2.config.H2Configuration(validate_outbound_headers=False, normalize_outbound_headers=False)
        self._h2 = h2.connection.H2Connection(config)
        self._h2.initiate_connection()
        self.fields: dict[int, dict[bytes, bytes]] = {}
        self.bodies: dict[int, bytearray] = {}
        self.ended: set[int] = set()
        self.reset: set[int] = set()
        self.gone = False
        self._pinged = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def request(
        self,
        method: bytes,
        path: bytes,
        fields: Fields | None = None,
        body: bytes | None = None,
        *,
        site: tuple[bytes, bytes] = (b"https", b"localhost"),
        trailers: Fields | None = None,
        ends: bool = True,
    ) -> int:
        """Send a request, to a site's scheme and authority; its stream."""
        stream = self._h2.get_next_available_stream_id()
        scheme, authority = site
        pseudo = [(b":method", method), (b":scheme", scheme), (b":authority", authority), (b":path", path)]
        self._h2.send_headers(stream, [*pseudo, *(fields or [])], end_stream=body is None and not trailers and ends)
        if body is not None:
            self._h2.send_data(stream, body, end_stream=ends and not trailers)
        if trailers:
            self._h2.send_headers(stream, trailers, end_stream=True)
        self._socket.sendall(self._h2.data_to_send())
        return stream

    def upload(self, stream: int, size: int, *, until_sent: bool = False, ends: bool = True) -> int:
        """Send so many bytes and the end, or as many as there is a window for within a second; how many were sent."""
        sent = 0
        self._socket.settimeout(PATIENCE if until_sent else 1.0)
        with contextlib.suppress(TimeoutError):
            while sent < size:
                window = min(self._h2.local_flow_control_window(stream), self._h2.max_outbound_frame_size, size - sent)
                if window:
                    self._h2.send_data(stream, bytes(window), end_stream=ends and sent + window == size)
                    sent += window
                    self._socket.sendall(self._h2.data_to_send())
                else:
                    assert self._receive(), "the connection ended"
        self._socket.settimeout(PATIENCE)
        return sent

    def ping(self) -> None:
        """Wait until the proxy has taken all that was sent so far; it answers in order."""
        self._h2.ping(b"is done?")
        self._socket.sendall(self._h2.data_to_send())
        while not self._pinged:
            assert self._receive(), "the connection ended"

    def status(self, stream: int) -> int:
        """The status of an answer, when it has ended; fails if the stream is reset, or the connection ends."""
        while stream not in self.ended:
            assert self._receive(), "the connection ended"
            assert stream not in self.reset, "the stream was reset"
        return int(self.fields[stream][b":status"])

    def until_gone(self, stream: int) -> None:
        """Wait until the stream or the connection is ended by the proxy without an answer."""
        while stream not in self.reset and not self.gone and self._receive():
            assert stream not in self.ended, self.fields[stream]

    def _receive(self) -> bool:
        try:
            chunk = self._socket.recv(1 << 16)
        except ConnectionResetError:
            chunk = b""
        self.gone = not chunk
        for event in self._h2.receive_data(chunk) if chunk else ():
            self._take(event)
        self._socket.sendall(self._h2.data_to_send())
        return bool(chunk)

    def _take(self, event: h2.events.Event) -> None:
        if isinstance(event, h2.events.ResponseReceived):
            self.fields[event.stream_id] = dict(event.headers)
        elif isinstance(event, h2.events.DataReceived):
            self.bodies.setdefault(event.stream_id, bytearray()).extend(event.data)
            self._h2.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.ended.add(event.stream_id)
        elif isinstance(event, h2.events.StreamReset):
            self.reset.add(event.stream_id)
        elif isinstance(event, h2.events.PingAckReceived):
            self._pinged = True
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.gone = True
