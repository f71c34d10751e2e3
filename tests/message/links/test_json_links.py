import gzip
import json
import time
import zlib
from urllib.parse import urlsplit

import brotli  # type: ignore[import-untyped]
import pytest
import zstandard
from hypothesis import given, settings
from hypothesis import strategies as st

from jira_compat.message.body.content_coding import coding
from jira_compat.message.body.errors import TooLarge
from jira_compat.message.links.json_links import answer_body
from jira_compat.message.links.sites import Links

JSON = ((b"Content-Type", b"application/json;charset=UTF-8"),)
PROXY = "http://127.0.0.1:8080"
SITE = "https://your-site.atlassian.net"
LINKS = Links((SITE, "https://api.atlassian.com/ex/jira/1", "http://jira.example.com:8080/jira"), PROXY)
LIMIT = 10_000_000


def answered(text: str, links: Links = LINKS) -> str:
    return answer_body(text.encode(), JSON, links, limit=LIMIT).decode()


@pytest.mark.parametrize(
    "text",
    [
        "",
        " ",
        "null",
        "{}",
        '"https"',
        '"h"',
        '"/"',
        '{"self":"/rest/api/2/user"}',
        f'{{"self":"{PROXY}/rest"}}',
        # Another host, whatever its name begins or ends with.
        '["https://your-site.atlassian.net.evil.com/"]',
        '["https://your-site.atlassian.network"]',
        r'["https://your-site.atlassian.net\u002eevil.com/"]',
        '["https://your-site.atlassian.net@evil.com"]',
        '["https://your-site.atlassian.net:443@evil.com"]',
        '["https://your-site.atlassian.net:8443/"]',
        '["https://your-siteXatlassian.net/"]',
        '["https://x.your-site.atlassian.net/"]',
        '["https://fred@your-site.atlassian.net/"]',
        r'["https://your-site.atlassian.net\\x"]',
        r'["https://your-site.atlassian.net\n/"]',
        '["ftp://your-site.atlassian.net/"]',
        '["your-site.atlassian.net/"]',
        '["/your-site.atlassian.net/"]',
        '["https:/your-site.atlassian.net/"]',
        # Another path; in paths letter case counts.
        '["https://api.atlassian.com/"]',
        '["https://api.atlassian.com/ex/jira/12"]',
        '["https://api.atlassian.com/ex/JIRA/1/rest"]',
        '["http://jira.example.com:8080/"]',
        '["http://jira.example.com/jira"]',
        '["https://jira.example.com:8080/jira"]',
        # Prose.
        f'{{"body":"See {SITE}/browse/A-1"}}',
        f'[" {SITE}/"]',
        rf'["say \"{SITE}/\" to"]',
        rf'["\"{SITE}/\""]',
        rf'["\\\"{SITE}/"]',
        f"[\"<a href='{SITE}/'>\"]",
        # Names of members.
        f'{{"{SITE}/":1}}',
        f'{{"{SITE}/" \t\r\n: [{{"{SITE}":null}}]}}',
        rf'{{"{SITE}/\"":1,"{SITE}/\\":1,"{SITE}/\"a":1}}',
        # Not JSON.
        f"{{'self':'{SITE}/'}}",
        f'["{SITE}/',
    ],
)
def test_what_is_no_link_of_the_site_stays(text):
    body = text.encode()

    assert answer_body(body, JSON, LINKS, limit=LIMIT) is body


