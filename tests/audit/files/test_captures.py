import os

import pytest

from jira_compat.audit.files.captures import Capture, find_captures, open_capture
from jira_compat.audit.files.problems import Problem
from jira_compat.stderr import reason


@pytest.fixture
def folder(tmp_path, monkeypatch):
    (tmp_path / "logs" / "old").mkdir(parents=True)
    for name in ("logs/b.log", "logs/a.log", "logs/old/c.log.gz", "logs/.hidden", "one.har", "odd[1].har"):
        (tmp_path / name).write_text("x" * len(name))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def found(*words):
    problems: list[Problem] = []
    captures = find_captures(words, problems.append)
    return [capture.name for capture in captures], [str(problem) for problem in problems]


def test_no_word_means_no_file():
    assert found() == ([], [])


@pytest.mark.parametrize(
    ("words", "names"),
    [
        (["one.har"], ["one.har"]),
        (["logs"], ["logs/a.log", "logs/b.log", "logs/old/c.log.gz"]),
        (["logs/*.log"], ["logs/a.log", "logs/b.log"]),
        (["logs/**/*.gz"], ["logs/old/c.log.gz"]),
        (["odd[1].har"], ["odd[1].har"]),
        (["-"], ["standard input"]),
        (["-", "one.har", "-"], ["standard input", "one.har"]),
        (["logs/b.log", "logs"], ["logs/b.log", "logs/a.log", "logs/old/c.log.gz"]),
    ],
)
def test_words_mean_files_each_once(folder, words, names):
    assert found(*words) == (names, [])


@pytest.mark.parametrize("word", ["missing.har", "*.none", "logs/missing", "a\0b", ""])
def test_a_word_that_means_no_file_is_a_line_and_the_others_are_found(folder, word):
    names, problems = found(word, "one.har")

    assert "one.har" in names
    assert [problem.startswith(f"{word}: ") and ";" in problem for problem in problems] == [True] * (word != "")


def test_an_empty_folder_is_a_line(tmp_path):
    assert found(str(tmp_path)) == ([], [f"{tmp_path}: is not there (no file in it); check its name and permissions"])


def test_a_folder_without_permission_is_a_line(closed):
    (line,) = found(str(closed / "folder"))[1]

    assert line == f"{closed}/folder: cannot be read (permission denied); check its name and permissions"


def test_a_pipe_has_no_size(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    (capture,) = find_captures([str(tmp_path / "pipe")], lambda _: None)

    assert capture.size == 0


def test_a_capture_is_opened_for_its_bytes(folder):
    (capture,) = find_captures(["one.har"], lambda _: None)
    with open_capture(capture) as stream:
        assert stream.read() == b"xxxxxxx"
    with pytest.raises(FileNotFoundError):
        open_capture(Capture("gone", folder / "gone"))


def test_a_reason_is_the_systems():
    assert reason(PermissionError(13, "Permission denied")) == "permission denied"
    assert reason(OSError()) == "oserror"
