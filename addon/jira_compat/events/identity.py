"""The user of a request, as far as it names one and as events may show it."""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterable
from typing import Literal

from jira_compat.message.headers import header
from jira_compat.model import Header

_NO_PASSWORDS = {b"", b"x-oauth-basic", b"x-oauth-token"}
"""What stands in the place of a password beside a token."""

Identity = Literal["shown", "hashed", "none"]
"""The ways to show users."""


def basic_user(headers: Iterable[Header]) -> str | None:
    """The user of Basic authentication (RFC 7617).

    ``None`` also for credentials without a colon, with an empty password or with ``x-oauth-basic``: there the name may
    be a token.
    """
    scheme, _, credentials = (header(headers, b"authorization") or b"").partition(b" ")
    if scheme.lower() != b"basic":
        return None
    try:
        user, _, password = base64.b64decode(credentials.strip(), validate=True).partition(b":")
    except (ValueError, binascii.Error):
        return None
    return user.decode("utf-8", "replace") if user and password.strip().lower() not in _NO_PASSWORDS else None


def identify(user: str | None, identity: Identity, key: bytes) -> str | None:
    """A user's name as events may show it; ``hashed`` is HMAC-SHA-256 under ``key``, 16 hexadecimal digits."""
    if user is None or identity == "none":
        return None
    return user if identity == "shown" else hmac.new(key, user.encode(), hashlib.sha256).hexdigest()[:16]