@pytest.mark.parametrize(
    ("text", "becomes"),
    [
        (f'"{SITE}"', f'"{PROXY}"'),
        (f'["{SITE}","{SITE}/","{SITE}?a","{SITE}#a"]', f'["{PROXY}","{PROXY}/","{PROXY}?a","{PROXY}#a"]'),
        (f'\ufeff {{ "self" : "{SITE}/ä\\"", "n":1e400 }}\n', f'\ufeff {{ "self" : "{PROXY}/ä\\"", "n":1e400 }}\n'),
        (f'{{"a":"{SITE}/","a":"{SITE}/"}}', f'{{"a":"{PROXY}/","a":"{PROXY}/"}}'),
        (f'{{"{SITE}/":"{SITE}/"}}', f'{{"{SITE}/":"{PROXY}/"}}'),
        (rf'["\\","{SITE}/\\","{SITE}/\\"]', rf'["\\","{PROXY}/\\","{PROXY}/\\"]'),
        (rf'["{SITE}/\":\"","{SITE}/\" : "]', rf'["{PROXY}/\":\"","{PROXY}/\" : "]'),
        (f'["{SITE}/?{SITE}/"]', f'["{PROXY}/?{SITE}/"]'),
        (f'[[[{{"a":["{SITE}/"]}}]]]', f'[[[{{"a":["{PROXY}/"]}}]]]'),
        # Escapes; those behind the address stay.
        (r'["https:\/\/your-site.atlassian.net\/rest\/"]', rf'["{PROXY}\/rest\/"]'),
        (r'["https\u003a\u002F\u002fyour-site.atlassian.net\u002frest"]', rf'["{PROXY}\u002frest"]'),
        (r'["h\u0074tps://your-site.atlassian.net/"]', f'["{PROXY}/"]'),
        (r'["https\u003a//your\u002Dsite.atlassian\u002enet\u003fa"]', rf'["{PROXY}\u003fa"]'),
        (r'["https://your-site.atlassian.net\u003A443\u0023a"]', rf'["{PROXY}\u0023a"]'),
        ('["' + "".join(f"\\u{ord(each):04X}" for each in SITE) + '"]', f'["{PROXY}"]'),
        # Other spellings.
        ('["HTTPS://Your-Site.ATLASSIAN.net/A"]', f'["{PROXY}/A"]'),
        ('["https://your-site.atlassian.net:443/"]', f'["{PROXY}/"]'),
        ('["http://your-site.atlassian.net/"]', f'["{PROXY}/"]'),
        ('["http://your-site.atlassian.net:80/"]', f'["{PROXY}/"]'),
        ('["//your-site.atlassian.net/"]', f'["{PROXY}/"]'),
        (r'["\/\/your-site.atlassian.net\/"]', rf'["{PROXY}\/"]'),
        # Other sites.
        ('["https://api.atlassian.com/ex/jira/1/rest"]', f'["{PROXY}/rest"]'),
        ('["https://api.atlassian.com/ex/jira/1"]', f'["{PROXY}"]'),
        (r'["https://api.atlassian.com\/ex\/jira\/1\/rest"]', rf'["{PROXY}\/rest"]'),
        ('["http://jira.example.com:8080/jira/rest"]', f'["{PROXY}/rest"]'),
    ],
)  # fmt: skip
def test_links_lead_to_the_proxy(text, becomes):
    assert answered(text) == becomes


def test_a_site_may_be_an_address_of_ipv6():
    text = r'["http://[::1]:8080/","http:\/\/[::1]:8080\/","http://\u005b::1\u005D:8080/","http://[::1]/"]'

    assert answered(text, Links(("http://[::1]:8080",), "http://p")) == (
        r'["http://p/","http://p\/","http://p/","http://[::1]/"]'
    )


def test_a_link_keeps_the_path_that_the_upstream_has_too():
    links = Links(("http://jira:8080/jira",), "https://proxy")

    assert answered('["http://jira:8080/jira/rest","http://jira:8080/x"]', links) == (
        '["https://proxy/jira/rest","http://jira:8080/x"]'
    )


def test_what_leads_to_the_proxy_already_stays():
    links = Links(("http://jira:8080", "https://jira.example/jira"), "https://jira.example")
    body = rb'["https://jira.example/jira/rest","https:\/\/jira.example\/jira\/rest"]'

    assert answer_body(body, JSON, links, limit=LIMIT) is body


BODY = f'{{"self":"{SITE}/rest"}}'.encode()
EDITED = f'{{"self":"{PROXY}/rest"}}'.encode()


@pytest.mark.parametrize(
    "declared",
    [
        "application/json",
        "Application/JSON",
        "application/json; charset=utf-8",
        'application/problem+json;charset="UTF8"',
        "application/vnd.atl+json;charset=us-ascii",
    ],
)
def test_what_declares_json_is_read(declared):
    assert answer_body(BODY, ((b"content-type", declared.encode()),), LINKS, limit=LIMIT) == EDITED


