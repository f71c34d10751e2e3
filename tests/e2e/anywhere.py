"""A client to whom every name leads to this machine."""

import socket
import ssl
from dataclasses import dataclass
from urllib.parse import urlsplit

from live import PATIENCE, request, status


@dataclass
class Client:
    """A client to whom every name leads to this machine, as where somebody's DNS says so."""

    authority: str | None = None
    address: str = "127.0.0.1"

    def get(self, url):
        """Status, fields and body of the answer."""
        parts = urlsplit(url)
        with socket.create_connection(("127.0.0.1", parts.port), PATIENCE, (self.address, 0)) as connection:
            if parts.scheme == "https":
                settings = ssl.create_default_context(cafile=self.authority)
                connection = settings.wrap_socket(connection, server_hostname=parts.hostname)  # noqa: PLW2901
            target = parts.path + (f"?{parts.query}" if parts.query else "")
            connection.sendall(request("GET", target, host=parts.netloc))
            received = b"".join(iter(lambda: connection.recv(1 << 16), b""))
            connection.close()
        head, _, body = received.partition(b"\r\n\r\n")
        return status(received), head.decode("latin-1"), body
