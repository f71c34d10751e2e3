"""The addresses of a site, and what each becomes.

The rule: the path of a site's address is replaced with the upstream's; a site's address without a
path stands for the whole host, and its links keep theirs. So, if the proxy is ``http://proxy``::

    upstream https://a.example      https://a.example/rest         ->  http://proxy/rest
      site https://b.example/ex/1   https://b.example/ex/1/rest    ->  http://proxy/rest
    upstream http://jira:8080       http://jira:8080/jira/rest     ->  http://proxy/jira/rest
      site https://jira.example     https://jira.example/jira/rest ->  http://proxy/jira/rest
    upstream http://jira:8080/jira  http://jira:8080/jira/rest     ->  http://proxy/jira/rest
      site https://b.example/x      https://b.example/x/rest       ->  http://proxy/jira/rest
"""

import json
import re
from dataclasses import dataclass, field

from jira_compat.message.links.address import Address, parse_address


@dataclass(frozen=True, slots=True)
class Links:
    """A site, and what its clients call the proxy before it.

    Args:
        sites: Addresses of the site, the upstream's first. Where two fit, the first counts.
        proxy: What the client calls us, such as ``http://127.0.0.1:8080``.
        addresses: The sites, read.
        hosts: Their hosts.
        targets: What becomes of each site's address.

    Raises:
        ValueError: One of them is not an address, no site is given, or the proxy's address has a path.
    """

    sites: tuple[str, ...]
    proxy: str
    addresses: tuple[Address, ...] = field(init=False, repr=False, compare=False)
    hosts: tuple[bytes, ...] = field(init=False, repr=False, compare=False)
    targets: tuple[bytes, ...] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if not self.sites:
            raise ValueError("there is no site; give the upstream's address")
        if parse_address(self.proxy).path or self.proxy.endswith("/"):
            raise ValueError(
                f"{self.proxy!r} has a path, and a proxy has none; write https://HOST or https://HOST:PORT"
            )
        addresses = tuple(map(parse_address, self.sites))
        targets = [self.proxy + (addresses[0].path if each.path else "") for each in addresses]
        object.__setattr__(self, "addresses", addresses)
        object.__setattr__(self, "hosts", tuple(each.host.encode() for each in addresses))
        object.__setattr__(self, "targets", tuple(each.encode() for each in targets))

    def swap(self, found: re.Match[bytes]) -> bytes:
        """Return the replacement for a match, one of whose groups is the address of the site of that number.

        What leads to the proxy already stays: its path is Jira's own, also where a site has the
        proxy's host since the proxy took its place.
        """
        which = found.lastindex
        if which is None:
            return found[0]
        address = json.loads(b'"%s"' % found[which]) if b"\\" in found[which] else found[which].decode()
        if address.startswith(self.proxy + "/"):
            return found[0]
        start, end = (at - found.start() for at in found.span(which))
        return found[0][:start] + self.targets[which - 1] + found[0][end:]

    def calls_proxy(self, origin: str) -> bool:
        """Return whether this is the proxy's origin, as the client wrote it in Host or as browsers do."""
        return origin.lower() in {self.proxy.lower(), parse_address(self.proxy).origin}
