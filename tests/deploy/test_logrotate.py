"""The real logrotate, beside a real proxy: no event is lost, and all can be read afterwards."""

import gzip
import json
import os
import shutil
import subprocess

import pytest

from jira_compat.standin import StandIn
from live import BIN, ROOT, exchange, live_proxy, request

CONFIG = (ROOT / "deploy" / "logrotate" / "jira-compat").read_text()
LOGROTATE = shutil.which("logrotate", path=f"{os.environ.get('PATH', '')}:/usr/sbin")

pytestmark = pytest.mark.skipif(LOGROTATE is None, reason="logrotate is not installed; apt-get install logrotate")


def lines(path):
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode().splitlines()


@pytest.mark.parametrize("workers", [1, 2])
def test_events_go_to_the_new_file_and_the_old_ones_can_be_read(workers, tmp_path):
    folder = tmp_path / "log"
    folder.mkdir(mode=0o755)
    events = folder / "events.jsonl"
    config = tmp_path / "jira-compat"
    config.write_text(CONFIG.replace("/var/log/jira-compat", str(folder)))
    config.chmod(0o644)
    rotate = [str(LOGROTATE), "--force", "--state", str(tmp_path / "state"), str(config)]

    with StandIn() as jira, live_proxy("serve", events, upstream=jira.url, options={"workers": workers}) as proxy:
        for number in range(1, 4):
            exchange(proxy.port, request("PUT", "/rest/api/2/myself", "{}", f"X-Request-Id: number-{number}"))
            assert proxy.event()["request_id"] == f"number-{number}"
            if number < 3:
                done = subprocess.run(rotate, capture_output=True, text=True, check=False)
                assert (done.returncode, done.stderr) == (0, "")

    files = ["events.jsonl", "events.jsonl.1", "events.jsonl.2.gz"]
    assert sorted(path.name for path in folder.iterdir()) == files
    found = [json.loads(line) for name in reversed(files) for line in lines(folder / name)]
    assert [one["request_id"] for one in found if "request_id" in one] == ["number-1", "number-2", "number-3"]
    words = [str(BIN / "jira-compat"), "report", f"{events}*", "--format", "json"]
    report = subprocess.run(words, capture_output=True, text=True, check=True)
    assert json.loads(report.stdout)["totals"]["calls"] == 3
