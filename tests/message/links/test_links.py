import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.message.links.links import Links, answer_headers, request_headers, without_validators

PROXY = "http://127.0.0.1:8080"
LINKS = Links(
    ("https://your-site.atlassian.net", "https://api.atlassian.com/ex/jira/1", "http://jira:8080/jira"), PROXY
)
UNDER_PATH = Links(("http://jira:8080/jira",), "https://proxy")


def answered(name: str, value: str, links: Links = LINKS) -> str:
    ((same, after),) = answer_headers(((name.encode(), value.encode()),), links)
    assert same == name.encode()
    return after.decode()


@pytest.mark.parametrize(
    "field",
    [
        ("Location", ""),
        ("Location", "/rest/api/2/user"),
        ("Location", PROXY + "/rest"),
        ("Location", "https://id.atlassian.com/login?continue=https://your-site.atlassian.net/"),
        ("Location", "https://your-site.atlassian.net.evil.com/"),
        ("Location", "https://your-site.atlassian.network/"),
        ("Location", "https://your-site.atlassian.net@evil.com/"),
        ("Location", "https://your-site.atlassian.net:443@evil.com/"),
        ("Location", "https://your-site.atlassian.net:8443/"),
        ("Location", "https://fred@your-site.atlassian.net/"),
        ("Location", "https://your-site.atlassian.net\\x"),
        ("Location", "https://api.atlassian.com/ex/jira/12/rest"),
        ("Location", "https://api.atlassian.com/EX/jira/1/rest"),
        ("X-Location", "https://your-site.atlassian.net/"),
        ("Link", "</rest>; rel=next, <https://x.example/?<https://your-site.atlassian.net/>>; rel=a"),
        ("Link", '<https://x.example>; title="<https://your-site.atlassian.net/>"; rel=a'),
        ("Link", '<https://x.example>; title="\\"<https://your-site.atlassian.net/>"; rel=a'),
        ("Link", "https://your-site.atlassian.net/"),
        ("Link", "<https://your-site.atlassian.net.evil.com>"),
        ("Link", '"' * 1000 + "<"),
        ("Access-Control-Allow-Origin", "*"),
        ("Access-Control-Allow-Origin", "null"),
        ("Access-Control-Allow-Origin", "https://your-site.atlassian.net.evil.com"),
        ("Set-Cookie", "a=https://your-site.atlassian.net/; Path=/"),
    ],
)
def test_what_is_not_the_sites_stays(field):
    fields = ((field[0].encode(), field[1].encode()), (b"Date", b"\xff"))

    assert answer_headers(fields, LINKS) is fields


@pytest.mark.parametrize(
    ("link", "becomes"),
    [
        ("https://your-site.atlassian.net", PROXY),
        ("https://your-site.atlassian.net/", PROXY + "/"),
        ("https://your-site.atlassian.net?a=b", PROXY + "?a=b"),
        ("https://your-site.atlassian.net#a", PROXY + "#a"),
        ("https://your-site.atlassian.net:443/rest?x=https://your-site.atlassian.net", None),
        ("HTTPS://Your-Site.Atlassian.Net/rest?x=https://your-site.atlassian.net", None),
        ("http://your-site.atlassian.net/rest?x=https://your-site.atlassian.net", None),
        ("//your-site.atlassian.net/rest?x=https://your-site.atlassian.net", None),
        ("https://api.atlassian.com/ex/jira/1/rest?x=https://your-site.atlassian.net", None),
        ("http://jira:8080/jira/rest?x=https://your-site.atlassian.net", None),
    ],
)
@pytest.mark.parametrize("name", ["Location", "content-location"])
def test_links_lead_to_the_proxy(name, link, becomes):
    assert answered(name, link) == (becomes or PROXY + "/rest?x=https://your-site.atlassian.net")


def test_targets_of_link_lead_to_the_proxy():
    between = '>; rel="next", < ', '> ;title="<a\\">",<'
    value = f"<https://your-site.atlassian.net/a,b{between[0]}http://jira:8080/jira?x{between[1]}//api.atlassian.com/ex/jira/1>"

    assert answered("Link", value) == f"<{PROXY}/a,b{between[0]}{PROXY}?x{between[1]}{PROXY}>"


@pytest.mark.parametrize(
    ("links", "origin"),
    [
        (LINKS, "https://your-site.atlassian.net"),
        (LINKS, "https://api.atlassian.com"),
        (UNDER_PATH, "http://jira:8080"),
    ],
)
def test_the_allowed_origin_is_the_proxys(links, origin):
    assert answered("Access-Control-Allow-Origin", origin, links) == links.proxy


def test_cookies_are_the_proxys():
    value = "a=b; Domain=.atlassian.net; Path=/; Secure; SameSite=None"

    assert answered("Set-Cookie", value) == "a=b; Path=/; SameSite=Lax"
    assert answered("Set-Cookie", value, Links(LINKS.sites, "HTTPS://proxy")) == "a=b; Path=/; Secure; SameSite=None"


