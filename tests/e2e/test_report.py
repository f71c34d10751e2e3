"""From real calls through a real proxy, by way of its event log or a log of the site, to a page in a real browser."""

import json
import subprocess

import pytest
import requests

from audit.report.chromium import CHROMIUM, chromium
from e2e.site import LOGIN, SECRET
from jira_compat.standin import StandIn
from live import BIN, live_proxy

AGENT = "legacy-onboarding/4.2"
USER = "/rest/api/2/user"


def report(command, file, form, *more):
    words = [str(BIN / "jira-compat"), command, str(file), "--format", form, *more]
    return subprocess.run(words, capture_output=True, text=True, encoding="utf-8", check=True).stdout


@pytest.fixture(scope="module")
def events(tmp_path_factory):
    """What a proxy in mode ``observe`` wrote while a script created users and set a password."""
    file = tmp_path_factory.mktemp("report") / "events.jsonl"
    with StandIn() as jira, live_proxy("serve", file, upstream=jira.url, options={"mode": "observe"}) as proxy:
        session = requests.Session()
        session.auth, session.headers["User-Agent"] = ("admin", LOGIN), AGENT
        for number in range(2):
            person = {"name": f"p{number}", "displayName": "P", "emailAddress": "p@example.com", "password": SECRET}
            session.post(f"{proxy.url}{USER}", json=person, timeout=20)
        session.put(f"{proxy.url}{USER}/password?username=p0", json={"password": SECRET}, timeout=20)
        proxy.event(3)
    return file


@pytest.fixture(scope="module")
def log(tmp_path_factory):
    """The same calls as the site would log them."""
    file = tmp_path_factory.mktemp("report") / "access.log"
    lines = [("POST", USER, 201), ("POST", USER, 201), ("PUT", f"{USER}/password?username=p0", 204)]
    who = "127.0.0.1 - admin [01/Mar/2026:10:00:00 +0000]"
    file.write_text(
        "".join(f'{who} "{method} {path} HTTP/1.1" {status} 5 "-" "{AGENT}"\n' for method, path, status in lines)
    )
    return file


def uses(text):
    names = ("impact", "endpoint", "product", "version", "user", "address", "calls", "do")
    return [[use[name] for name in names] for use in json.loads(text)["uses"]]


WHO = ["legacy-onboarding", "4.2", "admin", "127.0.0.1"]
PASSWORD = ["removed", "PUT /rest/api/{2|3|latest}/user/password", *WHO, 1]
CREATE = "POST /rest/api/{2|3|latest}/user"


def test_what_the_proxy_saw_is_reported(events):
    found = uses(report("report", events, "json"))

    assert [use[:-1] for use in found] == [PASSWORD, ["carries", CREATE, *WHO, 2]]
    assert found[1][-1] == "Leave out /password."


def test_of_a_log_it_is_unknown_what_was_carried(log):
    text = report("audit", log, "json")
    found = uses(text)

    assert [use[:-1] for use in found] == [PASSWORD, ["unknown", CREATE, *WHO, 2]]
    assert found[1][-1] == "Check whether it sends /password, ?password; if so, leave that out."
    assert [one["bodies"] for one in json.loads(text)["inputs"]] == [False]


@pytest.mark.parametrize("form", ["table", "json"])
def test_no_form_shows_a_secret(events, form):
    text = report("report", events, form)

    assert AGENT.partition("/")[0] in text
    assert [secret for secret in (SECRET, LOGIN, "username=p0") if secret in text] == []


@pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; apt-get install chromium")
def test_the_page_shows_it_in_a_browser(events, tmp_path):
    page = tmp_path / "report.html"
    report("report", events, "html", "-o", str(page))

    with chromium(tmp_path / "profile") as browser:
        browser.open(page)
        rows = browser.value("[...document.querySelectorAll('#clients tbody tr')].map(row => row.innerText)")
        bars = browser.value("document.querySelectorAll('svg rect:not(.track)').length")

    assert len(rows) == bars == 2
    assert "legacy-onboarding 4.2" in rows[0]
    assert "the user changes the password at https://id.atlassian.com" in rows[0]
    assert (browser.said, browser.asked) == ([], [page.as_uri()])
