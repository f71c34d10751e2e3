import pytest

from build import shipped_set
from jira_compat.policy.index import RunOptions
from jira_compat.proxy.diagnostics.log import Log
from jira_compat.proxy.diagnostics.startup import say_served, urls
from jira_compat.proxy.settings.preflight import ServeConfig

NOTED = {"jira_events": "-"}
HERE = ("127.0.0.1", 8080)
HTTP, HTTPS, SITE = "http://127.0.0.1:8080", "https://127.0.0.1:8080", "http://jira"


def test_addresses_are_urls_each_once():
    assert urls("http", [HERE, ("::1", 8080, 0, 0), HERE]) == "http://127.0.0.1:8080, http://[::1]:8080"


@pytest.mark.parametrize(
    ("what", "admin", "lines"),
    [
        (ServeConfig(HERE, SITE, options=NOTED), None, [f"listening on {HTTP}, upstream {SITE}, {{}}"]),
        (
            ServeConfig(HERE, SITE, options=NOTED, workers=2),
            None,
            [f"listening on {HTTP}, upstream {SITE}, {{}}, 2 workers"],
        ),
        (
            ServeConfig(HERE, SITE, options={**NOTED, "certs": ["*=x"]}),
            [("::1", 9)],
            ["health and metrics on http://[::1]:9", f"listening on {HTTPS}, upstream {SITE}, {{}}"],
        ),
        (
            ServeConfig(HERE, SITE),
            None,
            [
                "no events are written; --events FILE or - says where to",
                f"listening on {HTTP}, upstream {SITE}, {{}}",
            ],
        ),
        (
            ServeConfig(HERE, options=NOTED),
            None,
            [f"listening on {HTTP}, upstream wherever clients ask for (forward proxy), {{}}"],
        ),
    ],
)
def test_what_is_served_is_said(what, admin, lines, capsys):
    rules = shipped_set()
    with Log(what.diagnostics).hearing():
        say_served(what, RunOptions(), rules, [what.listen], admin)
    said = [line.format(f"{len(rules.entries)} rules (enforce, cloud)") for line in lines]
    assert capsys.readouterr().err.splitlines() == [f"jira-compat: {line}" for line in said]
