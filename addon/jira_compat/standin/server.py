"""The stand-in as one object: state, record and socket."""

import ssl
import threading
import time
from collections.abc import Callable, Iterable
from typing import Self

from jira_compat.standin.http import target
from jira_compat.standin.http.body import Body
from jira_compat.standin.http.http1 import Head
from jira_compat.standin.http.listener import Listener
from jira_compat.standin.http.messages import Answer, Call, Refusal, escaped
from jira_compat.standin.http.recorder import Received, Record
from jira_compat.standin.issues.index import Index
from jira_compat.standin.issues.seed import Attachment
from jira_compat.standin.modes.faults import Faults
from jira_compat.standin.routes import respond
from jira_compat.standin.state import Mode, State, seeded


class StandIn:
    """A small Jira on loopback, with a record of what reached it.

    A context manager; or :meth:`start` and :meth:`stop`, as often as wanted, always on the same port.

    Requests without credentials are anonymous and may do everything but what is about oneself (``myself``, the
    session), which answers 401. Wrong credentials get 401 everywhere. Right ones are name or e-mail address with
    password or token, a token as Bearer, or a session cookie. See :func:`~jira_compat.standin.state.seeded` for who
    and what is there.

    Args:
        mode: ``server`` does all that Atlassian took away; ``cloud`` names users by account id and has the new
            search; ``cloud-today`` also refuses passwords, sessions, new users without products, and writes of
            browsers.
        host: Address to listen on.
        port: Port; 0 takes a free one.
        context_path: Where Jira lives, such as ``/jira``.
        tls: Files with certificate chain and key, in PEM form.
        site_url: Where links in answers point; as a rule to the stand-in itself.
        remember: Keep that many of the newest requests; ``None`` keeps all, which a long run cannot afford.
    """

    def __init__(  # noqa: PLR0913  each has a default that fits
        self,
        mode: Mode = "server",
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        context_path: str = "",
        tls: tuple[str, str] | None = None,
        site_url: str | None = None,
        remember: int | None = None,
    ) -> None:
        self.state: State = seeded(mode)
        self._address = (host, port)
        self._home = context_path.strip("/")
        self._tls = server_side(*tls) if tls else None
        self._site_url = site_url
        self._record = Record(remember)
        self._lock = threading.Lock()
        self._listener: Listener | None = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *_: object) -> None:
        self.stop()

    def start(self) -> Self:
        """Listen.

        Raises:
            OSError: The address cannot be had.
        """
        if self._listener is None:
            self._listener = Listener(self._address, self._tls, self._answer, self._record)
            self._address = (self._address[0], self._listener.server_address[1])
            self._listener.start()
        return self

    def stop(self) -> None:
        """Stop listening and close every connection."""
        if self._listener is not None:
            self._listener.stop()
            self._listener = None

    def reset(self) -> None:
        """Back to the first day, with an empty record; open connections stay open but are counted no more."""
        with self._lock:
            self.state = seeded(self.state.mode)
        self._record.reset()

    @property
    def faults(self) -> Faults:
        """Misbehaviour on demand, until :meth:`reset`."""
        return self.state.faults

    @property
    def index(self) -> Index:
        """The search index and its delay, until :meth:`reset`."""
        return self.state.index

    def seed_issues(self, count: int, *, description: int = 0) -> None:
        """Hold exactly so many issues; see :meth:`~jira_compat.standin.state.State.seed_issues`."""
        with self._lock:
            self.state.seed_issues(count, description=description)

    @property
    def url(self) -> str:
        """Address with context path and no slash at the end."""
        host, port = self._address
        scheme = "https" if self._tls else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{port}{self._root}"

    @property
    def received(self) -> list[Received]:
        """The received requests in order: a copy. A request is recorded before its answer is sent."""
        return self._record.received

    @property
    def connections(self) -> int:
        """TCP connections accepted so far."""
        return self._record.connections

    def wait_for(self, condition: int | Callable[[list[Received]], bool], timeout: float = 5.0) -> list[Received]:
        """Wait until so many requests came, or until a condition on them holds, and give them.

        Raises:
            TimeoutError: It did not happen within ``timeout`` seconds.
        """
        return self._record.wait_for(condition, timeout)

    def add_attachment(self, name: str, size: int, issue: str = "DEMO-1") -> str:
        """Attach a file whose content is made while it is sent.

        Returns:
            The path to fetch it from, context path included; see :func:`~jira_compat.standin.issues.seed.made_up` for
            what is in it.
        """
        with self._lock:
            file = Attachment(str(next(self.state.ids)), name, size, self.state.issues[issue].reporter, made=True)
            self.state.attachments[file.id] = file
            self.state.issues[issue].attachments.append(file.id)
        return f"{self._root}/secure/attachment/{file.id}/{escaped(name)}"

    @property
    def _root(self) -> str:
        return f"/{self._home}" if self._home else ""

    def _answer(self, head: Head, body: Body) -> Answer:
        if (latency := self.state.faults.latency) > 0:
            time.sleep(latency)
        with self._lock:
            try:
                return respond(self.state, as_call(head, body, self._site_url or self.url, self._home))
            except Refusal as refusal:
                return refusal.answer
            except Exception as error:  # noqa: BLE001  a client is answered whatever happens, and told what kind it was
                return Refusal(500, f"The stand-in failed with {type(error).__name__}.").answer


def as_call(head: Head, body: Body, site: str, home: str = "") -> Call:
    """A request as endpoints see it.

    Args:
        head: Request line and header section.
        body: Content.
        site: Where links point.
        home: Context path without slashes around it; what lies outside is found nowhere.

    Raises:
        Refusal: 400 for a target that Tomcat does not accept.
    """
    segments, root = target.segments(head.target), tuple(home.split("/")) if home else ()
    return Call(
        method="GET" if head.method == "HEAD" else head.method,
        path=segments[len(root) :] if segments[: len(root)] == root else ("", *segments),
        query=target.query(head.target),
        headers=joined(head.headers),
        body=body,
        site=site.rstrip("/"),
    )


def joined(fields: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Field values by lower-case name; equal names are joined, cookies as HTTP/2 splits them (RFC 9113, 8.2.3)."""
    values: dict[str, str] = {}
    for name, value in fields:
        key = name.lower()
        mark = "; " if key == "cookie" else ", "
        values[key] = f"{values[key]}{mark}{value}" if key in values else value
    return values


def server_side(certificate: str, key: str) -> ssl.SSLContext:
    """Return the TLS context of a server."""
    settings = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    settings.load_cert_chain(certificate, key)
    settings.set_alpn_protocols(["http/1.1"])
    return settings
