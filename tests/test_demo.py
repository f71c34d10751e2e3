import dataclasses
import functools
import signal
import subprocess
import sys
from collections.abc import Callable

import pytest
import requests

from jira_compat.demo.calls import CALLS
from jira_compat.demo.clients import Client, LibraryClient, PlainClient, Result, clients
from jira_compat.demo.observe import observe
from jira_compat.demo.proxy import DemoError, running_proxy
from jira_compat.demo.search import library_loop, show_search
from jira_compat.standin import StandIn
from live import PATIENCE, ROOT

jira = pytest.importorskip("jira")
MAKERS: dict[str, Callable[[str], Client]] = {"urllib": PlainClient, "jira": lambda url: LibraryClient(jira, url)}


@pytest.fixture(scope="module")
def see(tmp_path_factory):
    """What becomes of a call; each is made once."""
    with (
        pytest.MonkeyPatch.context() as patch,
        StandIn() as standin,
        running_proxy(standin.url, tmp_path_factory.mktemp("demo")) as proxy,
    ):
        patch.setenv("no_proxy", "*")
        calls = {call.title: call for call in CALLS}
        seen = functools.cache(lambda title, maker: observe(calls[title], standin, MAKERS[maker], proxy))
        yield lambda call, maker: seen(call.title, maker)


@pytest.mark.filterwarnings("ignore::DeprecationWarning:jira")
@pytest.mark.parametrize("maker", MAKERS)
@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.title)
def test_every_call_goes_as_promised(see, call, maker):
    row = see(call, maker)

    assert row.kept, row
    assert row.direct.event == {}
    assert not row.leaks[1]


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.title)
def test_a_proxy_that_does_nothing_keeps_no_promise(see, call):
    row = see(call, "urllib")
    silent = row.direct
    talking = dataclasses.replace(silent, event=row.through.event)

    assert not dataclasses.replace(row, through=silent).kept
    assert dataclasses.replace(row, through=talking).kept == (call.change == "unchanged")


@pytest.mark.parametrize("call", CALLS, ids=lambda call: call.title)
def test_a_proxy_that_refuses_everything_keeps_only_that_promise(see, call):
    row = see(call, "urllib")
    result = Result(410, "Gone.")
    refused = dataclasses.replace(
        row.through, reached=None, effects=(), result=result, event={"event": "request_refused"}
    )

    assert dataclasses.replace(row, through=refused).kept == (call.change == "removed")


def test_these_are_the_fifteen_rows_of_the_article():
    changes = [call.change for call in CALLS]

    assert [changes.count(change) for change in ("unchanged", "modified", "removed")] == [6, 3, 6]
    assert len({(call.step.method, call.step.target.partition("?")[0]) for call in CALLS}) == 15


def test_a_proxy_that_does_not_start_is_one_line(tmp_path, capfd):
    with pytest.raises(DemoError) as raised, running_proxy("ftp://nowhere", tmp_path):
        pass

    assert ";" in str(raised.value)
    assert "--upstream" in capfd.readouterr().err


def test_without_the_library_the_standard_library_does_it(monkeypatch):
    monkeypatch.setitem(sys.modules, "jira", None)

    name, make = clients()

    assert make is PlainClient
    assert "pip install jira" in name


def test_the_library_is_used_where_it_is():
    name, make = clients()

    assert jira.__version__ in name
    assert isinstance(make("http://127.0.0.1:1"), LibraryClient)


@pytest.fixture
def company(monkeypatch):
    """A machine that reaches the world through a proxy."""
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy")


WITHOUT_JIRA = "import sys; sys.modules['jira'] = None; from jira_compat.cli.main import main; main(['demo'])"


def test_it_ends_by_itself_with_0(company):
    command = [sys.executable, "-c", WITHOUT_JIRA]

    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=3 * PATIENCE, check=False)

    assert (result.returncode, result.stderr) == (0, "")
    assert "pip install jira" in result.stdout
    assert all(call.title.split()[0] in result.stdout for call in CALLS)
    assert "directly           410 The requested API has been removed." in result.stdout
    assert "through the proxy  120 issues in 3 pages: DEMO-1 to DEMO-120\n" in result.stdout


OLD_CLIENT = ROOT / ".old-clients" / "jira-3.5.2" / "bin" / "python"


@pytest.mark.skipif(not OLD_CLIENT.exists(), reason="jira 3.5.2 is not installed; run make setup")
def test_an_old_client_pages_through_todays_cloud(tmp_path, company):
    said: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("no_proxy", "*")

        assert show_search(said.append, tmp_path, OLD_CLIENT)
    assert "the library 'jira' 3.5.2" in said[0]
    assert said[2:] == [
        "  through the proxy  120 issues in 3 pages: DEMO-1 to DEMO-120",
        "  events             3 request_translated, for 4 requests to Jira",
    ]


def test_a_search_that_ends_early_is_not_as_promised(tmp_path, monkeypatch):
    monkeypatch.setenv("no_proxy", "*")
    monkeypatch.setattr("jira_compat.demo.search.COUNT", 119)
    monkeypatch.setattr("jira_compat.demo.search.QUERY", "project = DEMO AND key != DEMO-7")

    assert not show_search(lambda _: None, tmp_path, None)


def test_an_old_client_that_does_not_run_is_one_line(tmp_path):
    with pytest.raises(DemoError, match="--old-client"):
        library_loop(tmp_path)("http://127.0.0.1:1")


def test_kept_running_it_can_be_used_until_it_is_told_to_end(company):
    command = [sys.executable, "-m", "jira_compat", "demo", "--keep"]
    with (
        subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process,
        requests.Session() as client,
    ):
        try:
            client.trust_env = False
            standin, proxy = addresses(process.stdout)
            refused = client.put(f"{proxy}/rest/api/2/user/password", json={"password": "x"}, timeout=PATIENCE)
            assert (refused.status_code, len(refused.json()["errorMessages"])) == (410, 1)
            assert client.get(f"{standin}/rest/api/2/serverInfo", timeout=PATIENCE).status_code == 200
            process.send_signal(signal.SIGTERM)

            assert process.wait(PATIENCE) == 0
            for url in (standin, proxy):
                with pytest.raises(requests.ConnectionError):
                    client.get(url, timeout=PATIENCE)
        finally:
            process.kill()


def addresses(output):
    """What is printed behind the table, up to the line that says how it ends."""
    lines = list(iter(output.readline, "Ctrl-C ends both.\n"))
    return [line.split("http")[1].split()[0].join(("http", "")) for line in lines if line.startswith("The ")]