def test_each_field_stays_in_its_place():
    fields = (
        (b"Set-Cookie", b"a=b; Secure"),
        (b"X", b"https://your-site.atlassian.net/"),
        (b"LOCATION", b"https://your-site.atlassian.net/x\xff"),
        (b"Set-Cookie", b"c=d"),
    )

    assert answer_headers(fields, LINKS) == (
        (b"Set-Cookie", b"a=b"),
        (b"X", b"https://your-site.atlassian.net/"),
        (b"LOCATION", PROXY.encode() + b"/x\xff"),
        (b"Set-Cookie", b"c=d"),
    )


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Origin", "null"),
        ("Origin", ""),
        ("Origin", "https://your-site.atlassian.net"),
        ("Origin", "https://127.0.0.1:8080"),
        ("Origin", "http://127.0.0.1:80801"),
        ("Referer", "http://127.0.0.1:8080@evil.com/"),
        ("Referer", "http://127.0.0.1:8080.evil.com/"),
        ("Referer", "/rest"),
        ("Referer", "https://evil.com/?http://127.0.0.1:8080/"),
        ("X-Referer", PROXY),
    ],
)
def test_what_is_not_the_proxys_stays(name, value):
    fields = ((b"Host", b"127.0.0.1:8080"), (name.encode(), value.encode()))

    assert request_headers(fields, LINKS) is fields


@pytest.mark.parametrize(
    ("links", "value", "becomes"),
    [
        (LINKS, PROXY, "https://your-site.atlassian.net"),
        (LINKS, PROXY + "/a?b=" + PROXY, "https://your-site.atlassian.net/a?b=" + PROXY),
        (LINKS, "HTTP" + PROXY[4:] + "?a", "https://your-site.atlassian.net?a"),
        (UNDER_PATH, "https://proxy", "http://jira:8080"),
        (UNDER_PATH, "https://proxy/jira/secure\xff", "http://jira:8080/jira/secure\xff"),
        (Links(("https://Site:443",), "http://proxy:80"), "http://proxy/x", "https://site/x"),
    ],
)
@pytest.mark.parametrize("name", ["Origin", "referer"])
def test_what_is_the_proxys_becomes_the_upstreams(name, links, value, becomes):
    fields = ((b"A", b"1"), (name.encode(), value.encode("latin-1")))

    assert request_headers(fields, links) == ((b"A", b"1"), (name.encode(), becomes.encode("latin-1")))


@pytest.mark.parametrize("value", ["http://fred:hunter2@127.0.0.1:8080/", "http://[::1", "http://", "http://\xff"])
def test_malformed_values_stay(value):
    fields = ((b"Referer", value.encode("latin-1")), (b"Referer", b""))
    answer = ((b"Location", value.encode("latin-1")), (b"Link", value.encode("latin-1")))

    assert request_headers(fields, LINKS) is fields
    assert answer_headers(answer, LINKS) is answer


NAMES = st.sampled_from(
    [b"Location", b"Content-Location", b"Link", b"Set-Cookie", b"Access-Control-Allow-Origin", b"X"]
)
PIECES = st.sampled_from(
    [*LINKS.sites, PROXY, *'<>,;/?#"\\:@= ', "//your-site.atlassian.net", ":443", "Secure", "Domain=", "SameSite=None"]
)
VALUES = st.lists(PIECES, max_size=8).map(lambda pieces: "".join(pieces).encode())
PROXIES = st.sampled_from(
    [PROXY, "https://proxy", "http://your-site.atlassian.net", "http://jira:8080", "http://JIRA:80"]
)


@given(st.lists(st.tuples(NAMES, VALUES)).map(tuple), PROXIES)
def test_twice_is_once(fields, proxy):
    links = Links(LINKS.sites, proxy)
    once = answer_headers(fields, links)

    assert answer_headers(once, links) is once
    assert once is fields or once != fields
    assert [name for name, _ in once] == [name for name, _ in fields]


@given(st.from_regex(r"[/?#][ -~]*", fullmatch=True))
def test_a_referer_goes_back_where_its_link_came_from(rest):
    came = "https://your-site.atlassian.net" + rest
    went = answered("Location", came)

    assert went == PROXY + rest
    assert request_headers(((b"Referer", went.encode()),), LINKS) == ((b"Referer", came.encode()),)


@pytest.mark.parametrize("fields", [(), ((b"Content-Type", b"application/json"), (b"ETag", b'W/"1"'), (b"Vary", b"*"))])
def test_what_vouches_for_nothing_stays(fields):
    assert without_validators(fields) is fields


def test_what_vouches_for_each_byte_goes():
    fields = (
        (b"etag", b'"1"'),
        (b"Content-MD5", b"x"),
        (b"A", b"1"),
        (b"DIGEST", b"sha-256=x"),
        (b"Content-Digest", b"sha-256=:x:"),
        (b"Repr-Digest", b"sha-256=:x:"),
        (b"Last-Modified", b"now"),
    )
    left = without_validators(fields)

    assert left == ((b"etag", b'W/"1"'), (b"A", b"1"), (b"Last-Modified", b"now"))
    assert without_validators(left) is left
