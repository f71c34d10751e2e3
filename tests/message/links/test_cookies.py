import pytest

from jira_compat.message.links.cookies import own_cookie

HOSTS = (b"your-site.atlassian.net", b"api.atlassian.com")


@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize(
    "value",
    [
        "",
        "JSESSIONID=1",
        "JSESSIONID=1; Path=/jira; HttpOnly",
        "a=b;;  ; Max-Age=1;Expires=Wed, 09 Jun 2027 10:18:14 GMT",
        "domain=your-site.atlassian.net",
        "secure",
        "a=b; Domain=",
        "a=b; Domain=.",
        "a=b; Domain=evil.com",
        "a=b; Domain=site.atlassian.net",
        "a=b; Domain=x.your-site.atlassian.net",
        "a=b; SameSite=None",
        "a=b; SameSite=Strict; Partitioned",
        "a=b; x-secure; domains=atlassian.net",
    ],
)
def test_what_fits_stays(value, plain):
    assert own_cookie(value.encode(), HOSTS, plain=plain) == value.encode()


@pytest.mark.parametrize(
    "domain", ["your-site.atlassian.net", ".your-site.atlassian.net", "Atlassian.NET", ".atlassian.com", " net "]
)
def test_the_domain_of_the_site_or_a_parent_goes(domain):
    value = f"a=b; Path=/;domain ={domain}; HttpOnly".encode()

    assert own_cookie(value, HOSTS, plain=False) == b"a=b; Path=/; HttpOnly"


@pytest.mark.parametrize(
    ("value", "becomes"),
    [
        ("a=b; Secure", "a=b"),
        ("a=b;SECURE ; Path=/", "a=b; Path=/"),
        ("secure=secure; Path=/; Secure", "secure=secure; Path=/"),
        ("a=b; Secure=1; HttpOnly", "a=b; HttpOnly"),
        ("a=b; Path=/; SameSite=None; Secure; HttpOnly", "a=b; Path=/; SameSite=Lax; HttpOnly"),
        ("a=b; Secure; samesite = NONE", "a=b; samesite =Lax"),
        ("a=b; Secure; SameSite=Strict", "a=b; SameSite=Strict"),
        ("__Host-a=b; Path=/; Secure; SameSite=None; Partitioned", "__Host-a=b; Path=/; SameSite=Lax"),
        ("a=b; Domain=atlassian.net; Secure", "a=b"),
    ],
)
def test_over_plain_http_no_cookie_is_secure(value, becomes):
    assert own_cookie(value.encode(), HOSTS, plain=True) == becomes.encode()
    assert own_cookie(becomes.encode(), HOSTS, plain=True) == becomes.encode()


def test_over_tls_cookies_stay_secure():
    value = b"a=b; Domain=atlassian.net; Secure; SameSite=None; Partitioned"

    assert own_cookie(value, HOSTS, plain=False) == b"a=b; Secure; SameSite=None; Partitioned"