@pytest.mark.parametrize(
    "fields",
    [
        (),
        ((b"Content-Type", b""),),
        ((b"Content-Type", b"text/html"),),
        ((b"Content-Type", b"text/plain"),),
        ((b"Content-Type", b"application/x-ndjson"),),
        ((b"Content-Type", b"application/json-seq"),),
        ((b"Content-Type", b"application/javascript"),),
        ((b"Content-Type", b"application/json;charset=iso-8859-1"),),
        ((b"Content-Type", b"application/json;charset=utf-16"),),
        ((b"Content-Type", b"application/json;charset=x;charset=y"),),
        ((b"Content-Type", b"application/json"), (b"Content-Type", b"text/html")),
        (*JSON, (b"Content-Encoding", b"x-unknown")),
        (*JSON, (b"Content-Encoding", b"gzip, br")),
        (*JSON, (b"Content-Encoding", b"gzip")),
        (*JSON, (b"content-range", b"bytes 0-9/10")),
        (*JSON, (b"content-disposition", b' Attachment; filename="a.json"')),
    ],
)
def test_all_else_stays(fields):
    assert answer_body(BODY, fields, LINKS, limit=LIMIT) is BODY


def test_wide_json_stays():
    wide = BODY.decode().encode("utf-16")

    assert answer_body(wide, ((b"Content-Type", b"application/json"),), LINKS, limit=LIMIT) is wide


def test_a_file_shown_in_place_is_read():
    fields = (*JSON, (b"Content-Disposition", b"inline"))

    assert answer_body(BODY, fields, LINKS, limit=LIMIT) == EDITED


CODINGS = {
    "gzip": gzip.compress,
    "br": brotli.compress,
    "deflate": zlib.compress,
    "zstd": zstandard.compress,
    "identity": bytes,
}


@pytest.mark.parametrize("name", CODINGS)
def test_the_coding_stays(name):
    fields = (*JSON, (b"Content-Encoding", name.encode()))
    body, other = CODINGS[name](BODY), CODINGS[name](b'{"self":"https://x.example/"}')
    edited = answer_body(body, fields, LINKS, limit=LIMIT)

    assert coding(fields, edited).decode(edited, LIMIT) == EDITED
    assert answer_body(edited, fields, LINKS, limit=LIMIT) is edited
    assert answer_body(other, fields, LINKS, limit=LIMIT) is other


@pytest.mark.parametrize("name", CODINGS)
def test_a_body_over_the_limit_is_too_large(name):
    fields = (*JSON, (b"Content-Encoding", name.encode()))
    body = CODINGS[name](BODY)

    assert answer_body(body, fields, LINKS, limit=len(BODY)) != body
    with pytest.raises(TooLarge) as raised:
        answer_body(body, fields, LINKS, limit=len(BODY) - 1)
    assert "atlassian" not in str(raised.value)


def test_what_is_too_large_and_no_json_stays():
    assert answer_body(BODY, (), LINKS, limit=1) is BODY


@pytest.mark.parametrize("name", ["gzip", "br", "deflate", "zstd"])
def test_a_broken_body_stays(name):
    body = CODINGS[name](BODY)[:-1]

    assert answer_body(body, (*JSON, (b"Content-Encoding", name.encode())), LINKS, limit=LIMIT) is body


@pytest.mark.parametrize(
    "text",
    [
        b'"h' * 500_000,
        b'"https://your-site.atlassian.net/' * 30_000,
        b'"https://your-site.atlassian.net/"' + b" " * 1_000_000,
        b'"https://your-site.atlassian.net/' + b"\\" * 1_000_000,
        b'"https://your-site.atlassian.net/' + b'\\"https://your-site.atlassian.net' * 30_000,
        b'"' * 1_000_000 + b"your-site.atlassian.net",
        b'"\\u0068ttps' * 90_000,
    ],
    ids=range(7),
)
def test_a_megabyte_takes_its_time_and_no_more_whatever_it_is(text):
    started = time.process_time()
    answer_body(text, JSON, LINKS, limit=LIMIT)

    assert time.process_time() - started < 20  # 0.1 s here; quadratic, it would be minutes


# What a reader makes of an answer is what this model makes of what a reader made of it before.

ADDRESSES = st.sampled_from(
    [
        *LINKS.sites,
        PROXY,
        "//your-site.atlassian.net",
        "http://your-site.atlassian.net",
        "HTTPS://YOUR-site.atlassian.net:443",
        "https://your-site.atlassian.net.evil.com",
        "https://fred@your-site.atlassian.net",
        "http://jira.example.com:8080",
        "https://api.atlassian.com",
    ]
)
ENDS = st.sampled_from(
    ["", "/", "?", "#", "/rest/api/2/issue/1", '/"', "/\\", "@evil.com", ":443", ":80/", ".", '"', "ä"]
)
TEXTS = st.one_of(
    st.tuples(st.sampled_from(["", "", "", " ", '"', "\\", '\\"', "h"]), ADDRESSES, ENDS).map("".join),
    st.text(max_size=5),
)
VALUES = st.recursive(
    TEXTS | st.none() | st.integers() | st.booleans(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXTS, inner, max_size=4),
    max_leaves=12,
)


