"""The layout of a deployment: clients, HAProxy, the workers and the site."""

import re
from dataclasses import dataclass

from jira_compat.message.links.address import Address

SYSTEM_AUTHORITIES = "@system-ca"
"""HAProxy's name for the certificate authorities that the system trusts."""

_IP_ADDRESS = re.compile(r"[0-9.]+|.*:.*")
_UNQUOTABLE = re.compile(r"[\x00-\x1f\x7f]")


def is_name(host: str) -> bool:
    """Return whether a host is written as a name, not as an address."""
    return not _IP_ADDRESS.fullmatch(host)


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of a deployment.

    Args:
        site: The site's own address, as its links have it.
        upstream: Where the site is reached; its path is not used.
        workers: Hosts and ports at which ``serve`` listens.
        admin_port: The port of ``serve --admin`` on each of those hosts.
        same_name: Clients reach HAProxy at the site's own address.
        listen: Host and port for clients.
        certificate: PEM file with certificate and key to show to clients; plain HTTP without one.
        authorities: PEM file with the certificate authorities to trust for the site.
        site_urls: Further addresses of the site, as they may stand in its answers.
        user: Whom HAProxy becomes, with the group of that name, once it listens.
        pinned: A worker counts as healthy only with the very policies that were exported.

    Raises:
        ValueError: They do not fit together; one line with the remedy.
    """

    site: Address
    upstream: Address
    workers: tuple[tuple[str, int], ...]
    admin_port: int = 9090
    same_name: bool = False
    listen: tuple[str, int] = ("127.0.0.1", 8080)
    certificate: str | None = None
    authorities: str = SYSTEM_AUTHORITIES
    site_urls: tuple[Address, ...] = ()
    user: str | None = None
    pinned: bool = False

    def __post_init__(self) -> None:
        if not self.workers:
            raise ValueError("there is no worker; name one with --worker HOST:PORT")
        if self.site.path or self.upstream.path:
            raise ValueError("--site and --upstream: paths go on as they come; write https://HOST or https://HOST:PORT")
        if self.same_name and (self.site.scheme == "https") != (self.certificate is not None):
            remedy = "name --cert FILE" if self.certificate is None else "leave --cert out"
            raise ValueError(f"--same-name: clients speak {self.site.scheme} to {self.site.origin}; {remedy}")
        for text in (self.certificate or "", self.authorities, self.user or "", *(host for host, _ in self.workers)):
            if _UNQUOTABLE.search(text):
                raise ValueError(f"{text!r} has a control character; write it without")

    @property
    def has_names(self) -> bool:
        """Return whether some host must be looked up."""
        return any(map(is_name, (self.upstream.host, *(host for host, _ in self.workers))))

    @property
    def certified_name(self) -> str:
        """The name for which the site must show a certificate: the upstream's, or the site's if that is not a name."""
        return self.upstream.host if is_name(self.upstream.host) else self.site.host

    @property
    def own_hosts(self) -> tuple[str, ...]:
        """The values of Host with which clients call HAProxy by the site's name."""
        authority = self.site.origin.partition("//")[2]
        full = f"{self.site.host}:{self.site.port}"
        return tuple(dict.fromkeys((authority, full)))
