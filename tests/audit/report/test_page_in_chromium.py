"""The page where it is read: in a real browser, with a keyboard, in both schemes, on paper and without script."""

from pathlib import Path

import pytest

from audit.report.chromium import CHROMIUM, chromium
from audit.report.made import CREATE, DELETE, IN_QUERY, PASSWORD, UPDATE, a_busy_report, a_report, calls
from audit.report.test_page import ATTACKS, a_hostile_report
from jira_compat.audit.counting.inventory import Client
from jira_compat.audit.report.matrix import HOTTEST
from jira_compat.audit.report.page import as_html
from live import wait_until

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="chromium is not installed; apt-get install chromium")

CLIENTS = 60


def a_hot_report():
    """Every shade of every impact."""
    rows = [(PASSWORD, {}), (CREATE, {"yes": 1}), (UPDATE, {"unknown": 1}), (IN_QUERY, {"no": 1}), (DELETE, {})]
    return a_report(
        *(
            (rule, Client(f"tool-{digits}"), calls(10**digits, carried=dict(carried), fields=("/password",)))
            for rule, carried in rows
            for digits in range(HOTTEST)
        )
    )


REPORTS = {
    "empty": a_report,
    "few": lambda: a_busy_report(6),
    "many": lambda: a_busy_report(CLIENTS),
    "hot": a_hot_report,
    "hostile": lambda: a_hostile_report("".join(ATTACKS)),
}
ROWS = "[...document.querySelectorAll('#clients tbody tr')].filter(row => !row.hidden)"
ACTIVE = "document.activeElement"
PAPER = "getComputedStyle(document.body).backgroundColor"

CONTRAST = Path(__file__).with_name("contrast.js").read_text()


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    with chromium(tmp_path_factory.mktemp("chromium")) as one:
        yield one


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for name, report in REPORTS.items():
        (folder / f"{name}.html").write_text(as_html(report()), encoding="utf-8")
    return {name: folder / f"{name}.html" for name in REPORTS}


@pytest.fixture
def opened(browser, files):
    browser.prefer("light")
    browser.resize(1280, 900)
    browser.open(files["many"])
    return browser


def tab_to(browser, condition):
    """Press Tab until the element that has the focus is such a one."""
    for _ in range(60):
        browser.press("Tab")
        if browser.value(f"(one => {condition})({ACTIVE})"):
            return
    pytest.fail(f"no way by Tab to {condition}")


def column(browser, number):
    return browser.value(f"{ROWS}.map(row => row.cells[{number}].dataset.key ?? row.cells[{number}].textContent)")


@pytest.mark.parametrize("name", REPORTS)
def test_nothing_is_complained_about_and_nothing_asked_of_the_network(browser, files, name):
    browser.prefer("light")
    browser.open(files[name])

    assert browser.said == []
    assert browser.asked == [files[name].as_uri()]
    assert browser.value("document.title").startswith("Jira API audit")


def test_what_was_not_written_by_us_does_not_run_or_load(opened):
    broken = opened.value("""
        new Promise(resolve => {
          const broken = [];
          document.addEventListener('securitypolicyviolation', event => {
            broken.push(event.effectiveDirective);
            if (broken.length === 4) resolve(broken.sort());
          });
          const add = (name, facts) => document.body.append(Object.assign(document.createElement(name), facts));
          add('script', {textContent: 'window.ran = true'});
          add('style', {textContent: 'body { color: red }'});
          add('img', {src: 'http://127.0.0.1:9/'});
          add('iframe', {src: 'http://127.0.0.1:9/'});
        })
    """)

    assert broken == ["frame-src", "img-src", "script-src-elem", "style-src-elem"]
    assert opened.value("window.ran") is None