def model(text: str) -> str:
    try:
        parts = urlsplit(text)
        port = parts.port
    except ValueError:
        return text
    if parts.netloc != parts.netloc.strip() or text[:1] not in "hH/" or "\\" in parts.netloc or "@" in parts.netloc:
        return text
    rest = text[text.index("//") + 2 + len(parts.netloc) :] if parts.netloc else ""
    own = {"": (None, 80, 443), "http": (None, 80), "https": (None, 443)}
    if parts.netloc.endswith(":"):
        return text
    if parts.hostname == "your-site.atlassian.net" and port in own.get(parts.scheme, ()):
        return PROXY + rest
    for host, ports, path in (
        ("api.atlassian.com", own, "/ex/jira/1"),
        ("jira.example.com", {"": (8080,), "http": (8080,)}, "/jira"),
    ):
        behind = rest.removeprefix(path)
        if parts.hostname == host and port in ports.get(parts.scheme, ()) and rest.startswith(path):
            return PROXY + behind if behind[:1] in {"", "/", "?", "#"} else text
    return text


def modelled(value):
    if isinstance(value, str):
        return model(value)
    if isinstance(value, list):
        return [modelled(each) for each in value]
    if isinstance(value, dict):
        return {name: modelled(each) for name, each in value.items()}
    return value


def written(value, draw) -> str:
    """A value as JSON, each character and each gap in one of the ways that it may be written."""
    if isinstance(value, str):
        return '"' + "".join(draw(st.sampled_from(ways(each))) for each in value) + '"'
    if isinstance(value, list):
        return "[" + ",".join(gap(draw) + written(each, draw) + gap(draw) for each in value) + "]"
    if isinstance(value, dict):
        return "{" + ",".join(
            gap(draw) + written(name, draw) + gap(draw) + ":" + gap(draw) + written(each, draw)
            for name, each in value.items()
        ) + "}"  # fmt: skip
    return json.dumps(value)


def ways(character: str) -> list[str]:
    plain = json.dumps(character, ensure_ascii=False)[1:-1]
    if not character.isascii():
        return [plain]
    return [plain] * 8 + ["\\/"] * (character == "/") + [f"\\u{ord(character):04x}", f"\\u{ord(character):04X}"]


def gap(draw) -> str:
    return str(draw(st.sampled_from(["", "", " ", "\n\t"])))


@st.composite
def documents(draw):
    return written(draw(VALUES), draw)


@settings(max_examples=200)
@given(documents())
def test_a_reader_finds_what_the_model_says(text):
    body = text.encode("utf-8", "surrogatepass")
    edited = answer_body(body, JSON, LINKS, limit=LIMIT)

    assert json.loads(edited) == modelled(json.loads(body))
    assert answer_body(edited, JSON, LINKS, limit=LIMIT) is edited
    assert edited is body or edited != body


SEEN = st.sampled_from([("https://your-site.atlassian.net", PROXY), ("http://jira.example.com:8080/jira", PROXY)])
BEHIND = st.sampled_from(['"', '/"', '/rest\\u00e4\\\\"', '\\/\\"x"', '?a=https://your-site.atlassian.net/"'])
AROUND = st.sampled_from(["1.50", "1e400", " [ ] ", '"\\/"', "\n", rf'null, "a\"{SITE}/"', f'{{"{SITE}" : 1}}'])


@given(st.lists(AROUND | st.tuples(SEEN, BEHIND)))
def test_only_the_address_changes(pieces):
    before = "".join(each if isinstance(each, str) else f'["{each[0][0]}{each[1]}]' for each in pieces)
    after = "".join(each if isinstance(each, str) else f'["{each[0][1]}{each[1]}]' for each in pieces)

    assert answered(before) == after


@given(st.binary() | st.text(alphabet='"\\/:hH ttps@your-site.atlassian.net{}[],').map(str.encode))
def test_anything_at_all_is_answered(body):
    edited = answer_body(body, JSON, LINKS, limit=LIMIT)

    assert edited is body or edited != body
    assert answer_body(edited, JSON, LINKS, limit=LIMIT) is edited
