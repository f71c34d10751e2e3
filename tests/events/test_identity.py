import base64
import re

import pytest

from build import a_request
from jira_compat.events.identity import basic_user, identify


def basic(text):
    return "Basic " + base64.b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    ("value", "user"),
    [
        (None, None),
        ("", None),
        ("Bearer s3cr3t", None),
        ("Basic", None),
        ("Basic ", None),
        ("Basic not base64!", None),
        (basic("fred:s3cr3t"), "fred"),
        (basic("fred:s3:cr3t"), "fred"),
        (basic("fred@example.com:s3cr3t").replace("Basic", "bAsIc"), "fred@example.com"),
        (basic("fred:s3cr3t").replace(" ", "   "), "fred"),
        (basic("jürgen:s3cr3t"), "jürgen"),
        ("Basic " + base64.b64encode(b"j\xfcrgen:s3cr3t").decode(), "j\ufffdrgen"),
        (basic("s3cr3t-token:"), None),
        (basic("s3cr3t-token:x-oauth-basic"), None),
        (basic("s3cr3t-token:x-oauth-token"), None),
        (basic("s3cr3t-token:X-OAuth-Basic "), None),
        (basic("fred:x-oauth-basics"), "fred"),
        (basic("s3cr3t-token"), None),
        (basic(":s3cr3t"), None),
    ],
)
def test_a_user_is_what_basic_authentication_names(value, user):
    headers = {} if value is None else {"AUTHORIZATION": value}

    assert basic_user(a_request("GET /", b"", headers).headers) == user


def test_a_user_is_shown_hashed_or_left_out():
    assert identify("fred", "shown", b"k") == "fred"
    assert identify("fred", "none", b"k") is None
    assert identify(None, "shown", b"k") is None
    assert identify(None, "hashed", b"k") is None
    assert re.fullmatch("[0-9a-f]{16}", identify("fred", "hashed", b"k") or "")


def test_a_hash_tells_users_apart_under_one_key_only():
    hashes = {identify(user, "hashed", key) for user in ("fred", "ann") for key in (b"k", b"l")}

    assert len(hashes) == 4
    assert identify("fred", "hashed", b"k") in hashes
