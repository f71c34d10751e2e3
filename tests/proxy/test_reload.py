"""What becomes of the policies in force when their files change; through real processes: tests/e2e/test_reload.py."""

import asyncio
import json
import logging
import os
from pathlib import Path

import pytest
from mitmproxy import exceptions
from mitmproxy.test import taddons

from build import policy_text
from jira_compat.events.log import EventLog
from jira_compat.proxy.addons.compat import JiraCompat
from jira_compat.proxy.exchange.hooks import ExchangeHooks
from jira_compat.proxy.reload import Reload
from jira_compat.proxy.settings.options import OPTIONS, read_options
from jira_compat.proxy.settings.policies import read_files

GOOD = policy_text("id: first\nendpoint: GET /rest/api/2/user\nchange: unchanged\nwhy: Why.")
OTHER = GOOD.replace("id: first", "id: other")
"""As long as the first."""
BAD = GOOD.replace("change: unchanged", "change: unchangde")


class Live:
    """Policies in force, their files, and events."""

    def __init__(self, folder):
        self.policies = folder / "policies"
        self.policies.mkdir()
        self.file = self.policies / "policy.yaml"
        self.file.write_text(GOOD)
        self.override = folder / "override.yaml"
        self.override.write_text("{}\n")
        self.traffic = ExchangeHooks()
        self.traffic.log = self.log = EventLog(str(folder / "events.jsonl"))
        self.reload = Reload(self.traffic)
        self.settings = read_options({**DEFAULTS, **self.options()}.__getitem__)
        self.reload.activate(self.settings, self.reload.read(self.settings))
        self._told = 1

    def options(self):
        return {"jira_policies": [str(self.policies)], "jira_override": str(self.override)}

    def looks(self, number=2):
        async def look():
            for _ in range(number):
                await self.reload._look(is_asked=False)

        asyncio.run(look())

    def asked(self):
        asyncio.run(self.reload.again())

    @property
    def active(self):
        assert self.traffic.active is not None
        return self.traffic.active

    @property
    def rules(self):
        return [entry.rule.id for entry in self.active.rules.entries]

    def events(self):
        """Those since the last call."""
        lines = Path(self.log.destination).read_text().splitlines()[self._told :]
        self._told += len(lines)
        return [json.loads(line) for line in lines]


DEFAULTS = {name: default for name, _, default, _, _ in OPTIONS}


@pytest.fixture
def live(tmp_path):
    one = Live(tmp_path)
    yield one
    one.log.close()


def test_what_has_not_changed_is_left_alone(live, caplog):
    caplog.set_level(logging.INFO)
    before = live.active
    live.looks(3)
    assert caplog.messages == []
    live.asked()
    assert caplog.messages == [f"jira-compat: policies unchanged, 1 rules ({before.rules.digest})"]
    assert live.active is before
    assert live.events() == []
    assert live.traffic.counts.reloads == {}


@pytest.mark.parametrize("change", ["# A comment.\n", "\n\n"])
def test_what_means_the_same_is_no_change(live, change):
    live.file.write_text(change + GOOD)
    live.looks()
    live.asked()
    assert live.events() == []


def test_other_files_are_no_policies(live):
    (live.policies / "README.md").write_text("?")
    (live.policies / ".policy.yaml.swp").write_text("?")
    live.looks()
    assert live.events() == []


def test_a_change_is_taken_once_it_is_found_twice(live):
    live.file.write_text(OTHER)
    live.looks(1)
    assert live.rules == ["first"]
    live.looks(1)
    assert live.rules == ["other"]
    live.looks()
    [event] = live.events()
    assert (event["event"], event["digest"]) == ("policies_loaded", live.active.rules.digest)
    assert live.traffic.counts.reloads == {"ok": 1}


