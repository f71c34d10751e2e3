"""One handler in a process; with real processes: tests/e2e/test_diagnostics.py."""

import json
import logging
import os
import threading
from datetime import UTC, datetime, timedelta

import pytest

from jira_compat.proxy.diagnostics.log import EVENT_LOG, Log, levels
from jira_compat.proxy.settings.preflight import Diagnostics

OURS, THEIRS, H2 = "jira_compat.some", "mitmproxy.some", "mitmproxy.proxy.layers.http._http_h2"
ALL = ("debug", "info", "warning", "error")
CLIENT = ("127.0.0.1", 4711)
AMONG_OURS = logging.getLogger(OURS)


@pytest.fixture
def heard():
    with Log(Diagnostics()).hearing() as log:
        yield log


def told(level, capsys, *, form="text"):
    """What comes of a record of each logger at each level."""
    with Log(Diagnostics(level, form)).hearing() as log:
        log.started()
        for name in (OURS, THEIRS, H2, "hpack.hpack"):
            for severity in ALL:
                getattr(logging.getLogger(name), severity)(f"{name.partition('.')[0]} {severity}")
    return capsys.readouterr().err.splitlines()


def test_nothing_is_told_when_nobody_hears(capsys):
    with Log(Diagnostics()).hearing():
        pass
    assert not AMONG_OURS.isEnabledFor(logging.INFO)
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("level", "ours", "theirs", "others"),
    [
        ("error", ALL[3:], ALL[3:], ALL[3:]),
        ("warning", ALL[1:], ALL[2:], ALL[2:]),
        ("info", ALL[1:], ALL[1:], ALL[2:]),
        ("debug", ALL, ALL, ALL[2:]),
    ],
)
def test_what_is_below_the_level_is_not_even_made(level, ours, theirs, others, capsys):
    made = told(level, capsys, form="json")
    found = [(line["logger"], line["level"]) for line in map(json.loads, made)]
    frames = theirs if level != "debug" else ALL[1:]
    wanted = {OURS: ours, THEIRS: theirs, H2: frames, "hpack.hpack": others}
    assert found == [(name, severity) for name, severities in wanted.items() for severity in severities]
    with Log(Diagnostics(level)).hearing():
        assert [one for one in ALL if logging.getLogger(THEIRS).isEnabledFor(getattr(logging, one.upper()))] == [
            *theirs
        ]


def test_levels_are_as_before_afterwards():
    names = list(levels("debug"))
    before = [logging.getLogger(name).level for name in names]
    with Log(Diagnostics("debug")).hearing():
        assert [logging.getLogger(name).level for name in names] == list(levels("debug").values())
    assert [logging.getLogger(name).level for name in names] == before


def test_errors_of_the_start_are_held(heard, capsys):
    AMONG_OURS.error("first\nmore")
    AMONG_OURS.warning("second")
    heard.started()
    AMONG_OURS.error("third")
    assert heard.held == ["first"]
    assert capsys.readouterr().err == "jira-compat: second\njira-compat: third\n"


def test_events_that_are_lost_are_no_reason_not_to_start(heard, capsys):
    logging.getLogger(EVENT_LOG).error("events are being lost")
    assert heard.held == []
    assert capsys.readouterr().err == "jira-compat: events are being lost\n"


def test_a_thread_may_tell_of_lost_events_when_another_has_told_of_something(heard, capsys):
    AMONG_OURS.warning("first")
    thread = threading.Thread(target=logging.getLogger(EVENT_LOG).error, args=("second",), daemon=True)
    thread.start()
    thread.join(5)
    assert not thread.is_alive()
    assert capsys.readouterr().err == "jira-compat: first\njira-compat: second\n"


def test_of_several_processes_one_tells_of_the_start(capsys):
    with Log(Diagnostics(of_start=False)).hearing() as log:
        AMONG_OURS.warning("first")
        AMONG_OURS.error("second")
        log.started()
        AMONG_OURS.warning("third")
    assert log.held == ["second"]
    assert capsys.readouterr().err == "jira-compat: third\n"


def test_of_an_exception_there_is_only_the_type(heard, capsys):
    AMONG_OURS.warning("it failed", exc_info=KeyError("tulip"))
    assert capsys.readouterr().err == "jira-compat: it failed (KeyError)\n"


def test_of_a_traceback_there_is_only_its_end(heard, capsys):
    try:
        raise KeyError("tulip")  # noqa: TRY301 - where it was is what is asked
    except KeyError:
        AMONG_OURS.warning("it failed", exc_info=True, stack_info=True, extra={"client": CLIENT})
    line = capsys.readouterr().err
    assert line.startswith(
        f"jira-compat: it failed (KeyError in {__name__}.test_of_a_traceback_there_is_only_its_end, "
    )
    assert line.endswith("; client 127.0.0.1:4711)\n")
    assert "tulip" not in line


def test_noise_is_not_told(capsys):
    with Log(Diagnostics("debug")).hearing():
        logging.getLogger(THEIRS).info("Lowercased 'X-A' header as uppercase is not allowed with HTTP/2.")
    assert capsys.readouterr().err == ""


def test_a_line_of_json_has_what_is_known(capsys):
    with Log(Diagnostics(form="json")).hearing() as log:
        log.started()
        logging.getLogger("mitmproxy.proxy.server").error(
            "mitmproxy has crashed! \u00fc", exc_info=KeyError("tulip"), extra={"client": CLIENT}
        )
        AMONG_OURS.info("%d rules: \u00fc\u2028", 3)
    first, second = map(json.loads, capsys.readouterr().err.splitlines())
    for line in (first, second):
        assert datetime.now(UTC) - datetime.fromisoformat(line.pop("timestamp")) < timedelta(minutes=1)
        assert line.pop("process.pid") == os.getpid()
    assert first == {
        "level": "error",
        "logger": "mitmproxy.proxy.server",
        "message": "mitmproxy has crashed! [...]",
        "exception.type": "KeyError",
        "client.address": "127.0.0.1",
        "client.port": 4711,
    }
    assert second == {"level": "info", "logger": OURS, "message": "3 rules: \u00fc"}


def test_json_is_ascii(capsys):
    with Log(Diagnostics(form="json")).hearing():
        AMONG_OURS.info("\u00fc")
    assert capsys.readouterr().err.isascii()
