"""Checks before the proxy starts, so that a mistake is one line now and not a failure per request."""

import ipaddress
import os
import ssl
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, TextIO
from urllib.parse import urlsplit

from jira_compat.message.headers import authority
from jira_compat.policy.files import shipped_policies
from jira_compat.policy.index import PolicySet
from jira_compat.proxy.settings.limits import Limits
from jira_compat.proxy.settings.options import IDENTITY_KEY

CONFDIR = "~/.mitmproxy"
"""The default folder of mitmproxy's certificate authority."""
AUTHORITY = "mitmproxy-ca-cert.pem"
_LONG_ENOUGH = 16
"""Characters of a key."""


class StartError(Exception):
    """The proxy cannot start; ``lines`` has every reason."""

    def __init__(self, *lines: str) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


Level = Literal["error", "warning", "info", "debug"]
Form = Literal["text", "json"]


@dataclass(frozen=True, slots=True)
class Diagnostics:
    """The options of the log on standard error.

    Args:
        level: The minimum level that is logged; with ``warning`` also the proxy's own ``info`` lines.
        form: Lines for people, or JSON.
        of_start: Whether warnings of the start are logged: of several processes with the same options one logs them.
    """

    level: Level = "warning"
    form: Form = "text"
    of_start: bool = True


@dataclass(frozen=True, slots=True)
class ServeConfig:
    """The configuration of ``serve``.

    Args:
        listen: Host and port to listen on; port 0 takes a free one.
        upstream: The site, ``https://HOST[:PORT]``; ``None`` for a forward proxy.
        options: Options of the addon and of mitmproxy, by name.
        stream: Where events go for the file ``-``; standard error if ``None``.
        limits: What is borne.
        admin: Host and port for health and metrics; ``None`` for neither.
        workers: How many processes serve; with one it is this one.
        diagnostics: Options of the log on standard error.
    """

    listen: tuple[str, int]
    upstream: str | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    stream: TextIO | None = None
    limits: Limits = field(default_factory=Limits)
    admin: tuple[str, int] | None = None
    workers: int = 1
    diagnostics: Diagnostics = field(default_factory=Diagnostics)


def upstream_mode(url: str) -> str:
    """Mitmproxy's mode for an upstream.

    Raises:
        StartError: The address is none that can be proxied to.
    """
    if "@" in url:
        raise StartError("--upstream: the address holds credentials; leave them out, clients send theirs")
    try:
        parts = urlsplit(url)
        known = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise StartError(f"--upstream: {url!r} is not a valid site URL; write one like https://your-site.atlassian.net")
    if parts.path.rstrip("/") or parts.query or parts.fragment:
        raise StartError(f"--upstream: {url!r} has a path; leave it out, clients send theirs")
    return f"reverse:{parts.scheme}://{parts.netloc}"


def check_files(options: Mapping[str, Any]) -> None:
    """Look at the files that mitmproxy would first miss, or fail on, with a client at the door.

    Raises:
        StartError: With a line for each that is missing or unfit.
    """
    lines = [*_authorities(options.get("ssl_verify_upstream_trusted_ca"))]
    lines += [line for cert in options.get("certs", ()) for line in _certificate(cert.partition("=")[2])]
    lines += _confdir(Path(options.get("confdir", CONFDIR)).expanduser())
    if lines:
        raise StartError(*lines)


def warnings(listen: str, options: Mapping[str, Any], *, forward: bool) -> Iterator[str]:
    """Yield warnings for the operator."""
    if not _is_loopback(listen):
        plain = "" if options.get("certs") else ", and what they send travels in the clear unless they speak TLS to it"
        reach = "any host" if forward else "the upstream"
        yield f"{listen} can be reached from other machines: they can send requests to {reach} through it{plain}"
    if options.get("ssl_insecure"):
        yield "WARNING: --insecure: the certificate is not verified, so any server that poses as Jira gets passwords"


def oversights(options: Mapping[str, Any], rules: PolicySet) -> Iterator[str]:
    """Yield likely mistakes of the operator, which would otherwise show too late."""
    if not options.get("jira_events"):
        yield "no events are written; --events FILE or - says where to"
    if options.get("jira_identity") == "hashed":
        yield from _identity_key(os.environ.get(IDENTITY_KEY, ""))
    shipped = shipped_policies()
    if not {entry.policy for entry in rules.entries} & {file.stem for file in shipped.glob("*.yaml")}:
        yield f"the built-in policies are not active: --policies replaces them; they are in {shipped}"


def _identity_key(key: str) -> Iterator[str]:
    if not key:
        yield f"--identity hashed without {IDENTITY_KEY}: after each start users have other names"
    elif len(key) < _LONG_ENOUGH:
        yield f"{IDENTITY_KEY} is so short that users can be guessed; make one with openssl rand -hex 32"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _authorities(file: str | None) -> Iterator[str]:
    if file is None:
        return
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT).load_verify_locations(file)
    except ssl.SSLError:
        yield f"--upstream-ca: {file} holds no certificates; name a PEM file"
    except OSError as error:
        yield f"--upstream-ca: {file} cannot be read ({reason(error)}); name a PEM file of certificate authorities"


def _certificate(file: str) -> Iterator[str]:
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(file, password="")
    except (ssl.SSLError, ValueError):
        yield f"--cert: {file} holds no certificate and its unencrypted key; put both into one PEM file"
    except OSError as error:
        yield f"--cert: {file} cannot be read ({reason(error)}); name a PEM file with certificate and key"


def _confdir(folder: Path) -> Iterator[str]:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / AUTHORITY).exists() and not os.access(folder, os.W_OK | os.X_OK):
            yield f"--confdir: {folder} cannot be written to; name another folder"
    except OSError as error:
        yield f"--confdir: {folder} cannot be made ({reason(error)}); name another folder"


def reason(error: OSError) -> str:
    """Return the system's reason, in its words and nothing else."""
    try:
        return os.strerror(error.errno or 0).lower() if (error.errno or 0) > 0 else "no such address"
    except (ValueError, OverflowError):
        return type(error).__name__


def unheard(flag: str, address: tuple[str, int], error: OSError) -> str:
    """The line about an address that cannot be listened on."""
    return f"{flag}: {authority(*address)} cannot be listened on ({reason(error)}); choose another address"
