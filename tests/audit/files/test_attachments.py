import os

import pytest

from jira_compat.audit.files import attachments
from jira_compat.audit.files.attachments import Beside


@pytest.fixture
def har(tmp_path):
    (tmp_path / "a.har").write_bytes(b"{}")
    (tmp_path / "0a.json").write_bytes(b"one")
    (tmp_path / "resources").mkdir()
    (tmp_path / "resources" / "0b.json").write_bytes(b"two")
    return tmp_path / "a.har"


@pytest.mark.parametrize(
    ("name", "content"), [("0a.json", b"one"), ("0b.json", b"two"), ("resources/0b.json", b"two"), ("gone", None)]
)
def test_a_file_of_the_folder_is_read(har, name, content):
    assert Beside(har).read(name) == content


@pytest.mark.parametrize(
    "name", ["../a.har", "/etc/hostname", "resources/../0a.json", ".hidden", "", "a\0", "resources"]
)
def test_no_other_file_is(har, name):
    (har.parent / ".hidden").write_bytes(b"x")

    assert Beside(har).read(name) is None


def test_standard_input_has_nothing_beside_it():
    assert Beside(None).read("0a.json") is None


def test_links_pipes_and_large_files_are_not_read(har, monkeypatch):
    (har.parent / "link").symlink_to("/etc/hostname")
    os.mkfifo(har.parent / "pipe")
    monkeypatch.setattr(attachments, "LARGEST", 2)

    assert [Beside(har).read(name) for name in ("link", "pipe", "0a.json")] == [None, None, None]
