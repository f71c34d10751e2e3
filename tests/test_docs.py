"""README and docs say what is there now."""

import itertools
import json
import re
import shlex

import click
import pytest
from mitmproxy import options

from jira_compat.cli.main import main
from jira_compat.events import vocabulary
from jira_compat.proxy.settings.options import OPTIONS, WEAKENED_BY
from jira_compat.standin import StandIn
from live import BIN, ROOT, exchange, request, start, status

PAGES = [
    *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "deploy/README.md")),
    *sorted((ROOT / "docs").glob("*.md")),
]
OTHERS = {
    *("curl", "git", "pip", "docker", "kubectl", "kill", "tail", "jq", "python", "duckdb", "clickhouse-client"),
    *("haproxy", "systemctl"),
}
"""Programs that pages call besides ours."""
README = (ROOT / "README.md").read_text()


def blocks(text):
    """The commands of a page: lines behind a prompt in console blocks."""
    for block in re.findall(r"```console\n(.*?)```", text, re.DOTALL):
        yield from re.findall(r"^ *\$ (.+?)(?:\s+#.*)?$", block.replace("\\\n", " "), re.MULTILINE)


COMMANDS = [(page.name, line) for page in PAGES for line in blocks(page.read_text())]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    text = page.read_text()
    for target in re.findall(r"\]\(([^)#]*)(#[^)]*)?\)", text):
        name, anchor = target
        if name.startswith("http"):
            continue
        linked = page if not name else (page.parent / name)
        assert linked.exists(), f"{page.name}: {name}"
        if anchor:
            headings = re.findall(r"^#+ (.+)$", linked.read_text(), re.MULTILINE)
            slugs = [re.sub(r"[^a-z0-9 -]", "", heading.lower()).replace(" ", "-") for heading in headings]
            assert anchor[1:] in slugs, f"{page.name}: {name}{anchor}"


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_commands_exist_with_their_options(page, line):
    read = shlex.shlex(line, posix=True, punctuation_chars="|>")
    read.whitespace_split = True
    words = list(itertools.takewhile(lambda word: word not in {"|", ">"}, read))
    if words[0] == "make":
        targets = re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE)
        assert words[1] in targets
    elif words[0] == "jira-compat":
        command = main.get_command(click.Context(main), words[1])
        if isinstance(command, click.Group):
            command = command.get_command(click.Context(command), words[2])
        assert command is not None, words[1]
        known = {flag for option in command.params for flag in [*option.opts, *option.secondary_opts]}
        assert {word.partition("=")[0] for word in words if word.startswith("--")} <= known
    elif words[0].startswith("mitm"):
        ours = {name for name, *_ in OPTIONS}
        theirs = set(options.Options().keys()) | set(WEAKENED_BY)
        named = {value.partition("=")[0] for flag, value in itertools.pairwise(words) if flag == "--set"}
        assert named <= ours | theirs
    else:
        assert words[0] in OTHERS, words[0]


LONGEST_LINE = 120


def prose(text):
    """Lines with their numbers, without code blocks, tables and pictures; a link counts by its text."""
    code = False
    for number, line in enumerate(text.splitlines(), 1):
        if line.lstrip().startswith("```"):
            code = not code
        elif not code and not line.lstrip().startswith(("|", "![")):
            yield number, re.sub(r"\]\([^)]*\)", "]", line)


@pytest.mark.parametrize("page", [*PAGES, ROOT / "CHANGELOG.md"], ids=lambda page: page.name)
def test_no_line_of_prose_is_long(page):
    long = [number for number, line in prose(page.read_text()) if len(line) > LONGEST_LINE]

    assert long == [], f"{page.name}: break these lines at {LONGEST_LINE} characters"


def served(marker):
    """The command of the block behind a marker in the README."""
    block = README.partition(f"<!-- run:{marker} -->")[2].partition("```")[2].partition("```")[0]
    return shlex.split(next(iter(blocks(f"```{block}```"))))


