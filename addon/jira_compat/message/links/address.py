"""The address of a site (scheme, host, port, path) and the spellings of it that Jira's answers use."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

_DEFAULT_PORTS = {"http": 80, "https": 443}
_HIGHEST_PORT = 65535
_ADDRESS = re.compile(
    r"(https?)://([a-z0-9_.-]+|\[[0-9a-f:.]+\])(?::([0-9]{1,5}))?((?:/[a-z0-9._~!$&'()*+,;=:@%-]+)*)/*",
    re.ASCII | re.IGNORECASE,
)


class Spell(Protocol):
    """A way to spell texts in some place."""

    def __call__(self, text: str, /, *, fold: bool = False) -> str:
        """A regular expression for all spellings of a text; ``fold``: in any letter case."""


@dataclass(frozen=True, slots=True)
class Address:
    """An address as operators write it: ``https://jira.example.com:8443/jira``.

    Args:
        scheme: ``http`` or ``https``.
        host: In lower case; an IPv6 address in its brackets.
        port: The default one where none was written.
        path: ``""``, or with a slash before it and none behind.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def origin(self) -> str:
        """The address without its path, as browsers write it (RFC 6454, section 6.2)."""
        return f"{self.scheme}://{self.host}" + ("" if self.port == _DEFAULT_PORTS[self.scheme] else f":{self.port}")


def parse_address(text: str) -> Address:
    """Read an address.

    Raises:
        ValueError: It is none, or has what an address of a site has not: user, query, fragment.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None or not 0 < int(found[3] or 1) <= _HIGHEST_PORT:
        shown = re.split(r"[?#]", text.rpartition("@")[2])[0][:80]  # without a password or a token
        raise ValueError(f"{shown!r} is not a valid site URL; write https://HOST, https://HOST:PORT or with a path")
    scheme = found[1].lower()
    return Address(scheme, found[2].lower(), int(found[3] or _DEFAULT_PORTS[scheme]), found[4])


def spellings(addresses: Iterable[Address], spell: Spell) -> str:
    """A regular expression: one group for each address, the first that fits counts.

    An address may be written without its scheme (``//host/…``), without or with a default port, and,
    if it is of https, with http: Jira behind a balancer that ends TLS knows no better.
    """
    return "|".join(f"((?:{'|'.join(_origins(each, spell))}){spell(each.path)})" for each in addresses)


def _origins(address: Address, spell: Spell) -> Iterator[str]:
    ports = {address.scheme: address.port}
    if address.scheme == "https":
        ports["http"] = _DEFAULT_PORTS["http"] if address.port == _DEFAULT_PORTS["https"] else address.port
    for scheme, port in ports.items():
        optional = "?" if port == _DEFAULT_PORTS[scheme] else ""
        before = f"(?:{spell(f'{scheme}:', fold=True)})?{spell(f'//{address.host}', fold=True)}"
        yield f"{before}(?:{spell(f':{port}')}){optional}"


def plainly(text: str, /, *, fold: bool = False) -> str:
    """Spell a text as it stands in a header field."""
    return f"(?i:{re.escape(text)})" if fold else re.escape(text)


def in_json(text: str, /, *, fold: bool = False) -> str:
    r"""Spell a text as it may stand in a JSON string, where ``/`` is ``\/`` too and all is ``\uXXXX``."""
    return "".join(_json_character(each, {each.lower(), each.upper()} if fold else {each}) for each in text)


def _json_character(character: str, cases: set[str]) -> str:
    codes = "|".join(sorted(f"{ord(each):02x}" for each in cases))
    bare = "".join(sorted(map(re.escape, cases)))
    solidus = r"|\\/" if character == "/" else ""
    return rf"(?:[{bare}]{solidus}|\\u00(?i:{codes}))"
