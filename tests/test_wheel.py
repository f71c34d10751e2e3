"""The wheel, installed into an empty environment: the command works from any folder, with the policies inside."""

import os
import subprocess
import sys
import venv
from pathlib import Path

import pytest

from jira_compat.standin import StandIn
from live import ROOT, exchange, request, start, status

DEPENDENCIES = [path for path in sys.path if path.endswith("site-packages")]


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The command of an environment in which nothing is installed but the wheel.

    Its dependencies are those of this environment, lent by a path file: what is tried is the wheel, and tests reach no
    package registry.
    """
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    [wheel] = folder.glob("*.whl")
    venv.create(folder / "empty", with_pip=True, symlinks=True)
    python = folder / "empty" / "bin" / "python"
    install = [
        python,
        "-m",
        "pip",
        "install",
        "-q",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True, env={"PATH": os.environ["PATH"]})
    [packages] = (folder / "empty" / "lib").glob("python*/site-packages")
    lent = [path for path in DEPENDENCIES if not Path(path).is_relative_to(folder)]
    # Appended, so that the wheel's own package comes first; an editable install of this checkout is left out.
    (packages / "lent.pth").write_text("".join(f"{path}\n" for path in lent))
    return folder / "empty" / "bin" / "jira-compat"


def run(command, *words, cwd):
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return subprocess.run(
        [command, *words], cwd=cwd, env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def test_the_package_that_runs_is_the_wheels(installed, tmp_path):
    code = "import jira_compat, jira_compat.policy.files as s; print(jira_compat.__file__, s.shipped_policies())"
    said = run(installed.with_name("python"), "-c", code, cwd=tmp_path).stdout
    assert str(ROOT) not in said
    assert "default_policies" in said


def test_the_policies_that_ship_hold(installed, tmp_path):
    done = run(installed, "check", cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


def test_it_serves_from_any_folder(installed, tmp_path, monkeypatch):
    monkeypatch.delenv("PYTHONPATH", raising=False)
    events = tmp_path / "events.jsonl"
    with StandIn() as jira:
        words = ["serve", "--listen", "127.0.0.1:0", "--upstream", jira.url, "--events", str(events)]
        with start([str(installed), *words], events, cwd=tmp_path) as proxy:
            answer = exchange(proxy.port, request("PUT", "/rest/api/2/user/password", '{"password": "x"}'))
            assert status(answer) == 410
            assert proxy.event()["rule"] == "refuse-password-change"
        assert jira.connections == 0