@pytest.mark.parametrize(
    ("marker", "method", "answered", "reached"),
    [("legacy", "PUT", 410, None), ("audit", "PUT", 204, "PUT"), ("staging", "PUT", 410, None)],
)
def test_the_three_uses_run_as_they_stand(marker, method, answered, reached, tmp_path):
    with StandIn() as jira:
        words = served(marker)
        words[words.index("--upstream") + 1] = jira.url
        for flag, value in [("--listen", "127.0.0.1:0"), ("--events", str(tmp_path / "events.jsonl"))]:
            if flag in words:
                words[words.index(flag) + 1] = value
            else:
                words += [flag, value]
        with start([str(BIN / words[0]), *words[1:]], tmp_path / "events.jsonl") as proxy:
            answer = exchange(
                proxy.port, request(method, "/rest/api/2/user/password?username=fred", '{"password": "x"}')
            )
            assert status(answer) == answered
            assert proxy.event()["event"] == "request_refused"
        assert [one.method for one in jira.received] == ([reached] if reached else [])


def test_the_answer_that_the_readme_shows_is_the_one_that_is_given(tmp_path):
    shown = README.partition("HTTP/1.1 410 Gone")[2].partition("```")[0]
    with StandIn() as jira:
        command = [str(BIN / "jira-compat"), "serve", "--listen", "127.0.0.1:0", "--upstream", jira.url]
        with start(command, tmp_path / "none") as proxy:
            answer = exchange(proxy.port, request("PUT", "/rest/api/2/user/password?username=fred", "{}")).decode()
    for line in shown.strip().splitlines():
        assert line in answer, line


def test_the_event_that_the_readme_shows_has_the_fields_of_one():
    event = json.loads(next(line for line in README.splitlines() if line.startswith('{"v":')))
    assert event.keys() <= vocabulary.FIELDS.keys()
    assert event["event"] in vocabulary.NAMES


def test_the_readme_names_every_row_of_the_article():
    rows = ["POST group", "POST group/user", "DELETE group", "DELETE group/user", "/rest/auth/1/session", "POST user"]
    rows += ["PUT user", "DELETE user", "user/application", "PUT user/password", "PUT myself/password", "PUT myself"]
    rows += ["GET password/policy"]
    table = README.partition("| call |")[2].partition("\n\n")[0]
    assert [row for row in rows if f"{row}`" not in table] == []


def test_no_page_names_a_place_of_one_machine():
    for page in [*PAGES, *ROOT.glob("policies/*")]:
        text = page.read_text()
        assert not re.search(r"(^|[^A-Za-z0-9_.])/(work|root|home)/", text), page


def test_every_option_of_the_addon_has_a_help_text():
    assert [name for name, _, _, text, _ in OPTIONS if not text.endswith(".")] == []


@pytest.mark.parametrize("page", ["docs/security.md", "docs/fail-closed.md", "docs/translate.md", "deploy/README.md"])
def test_what_is_promised_names_tests_that_exist(page):
    named = re.findall(r"`(tests/[\w/]+\.py)`", (ROOT / page).read_text())
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []


def test_the_table_of_bypasses_is_the_same_everywhere_and_what_is_said_of_it_holds():
    tables = [
        re.findall(r"<!-- bypass:begin -->\n(.*?)<!-- bypass:end -->", page.read_text(), re.DOTALL) for page in PAGES
    ]
    (shown,) = {table for found in tables for table in found}
    head, _, *rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in shown.strip().splitlines()]
    number = head[1].removeprefix("all ")

    assert sum(map(len, tables)) == 2
    assert rows[0] == ["jira-compat serve", number, *(group.split()[-1] for group in head[2:-1]), "0"]
    assert (rows[1][0], rows[1][-1]) == ("jira-compat, mitmdump -s", "0")
    assert (rows[2][0].rpartition(" ")[0], rows[2][-1]) == ("jira-compat export haproxy + serve, HAProxy", "0")
