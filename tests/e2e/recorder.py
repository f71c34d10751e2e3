"""An upstream that keeps every byte and answers every request the same."""

from fail_closed.upstream import Upstream, then_closes
from live import wait_until

ANSWER = (
    b"HTTP/1.1 203 As You Like\r\nserver: Recorder\r\nX-AREQUESTID:  600x1x1\r\nSET-Cookie: a=b; Path=/\r\n"
    b"Set-Cookie: c=d\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\n\xff\x00ok\n"
)
SEEN = ANSWER.replace(b":  ", b": ")
"""What of it a client sees: white space around a value is not part of it."""


class Recorder(Upstream):
    """Each connection has one request."""

    def __init__(self) -> None:
        super().__init__()
        self.script = then_closes(ANSWER)

    @property
    def authority(self) -> str:
        """Host and port."""
        return f"127.0.0.1:{self.port}"

    def take(self) -> bytes:
        """The request that came, which is forgotten then."""
        wait_until(lambda: self.requests, "a request")
        [got] = self.requests
        self.requests.clear()
        return got
