import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.report.made import CREATE, LOGIN, PASSWORD, SCRIPT, a_busy_report, a_report, a_subject, calls, of_many_rules
from jira_compat.audit.counting.inventory import Client, Example, Subject
from jira_compat.audit.files.problems import Problem
from jira_compat.audit.report.document import shown
from jira_compat.audit.report.page import MOST_RULES, MOST_USES, as_html


class Seen(HTMLParser):
    """The tags of a page with their attributes' names, and its texts."""

    def __init__(self, page):
        super().__init__()
        self.tags: list[tuple[str, ...]] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, *(name for name, _ in attrs)))
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag):
        self.tags.append((f"/{tag}",))

    def handle_data(self, data):
        self.texts.append(data)

    def all(self, tag, name):
        return [value for one, attribute, value in self.attributes if (one, attribute) == (tag, name)]


def a_hostile_report(text):
    client, some = Client(text, text, text, text), calls(1, example=Example(text, ":", 1, text))
    twice = calls(2, example=some.example)
    named = (a_subject(PASSWORD), client, twice), (Subject(text, text, text, "removed", "respond"), client, some)
    carried = calls(3, carried={"yes": 2, "no": 1}, fields=(text,), example=Example(text, "#", 1, text))
    return a_report(
        *named, (a_subject(CREATE), client, carried), (Subject(text), client, some), problems=[Problem(text, text)]
    )


HARMLESS = Seen(as_html(a_hostile_report("harmless")))
ATTACKS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "</style><img src=x onerror=alert(1)>",
    "'\"><svg onload=alert(1)>",
    '" onmouseover="alert(1)',
    "<!--",
    "]]>",
    "&lt;b&gt;",
    "javascript:alert(1)",
    "{{ 7 * 7 }}{% raw %}",
    "\x00\x1b\ud800\u202e\u2028",
]


@pytest.mark.parametrize("text", ATTACKS, ids=ascii)
def test_what_was_captured_is_text_and_nothing_else(text):
    page = Seen(as_html(a_hostile_report(text)))

    assert page.tags == HARMLESS.tags
    assert shown(text) in "".join(page.texts)


@settings(max_examples=40)
@given(st.text(alphabet=st.characters(codec=None) | st.sampled_from("<>&\"'/=`{}%"), min_size=1, max_size=40))
def test_so_is_whatever_else(text):
    page = Seen(as_html(a_hostile_report(text)))

    assert page.tags == HARMLESS.tags
    assert shown(text.strip()) in "".join(page.texts) or text != text.strip()


def test_nothing_of_it_is_run_in_place_or_loaded():
    page = HARMLESS

    names = {name for _, name, _ in page.attributes}
    assert [name for name in names if name.startswith("on") or name in {"style", "src", "srcset", "background"}] == []
    assert {tag for tag, *_ in page.tags} & {
        "link",
        "img",
        "iframe",
        "object",
        "embed",
        "base",
        "image",
        "use",
    } == set()
    assert all(value.startswith(("#", "https://")) for value in page.all("a", "href"))


def test_the_policy_names_the_one_style_and_the_one_script_by_their_hashes():
    text = as_html(a_busy_report())
    [policy] = [value for value in Seen(text).all("meta", "content") if "default-src" in value]

    for tag in ("style", "script"):
        [content] = re.findall(f"<{tag}>(.*?)</{tag}>", text, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; base-uri 'none'; form-action 'none'; ")


@pytest.mark.parametrize(
    "rows", [[], [(LOGIN, SCRIPT, calls(1))], [(Subject("GET /rest/api/2/field"), SCRIPT, calls(1))]], ids=str
)
def test_little_makes_a_page_too(rows):
    page = Seen(as_html(a_report(*rows)))

    assert [tag for tag, *_ in page.tags if tag in {"html", "main", "footer"}] == ["html", "main", "footer"]
    assert ("svg",) not in {tag[:1] for tag in page.tags}


def test_every_heading_of_a_section_names_it():
    page = HARMLESS
    ids = page.all("h2", "id")

    assert page.all("section", "aria-labelledby") == ids
    every = [value for _, name, value in page.attributes if name == "id"]
    assert len(set(every)) == len(every)


def test_a_rule_says_what_changed_where_it_says_so_and_what_to_do_instead():
    page = Seen(as_html(a_report((PASSWORD, SCRIPT, calls(1)))))
    words = " ".join("".join(page.texts).split())

    assert "Passwords are no longer managed by the Jira site" in words
    assert "the user changes the password at https://id.atlassian.com" in words
    assert [link for link in page.all("a", "href") if link and link.startswith("http")] == [
        "https://confluence.atlassian.com/jirakb/user-management-rest-api-changes-in-jira-cloud-858756548.html"
    ]


def test_more_rows_than_a_browser_likes_are_counted():
    page = as_html(a_busy_report(MOST_USES + 30))

    assert page.count("<tr data-impact=") == MOST_USES
    assert "30 more clients are left out here" in page


def test_every_link_within_the_page_leads_somewhere():
    page = HARMLESS
    ids = {value for _, name, value in page.attributes if name == "id"}

    inner = [link.removeprefix("#") for link in page.all("a", "href") if link and link.startswith("#")]
    assert len(inner) > 2
    assert [link for link in inner if link not in ids] == []


def test_so_are_rules():
    page = as_html(of_many_rules(MOST_RULES + 4))

    assert page.count("<article") == MOST_RULES
    assert "4 more rules are left out here" in page