def test_a_change_is_found_by_its_content(live):
    before = live.file.stat()
    with live.file.open("r+") as file:
        file.write(OTHER)
    os.utime(live.file, ns=(before.st_atime_ns, before.st_mtime_ns))
    after = live.file.stat()
    assert (after.st_size, after.st_mtime_ns, after.st_ino) == (before.st_size, before.st_mtime_ns, before.st_ino)
    live.looks()
    assert live.rules == ["other"]


def test_a_file_half_written_is_nobodys_business(live):
    live.file.write_text(OTHER[:-30])
    live.looks(1)
    live.file.write_text(OTHER)
    live.looks(2)
    assert live.rules == ["other"]
    assert [event["event"] for event in live.events()] == ["policies_loaded"]


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("jira_compat.proxy.reload.INTERVAL", 0.01)


def test_who_asks_gets_what_two_looks_find(live, quick):
    live.file.write_text(OTHER)
    live.asked()
    assert live.rules == ["other"]


def test_a_file_half_written_is_not_taken_when_it_is_asked_for(live, monkeypatch, quick):
    looked: list[None] = []

    def writing(settings):
        looked.append(None)
        live.file.write_text(OTHER if len(looked) > 2 else GOOD + f"# {len(looked)}\n")
        return read_files(settings)

    monkeypatch.setattr("jira_compat.proxy.reload.read_files", writing)
    live.asked()
    assert (live.rules, len(looked)) == (["other"], 4)
    assert [event["event"] for event in live.events()] == ["policies_loaded"]


def test_files_that_keep_changing_are_not_taken(live, monkeypatch, quick, caplog):
    looked: list[None] = []

    def writing(settings):
        looked.append(None)
        live.file.write_text(OTHER + f"# {len(looked)}\n")
        return read_files(settings)

    monkeypatch.setattr("jira_compat.proxy.reload.read_files", writing)
    live.asked()
    assert (live.rules, len(looked)) == (["first"], 31)
    assert caplog.messages == ["jira-compat: the policies keep changing; they are taken once they stay the same"]


@pytest.mark.parametrize("name", ["new.yaml", "new.yml"])
def test_a_file_may_come_and_go(live, name):
    new = live.policies / name
    new.write_text(OTHER.replace("some-policy", "another").replace("GET", "POST"))
    live.looks()
    assert live.rules == ["other", "first"]
    new.unlink()
    live.looks()
    assert live.rules == ["first"]


def test_the_override_is_watched(live):
    live.override.write_text("first: {mode: observe}\n")
    live.looks()
    assert [entry.mode for entry in live.active.rules.entries] == ["observe"]


def test_a_symbolic_link_is_followed_wherever_it_leads_now(live, tmp_path):
    """As Kubernetes changes a ConfigMap: ``policy.yaml -> ..data/policy.yaml``, ``..data -> ..2026_03_02``."""
    for name, text in [("..one", GOOD), ("..two", OTHER)]:
        (live.policies / name).mkdir()
        (live.policies / name / "policy.yaml").write_text(text)
    data = live.policies / "..data"
    data.symlink_to("..one")
    live.file.unlink()
    live.file.symlink_to("..data/policy.yaml")
    live.looks()
    assert (live.rules, live.events()) == (["first"], [])
    swapped = live.policies / "..data_tmp"
    swapped.symlink_to("..two")
    swapped.replace(data)
    live.looks()
    assert live.rules == ["other"]


def test_a_bad_set_is_rejected_once_and_the_one_before_stays(live, caplog):
    before = live.active
    live.file.write_text(BAD)
    live.looks(5)
    assert live.active is before
    [event] = live.events()
    line = f"{live.file}:7:13: rules.0.change: unknown word 'unchangde'; did you mean 'unchanged'?"
    assert (event["event"], event["errors"]) == ("policies_rejected", [line])
    assert event["digest"] == before.rules.digest
    assert [record.getMessage() for record in caplog.records] == [
        "jira-compat: the policies are rejected; those before stay active",
        f"jira-compat: {line}",
    ]
    assert live.traffic.counts.reloads == {"rejected": 1}
    assert not live.traffic.counts.is_current