@pytest.mark.parametrize("name", ["few", "many", "hot", "hostile"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everything_can_be_told_from_its_ground(browser, files, name, scheme):
    browser.prefer(scheme)
    browser.resize(1280, 900)
    browser.open(files[name])
    browser.value("document.querySelectorAll('details').forEach(one => { one.open = true })")
    seen, poor = browser.value(CONTRAST)

    assert poor == []
    assert seen > 100


def test_it_is_dark_where_that_is_preferred_and_a_key_changes_it(browser, files):
    papers = {}
    for scheme in ("light", "dark"):
        browser.prefer(scheme)
        browser.open(files["few"])
        papers[scheme] = browser.value(PAPER)
    assert papers["light"] != papers["dark"]

    tab_to(browser, "one.id === 'scheme'")
    assert browser.value(f"{ACTIVE}.ariaPressed") == "true"
    browser.press(" ")
    assert (browser.value(PAPER), browser.value(f"{ACTIVE}.ariaPressed")) == (papers["light"], "false")
    browser.press("Enter")
    assert (browser.value(PAPER), browser.value(f"{ACTIVE}.ariaPressed")) == (papers["dark"], "true")


def test_a_column_is_sorted_by_a_key(opened):
    before = column(opened, 2)
    tab_to(opened, "one.tagName === 'BUTTON' && one.textContent === 'calls'")
    assert opened.value(f"{ACTIVE}.parentElement.ariaSort") is None

    opened.press("Enter")
    down = column(opened, 2)
    assert (down, opened.value(f"{ACTIVE}.parentElement.ariaSort")) == (
        sorted(before, key=int, reverse=True),
        "descending",
    )
    opened.press(" ")
    assert (column(opened, 2), opened.value(f"{ACTIVE}.parentElement.ariaSort")) == (
        sorted(before, key=int),
        "ascending",
    )


def test_sorting_by_another_column_forgets_the_first_and_the_last_brings_back_the_worst(opened):
    before = column(opened, 6)
    tab_to(opened, "one.textContent === 'client'")
    opened.press("Enter")
    names = column(opened, 0)
    tab_to(opened, "one.textContent === 'what it must do'")
    opened.press("Enter")

    assert [name.split()[0] for name in names] == sorted(name.split()[0] for name in names)
    assert column(opened, 6) == before
    assert opened.value("document.querySelectorAll('#clients [aria-sort]').length") == 1


def test_rows_are_found_by_words(opened):
    tab_to(opened, "one.id === 'find'")
    opened.press("USER-1 tool-1")

    texts = opened.value(f"{ROWS}.map(row => row.textContent)")
    assert 0 < len(texts) < CLIENTS
    assert [text for text in texts if "user-1" not in text or "tool-1" not in text] == []
    assert opened.value("document.getElementById('found').value") == f"{len(texts)} of {CLIENTS} rows"


def test_rows_are_found_by_what_they_meet_with(opened):
    tab_to(opened, "one.id === 'impact'")
    opened.press("ArrowDown")

    wait_until(lambda: opened.value(f"{ACTIVE}.value") == "removed", "the choice to change")
    assert opened.value(f"new Set({ROWS}.map(row => row.dataset.impact)).size") == 1
    assert opened.value(f"{ROWS}.length") == CLIENTS // 6


def test_submitting_the_search_leaves_the_page_as_it_is(opened):
    opened.value("document.addEventListener('submit', event => { window.kept = event.defaultPrevented })")
    tab_to(opened, "one.id === 'find'")
    opened.press("Enter")

    wait_until(lambda: opened.value("window.kept") is not None, "the search to be submitted")
    assert opened.value("window.kept") is True


def test_the_first_key_leads_past_the_head(opened):
    opened.press("Tab")
    assert opened.value(f"{ACTIVE}.getBoundingClientRect().left >= 0")
    opened.press("Enter")

    assert opened.value(f"{ACTIVE}.id") == "uses"


def test_what_has_the_focus_can_be_seen(opened):
    seen = []
    for _ in range(60):
        opened.press("Tab")
        if opened.value(f"{ACTIVE} === document.body"):
            break
        seen.append(opened.value(f"[{ACTIVE}.tagName, getComputedStyle({ACTIVE}).outline]"))

    assert {tag for tag, _ in seen} == {"A", "BUTTON", "SUMMARY", "INPUT", "SELECT", "DIV"}
    assert [one for one in seen if "solid 2px" not in one[1]] == []


@pytest.mark.parametrize("name", ["few", "hostile"])
def test_whoever_hears_the_page_hears_what_each_thing_is(browser, files, name):
    browser.open(files[name])
    browser.call("Accessibility.enable")
    nodes = browser.call("Accessibility.getFullAXTree")["nodes"]
    browser.call("Accessibility.disable")
    told = {"button", "link", "image", "region", "searchbox", "combobox", "search", "columnheader"}
    heard = [
        (node["role"]["value"], node["name"]["value"])
        for node in nodes
        if not node["ignored"] and node["role"]["value"] in told
    ]

    assert {role for role, _ in heard} >= told - {"search"}
    assert [role for role, words in heard if not words.strip() and role != "search"] == []


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("width", [320, 700, 1280])
def test_a_page_is_never_wider_than_its_window(browser, files, name, width):
    browser.resize(width, 800)
    browser.open(files[name])

    assert browser.value("document.documentElement.scrollWidth") <= width


def test_without_script_it_is_a_plain_table(browser, files):
    browser.open(files["many"], script=False)
    browser.call("Emulation.setScriptExecutionDisabled", value=False)

    assert browser.said == []
    assert browser.value(f"{ROWS}.length") == CLIENTS
    assert browser.value("document.querySelectorAll('th button').length") == 0
    assert browser.value("document.querySelector('form').checkVisibility()") is False
    assert browser.value("document.getElementById('scheme').checkVisibility()") is False


def test_on_paper_it_is_light_and_whole(browser, files):
    browser.open(files["many"])
    features = [{"name": "prefers-color-scheme", "value": "dark"}]
    browser.call("Emulation.setEmulatedMedia", media="print", features=features)
    try:
        assert browser.value(PAPER) == "rgb(255, 255, 255)"
        assert browser.value("document.querySelector('form').checkVisibility()") is False
        cut = "[...document.querySelectorAll('.region')].filter(one => one.clientHeight < one.scrollHeight).length"
        assert browser.value(cut) == 0
    finally:
        browser.call("Emulation.setEmulatedMedia", media="")
