import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.events.user_agent import UNKNOWN, Agent, agent

CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (Macintosh) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.5 Safari/605.1.15"


@pytest.mark.parametrize("text", [None, "", "-", "  ", "(comment only)", "\0\x1b[31m", "1/2"])
def test_what_names_no_product_is_unknown(text):
    assert agent(text) == UNKNOWN


@pytest.mark.parametrize(
    ("text", "product", "version"),
    [
        ("python-requests/2.31.0", "python-requests", "2.31.0"),
        ("curl/7.88.1", "curl", "7.88.1"),
        ("Apache-HttpClient/4.5.13 (Java/11.0.20)", "Apache-HttpClient", "4.5.13"),
        ("Java/1.8.0_292", "Java", "1.8.0_292"),
        ("Go-http-client/1.1", "Go-http-client", "1.1"),
        ("okhttp/4.9.3", "okhttp", "4.9.3"),
        ("my-tool", "my-tool", ""),
        ("atlassian-python-api", "atlassian-python-api", ""),
        ("jira-python/3.10.5 python-requests/2.32.3", "jira-python", "3.10.5"),
        ("Mozilla/5.0 (Windows NT; de-DE) WindowsPowerShell/5.1.19041.4522", "PowerShell", "5.1.19041.4522"),
        ("HashiCorp Terraform/1.5.7 (+https://www.terraform.io)", "Terraform", "1.5.7"),
        ("PostmanRuntime/7.39.0", "Postman", "7.39.0"),
        (CHROME, "Chrome", "126"),
        (f"{CHROME} Edg/126.0.2592.68", "Edge", "126"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:127.0) Gecko/20100101 Firefox/127.0", "Firefox", "127"),
        (SAFARI, "Safari", "17"),
        ("Mozilla/5.0 (compatible; something)", "browser", ""),
    ],
)
def test_product_and_version(text, product, version):
    assert agent(text) == Agent(product, version)


@given(st.text(max_size=600))
def test_any_text_has_a_short_answer(text):
    product, version = agent(text)
    assert 0 < len(product) <= 64
    assert len(version) <= 32