def test_who_asks_about_a_bad_set_is_told_each_time(live):
    live.file.write_text(BAD)
    live.asked()
    live.asked()
    assert [event["event"] for event in live.events()] == ["policies_rejected"] * 2


def test_a_rejected_set_that_is_mended_is_taken(live):
    live.file.write_text(BAD)
    live.looks()
    live.file.write_text(OTHER)
    live.looks()
    assert live.rules == ["other"]
    assert live.traffic.counts.is_current
    assert [event["event"] for event in live.events()] == ["policies_rejected", "policies_loaded"]


def test_a_rejected_set_may_be_taken_back(live):
    live.file.write_text(BAD)
    live.looks()
    live.file.write_text(GOOD)
    live.looks()
    assert live.traffic.counts.is_current
    assert [event["event"] for event in live.events()] == ["policies_rejected"]


@pytest.mark.parametrize("gone", ["file", "override", "policies"])
def test_files_that_vanish_are_no_reason_to_let_go(live, gone):
    path = getattr(live, gone)
    path.rename(path.with_name("elsewhere"))
    live.looks()
    assert live.rules == ["first"]
    assert [event["event"] for event in live.events()] == ["policies_rejected"]


def test_a_set_that_breaks_the_loader_is_rejected(live, monkeypatch):
    def broken(files, settings):
        raise RecursionError("hunter2-7f3a")

    live.file.write_text(OTHER)
    monkeypatch.setattr("jira_compat.proxy.reload.compile_files", broken)
    live.looks()
    [event] = live.events()
    assert event["errors"] == [
        "the policies could not be read (RecursionError); take back what was changed in them last"
    ]


def test_options_that_were_changed_meanwhile_prevail(live):
    """What was read under the old ones is not put in force under the new ones."""
    live.file.write_text(OTHER)

    async def change_while_reading():
        reading = asyncio.create_task(live.reload.again())
        await asyncio.sleep(0)
        live.reload.activate(live.settings, live.active.rules)
        await reading

    asyncio.run(change_while_reading())
    assert live.rules == ["first"]


def test_the_watch_survives_what_should_not_happen(live, monkeypatch, caplog):
    def broken(settings):
        raise RuntimeError("can't start new thread")

    async def until(condition):
        while not condition():  # noqa: ASYNC110
            await asyncio.sleep(0.01)

    async def watch():
        watching = asyncio.create_task(live.reload.watch())
        await until(lambda: caplog.records)
        monkeypatch.setattr("jira_compat.proxy.reload.read_files", read_files)
        live.file.write_text(OTHER)
        await until(lambda: live.rules == ["other"])
        watching.cancel()

    monkeypatch.setattr("jira_compat.proxy.reload.read_files", broken)
    monkeypatch.setattr("jira_compat.proxy.reload.INTERVAL", 0.01)
    asyncio.run(asyncio.wait_for(watch(), 10))
    assert "jira-compat: the policies could not be looked at (RuntimeError)" in caplog.messages


def test_who_asks_is_told_what_should_not_happen(live, monkeypatch, caplog):
    def broken(settings):
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr("jira_compat.proxy.reload.read_files", broken)
    asyncio.run(live.reload.again())
    assert caplog.messages == ["jira-compat: the policies could not be looked at (RuntimeError)"]


def test_the_command_takes_a_good_set_and_tells_of_a_bad_one(live):
    async def command():
        addon = JiraCompat()
        with taddons.context(addon) as tools:
            tools.configure(addon, **live.options())
            live.file.write_text(OTHER)
            tools.master.commands.execute("jira.reload")
            assert tools.master.commands.execute("jira.rules") == [
                "some-policy/other enforce none GET /rest/api/2/user"
            ]
            live.file.write_text(BAD)
            with pytest.raises(exceptions.CommandError) as caught:
                tools.master.commands.execute("jira.reload")
            assert "policy.yaml:7:13" in str(caught.value)
            assert len(tools.master.commands.execute("jira.rules")) == 1
            addon.done()

    asyncio.run(command())
