import json

import pytest

from audit.audited import SAMPLES, audited
from build import shipped_in_force
from jira_compat.audit.report.write import FORMS, write_report


@pytest.mark.parametrize("form", FORMS)
def test_a_report_goes_where_it_is_sent(tmp_path, form):
    write_report(audited(SAMPLES / "combined.log"), shipped_in_force(), form, str(tmp_path / "out"))

    assert "refuse-password-change" in (tmp_path / "out").read_text()


def test_json_has_a_row_for_each_subject_and_client(capsys):
    write_report(audited(SAMPLES / "combined.log"), shipped_in_force(), "json", None)

    assert len(json.loads(capsys.readouterr().out)) == 3
