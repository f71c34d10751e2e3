"""Cookies of the site as cookies of the proxy."""

from collections.abc import Sequence


def own_cookie(value: bytes, hosts: Sequence[bytes], *, plain: bool) -> bytes:
    """A Set-Cookie value that the proxy's clients take for the proxy's (RFC 6265, section 4.1).

    Domain goes where it is the site's or a parent of it, so the cookie is the proxy's alone. Path
    stays: so does that of the upstream's links. The name stays, since Jira has to know it again:
    browsers refuse ``__Host-`` and ``__Secure-`` over plain HTTP, other clients do not look.

    Args:
        value: As it came.
        hosts: The sites', in lower case.
        plain: Whether clients speak plain HTTP to the proxy. They never send it a cookie that is
            Secure; browsers refuse Partitioned and SameSite=None without that, so the first goes
            and the second becomes Lax, which is what they take a cookie without SameSite for.
    """
    pair, *attributes = value.split(b";")
    names = {_read(attribute)[0] for attribute in attributes}
    kept = [attribute for attribute in attributes if not _is_of_site(attribute, hosts)]
    if plain and b"secure" in names:
        kept = [_lax(attribute) for attribute in kept if _read(attribute)[0] not in {b"secure", b"partitioned"}]
    return b";".join([pair, *kept])


def _read(attribute: bytes) -> tuple[bytes, bytes]:
    name, _, value = attribute.partition(b"=")
    return name.strip().lower(), value.strip().lower()


def _is_of_site(attribute: bytes, hosts: Sequence[bytes]) -> bool:
    name, value = _read(attribute)
    domain = value.removeprefix(b".")
    return name == b"domain" and any((b"." + host).endswith(b"." + domain) for host in hosts)


def _lax(attribute: bytes) -> bytes:
    if _read(attribute) != (b"samesite", b"none"):
        return attribute
    return attribute[: attribute.index(b"=") + 1] + b"Lax"
