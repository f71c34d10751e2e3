import logging

import pytest

from build import shipped_in_force
from jira_compat.policy.index import RunOptions
from jira_compat.proxy.start import Serve
from jira_compat.proxy.stderr import Log, say_served, urls

HERE = ("127.0.0.1", 8080)
HTTP, HTTPS, SITE = "http://127.0.0.1:8080", "https://127.0.0.1:8080", "http://jira"


@pytest.fixture
def log():
    handler, logger = Log(), logging.getLogger("jira_compat.some")
    logger.addHandler(handler)
    logger.setLevel(logging.INFO)
    yield handler, logger
    logger.removeHandler(handler)


def test_addresses_are_urls_each_once():
    assert urls("http", [HERE, ("::1", 8080, 0, 0), HERE]) == "http://127.0.0.1:8080, http://[::1]:8080"


@pytest.mark.parametrize(
    ("what", "admin", "lines"),
    [
        (Serve(HERE, SITE), None, [f"listening on {HTTP}, upstream {SITE}, {{}}"]),
        (Serve(HERE, SITE, workers=2), None, [f"listening on {HTTP}, upstream {SITE}, {{}}, 2 workers"]),
        (
            Serve(HERE, SITE, options={"certs": ["*=x"]}),
            [("::1", 9)],
            ["health and metrics on http://[::1]:9", f"listening on {HTTPS}, upstream {SITE}, {{}}"],
        ),
        (Serve(HERE), None, [f"listening on {HTTP}, upstream wherever clients ask for (forward proxy), {{}}"]),
    ],
)
def test_what_is_served_is_said(what, admin, lines, capsys):
    rules = shipped_in_force()
    say_served(what, RunOptions(), rules, [what.listen], admin)
    said = [line.format(f"{len(rules.entries)} rules (enforce, cloud)") for line in lines]
    assert capsys.readouterr().err.splitlines() == [f"jira-compat: {line}" for line in said]


def test_errors_of_the_start_are_held(log, capsys):
    handler, logger = log
    logger.error("first\nmore")
    logger.warning("second")
    handler.release()
    logger.error("third")
    assert handler.held == ["first"]
    assert capsys.readouterr().err == "jira-compat: second\njira-compat: third\n"


def test_of_an_exception_there_is_only_the_type(log, capsys):
    _, logger = log
    logger.warning("it failed", exc_info=KeyError("tulip"))
    assert capsys.readouterr().err == "jira-compat: it failed (KeyError)\n"
