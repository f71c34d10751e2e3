"""Each alert is about metrics that there are, is explained, fires when something is wrong, and else is silent."""

import json
import re
import shutil
import subprocess

import pytest
from ruamel.yaml import YAML

from deploy.shown import METRICS
from live import ROOT

FILE = ROOT / "deploy" / "prometheus" / "alerts.yaml"
OPERATIONS = (ROOT / "docs" / "operations.md").read_text()
[GROUP] = YAML(typ="safe", pure=True).load(FILE)["groups"]
RULES = {rule["alert"]: rule for rule in GROUP["rules"]}

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not installed; apt-get install prometheus"
)
JOB = {"job": "jira-compat"}
CALM = {
    ("up", "a"): "1+0x60",
    ("up", "b"): "1+0x60",
    ("process_cpu_seconds_total", "a"): "0+40x60",
    ("process_cpu_seconds_total", "b"): "0+80x60",  # of two workers
    ("jira_compat_workers", "b"): "2+0x60",
    ("jira_compat_workers_replaced_total", "b"): "0x60",
    ("jira_compat_policies_current", "a"): "1+0x60",
    ("jira_compat_failures_total", "a", "event", "rewrite_failed"): "0x60",
    ("jira_compat_connections_turned_away_total", "a"): "0x60",
    ("jira_compat_events_lost_total", "a"): "0x60",
    ("jira_compat_policies_info", "a", "digest", "one"): "1+0x60",
    ("jira_compat_policies_info", "b", "digest", "one"): "1+0x60",
}
"""Values of a minute each; (start)+(step)x(times)."""
TROUBLE = [
    ("JiraCompatDown", ("up", "a"), "1+0x20 0x40"),
    ("JiraCompatFails", ("jira_compat_failures_total", "a", "event", "rewrite_failed"), "0x28 1x30"),
    ("JiraCompatTurnsAway", ("jira_compat_connections_turned_away_total", "a"), "0x28 5x30"),
    ("JiraCompatWorkersEnd", ("jira_compat_workers_replaced_total", "b"), "0x20 1x5 3x30"),
    ("JiraCompatPoliciesRejected", ("jira_compat_policies_current", "a"), "1+0x20 0x40"),
    ("JiraCompatPoliciesDiffer", ("jira_compat_policies_info", "b", "digest", "two"), "1+0x60"),
    ("JiraCompatEventsLost", ("jira_compat_events_lost_total", "a"), "0x28 1x30"),
    ("JiraCompatBusy", ("process_cpu_seconds_total", "b"), "0+110x60"),
    ("JiraCompatBusy", ("process_cpu_seconds_total", "a"), "0+55x60"),
]


def promtool(*words):
    done = subprocess.run(["promtool", *words], capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def labels(key):
    return {**JOB, "instance": key[1], **dict([key[2:]] if key[2:] else [])}


def fire(tmp_path, series, firing):
    """What promtool says of these alerts after half an hour of these series."""
    written = [
        {
            "series": f"{key[0]}{{{','.join(f'{name}="{value}"' for name, value in labels(key).items())}}}",
            "values": values,
        }
        for key, values in series.items()
    ]
    asked = [
        {"eval_time": "30m", "alertname": name, "exp_alerts": [firing[name]] if name in firing else []}
        for name in RULES
    ]
    test = {
        "rule_files": [str(FILE)],
        "evaluation_interval": "1m",
        "tests": [{"interval": "1m", "input_series": written, "alert_rule_test": asked}],
    }
    (tmp_path / "test.yaml").write_text(json.dumps(test))
    return promtool("test", "rules", str(tmp_path / "test.yaml"))


def test_each_is_about_metrics_that_there_are():
    for rule in RULES.values():
        named = set(re.findall(r"\b(?:jira_compat|process)_\w+", rule["expr"]))
        assert named <= METRICS, rule["alert"]


def test_each_is_explained():
    assert re.findall(r"^\| `(JiraCompat\w+)` \|", OPERATIONS, re.MULTILINE) == list(RULES)


def test_each_is_tried():
    assert {name for name, _, _ in TROUBLE} == RULES.keys()


@needs_promtool
def test_prometheus_can_read_them():
    assert promtool("check", "rules", str(FILE))[0] == 0


@needs_promtool
def test_all_are_silent_as_long_as_nothing_is_wrong(tmp_path):
    assert fire(tmp_path, CALM, {})[0] == 0


@needs_promtool
@pytest.mark.parametrize(("name", "key", "values"), TROUBLE)
def test_it_fires_alone_when_something_is(name, key, values, tmp_path):
    rule = RULES[name]
    summary = rule["annotations"]["summary"]
    theirs = {} if name == "JiraCompatPoliciesDiffer" else labels(key)
    for label, value in theirs.items():
        summary = summary.replace(f"{{{{ $labels.{label} }}}}", value)
    expected = {"exp_labels": {**rule["labels"], **theirs}, "exp_annotations": {"summary": summary}}

    status, said = fire(tmp_path, CALM | {key: values}, {name: expected})

    assert status == 0, said
