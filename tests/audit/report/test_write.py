import json
import os
import pty
import re
import subprocess
import sys

import pytest

from audit.report.made import AT, PASSWORD, SCRIPT, a_busy_report, a_report, an_audit, calls
from build import shipped_set
from jira_compat.audit.report.document import Report
from jira_compat.audit.report.write import FORMS, rendered, write_report

BEGINNINGS = {"table": "3 calls", "json": "{", "csv": "impact,", "markdown": "# ", "html": "<!doctype html>"}
FOUND = an_audit((PASSWORD, SCRIPT, calls(3)))


@pytest.mark.parametrize("form", FORMS)
def test_a_report_goes_into_a_file_as_it_goes_to_standard_output(form, tmp_path, capsys):
    file = tmp_path / "report"
    write_report(FOUND, shipped_set(), form, str(file), by="x")
    assert capsys.readouterr().out == ""
    write_report(FOUND, shipped_set(), form, None, by="x")
    write_report(FOUND, shipped_set(), form, "-", by="x")

    written = file.read_bytes().decode()
    assert written.lstrip().startswith(BEGINNINGS[form])
    assert capsys.readouterr().out.count(BEGINNINGS[form]) >= 2 * written.count(BEGINNINGS[form]) > 0


def test_a_report_says_who_made_it_and_when(tmp_path):
    file = tmp_path / "report.json"
    write_report(FOUND, shipped_set(), "json", str(file), by="jira-compat 1.2.3")
    made = Report.model_validate_json(file.read_bytes()).made

    assert (made.by, made.policies) == ("jira-compat 1.2.3", shipped_set().digest)
    assert made.at > AT


@pytest.mark.parametrize("form", FORMS)
def test_the_same_report_is_written_alike(form):
    assert rendered(a_busy_report(), form) == rendered(a_busy_report(), form)


def test_a_file_that_cannot_be_written_is_an_error_of_the_system(tmp_path):
    with pytest.raises(OSError, match="missing"):
        write_report(FOUND, shipped_set(), "csv", str(tmp_path / "missing" / "report"), by="x")


def test_all_forms_tell_of_the_same_calls():
    report = a_report((PASSWORD, SCRIPT, calls(4321)))

    assert json.loads(rendered(report, "json"))["uses"][0]["calls"] == 4321
    assert ",4321," in rendered(report, "csv")
    for form in ("table", "markdown", "html"):
        assert "4,321" in rendered(report, form), form


def test_a_terminal_gets_colours_and_no_more_columns_than_it_has():
    script = (
        "from audit.report.made import *; from jira_compat.audit.report.write import *\n"
        "write_report(an_audit((PASSWORD, SCRIPT, calls(3))), shipped_set(), 'table', None, by='x')"
    )
    ours, its = pty.openpty()
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "COLUMNS": "70", "LINES": "24"}
    with subprocess.Popen([sys.executable, "-c", script], stdin=its, stdout=its, env=environment) as process:
        os.close(its)
        text = b""
        try:
            while chunk := os.read(ours, 4096):
                text += chunk
        except OSError:  # Linux says so when the other end is closed
            pass
    os.close(ours)

    assert process.returncode == 0
    assert b"\x1b[1;31mREMOVED" in text
    lines = re.sub(r"\x1b\[[0-9;]*m|\r", "", text.decode()).splitlines()
    assert 60 < max(map(len, lines)) <= 70
