"""Whatever is wrong with an input is a line with its name and place, and the rest is audited."""

import gzip
import itertools
import json
import subprocess
import sys
from functools import cache

import pytest

from audit.audited import audited, calls, told
from live import PATIENCE, ROOT

LINE = '10.0.0.1 - fred [10/Oct/2025:13:55:36 +0000] "PUT /rest/api/2/user/password HTTP/1.1" 200 2 "-" "curl/8"\n'
LOG = LINE.encode()
ENTRY = json.dumps({"request": {"method": "PUT", "url": "https://jira.example.com/rest/api/2/user/password"}}).encode()
RULE = "refuse-password-change"
READ_BEFORE = "what stands before was read, copy the file again"

BAD = {
    "an empty file": (b"", 0, ["bad: this is empty; no request was seen"]),
    "a binary": (
        b"\x7fELF\x02\x01\x01" + bytes(5000),
        0,
        ["bad: unsupported binary file; expected HAR, mitmproxy flows or a log"],
    ),
    "some prose": (
        b"Dear all,\nhere are the logs.\n",
        0,
        ["bad: no line fits a known log format; name its kind with --kind, or its lines with --pattern"],
    ),
    "invalid UTF-8": (
        LOG * 2 + LOG.replace(b"fred", b"\xff") + LOG,
        4,
        ["bad:3: this line is not UTF-8; the rest of it is shown with �"],
    ),
    "invalid UTF-8 in a HAR": (
        b'{"log":{"entries":[' + ENTRY + b"," + ENTRY.replace(b"}}", b'},"a":"\xff"}') + b"]}}",
        2,
        ["bad#2: this entry has bytes that are not UTF-8; they are shown as �"],
    ),
    "a clock that jumps": (
        LOG * 2 + LOG.replace(b"10/Oct", b"09/Oct") + LOG,
        4,
        ["bad:3: the clock goes back by 24.0 h here; the first and last calls follow the times as they are"],
    ),
    "a time that is none": (
        LOG + LOG.replace(b"10/Oct", b"99/Foo"),
        2,
        ["bad:2: no time between 2002 and 2100 stands here; the call is counted without one"],
    ),
    "a log that is still being written": (
        LOG * 2 + LOG[:40],
        2,
        ["bad:3: the last line has no end and was left out; is it still being written?"],
    ),
    "a broken gzip tail": (
        gzip.compress(LOG * 2) + gzip.compress(LOG * 9)[:-9],
        11,
        [f"bad: the gzip data ends too early, behind 1,155 bytes of content; {READ_BEFORE}"],
    ),
    "a damaged gzip": (
        gzip.compress(LOG * 2) + bytes(4000) + gzip.compress(LOG)[:-8] + bytes(8),
        2,
        [f"bad: the gzip data is damaged, behind 210 bytes of content; {READ_BEFORE}"],
    ),
    "lines that fit nothing": (LOG + b"x\n" + LOG, 2, ["bad:2: not a line of the format combined: a"]),
    "a HAR cut off": (
        b'{"log":{"entries":[' + ENTRY + b"," + ENTRY[:30],
        1,
        ["bad: the file ends within entry 2; export it again"],
    ),
    "an entry without URL": (
        b'{"log":{"entries":[{"request":{"method":"GET"}},' + ENTRY + b"]}}",
        1,
        ["bad#1: no request.url"],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_bad_input_is_a_line_with_its_place_and_the_rest_is_audited(tmp_path, name):
    content, count, lines = BAD[name]
    (tmp_path / "bad").write_bytes(content)
    (tmp_path / "good").write_bytes(LOG * 5)
    found = audited(tmp_path / "bad", tmp_path / "good")

    assert told(found) == lines
    assert calls(found).get(RULE, 0) == count + 5


REMARKS = {"invalid UTF-8", "invalid UTF-8 in a HAR", "a clock that jumps", "a time that is none"}
REMARKS |= {"a log that is still being written"}


@pytest.mark.parametrize("name", BAD)
def test_the_exit_status_tells_whether_anything_was_not_read(tmp_path, name):
    (tmp_path / "bad").write_bytes(BAD[name][0])
    (problem, *_) = audited(tmp_path / "bad").all_problems()

    assert problem.unread == (name not in REMARKS)


def test_a_path_without_permission_is_a_line(closed):
    found = audited(closed / "file", closed / "folder", closed / "good")

    assert sorted(told(found)) == [
        "file: cannot be read (permission denied); check its name and permissions",
        "folder: cannot be read (permission denied); check its name and permissions",
    ]
    assert calls(found)[RULE] == 1


# What is large is made as it is read, and the memory is that of a process of its own. Its bounds are a tenth of ours,
# so that inputs are large beside them and still small enough to be read in seconds. ru_maxrss would count the process
# that started it, too: it survives exec.

MEASURED = """
import re, sys
from pathlib import Path
from jira_compat.audit.files import lines
from jira_compat.audit.readers import har
from jira_compat.cli.main import main
lines.LONGEST //= 10
har.LARGEST //= 10
try:
    main()
finally:
    print(re.search(r"VmHWM:\\s+([0-9]+) kB", Path("/proc/self/status").read_text())[1], file=sys.stderr)
"""


def audit_of(chunks, *words):
    """Rows, lines and the most kB of an audit of what is written to its standard input."""
    command = [sys.executable, "-c", MEASURED, "audit", "-", "--format", "json", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=ROOT, stdin=pipe, stdout=pipe, stderr=pipe) as audit:
        assert audit.stdin is not None
        for chunk in chunks:
            audit.stdin.write(chunk)
        out, err = audit.communicate(timeout=PATIENCE * 3)
    *lines, memory = err.decode().splitlines()
    return json.loads(out)["uses"], lines, int(memory)


@cache
def gzipped(chunk):
    """One member of a gzip file; they may stand one behind the other."""
    return gzip.compress(chunk)


MEGABYTE = 1_000_000
GOOD = 250_000  # kB; a process that has read nothing has 110,000


def test_a_line_of_200_mb_is_left_out_in_bounded_memory():
    long = itertools.repeat(b"x" * MEGABYTE, 200)
    rows, lines, memory = audit_of(map(gzipped, itertools.chain([LOG * 3], long, [b"\n", LOG])), "--kind", "combined")

    assert [row["calls"] for row in rows] == [4]
    assert [line.partition(" and")[0] for line in lines] == [
        "jira-compat: standard input:4: this line has more than 1,000 kB"
    ]
    assert memory < GOOD


def a_large_har(number, size):
    """So many entries with an answer of so many bytes."""
    answer = b'{"request":{"method":"PUT","url":"https://j/rest/api/2/user/password"},"response":{"status":200,"content":{"text":"'
    yield b'{"log":{"entries":['
    for at in range(number):
        yield b"," * (at > 0) + answer
        yield from itertools.repeat(b"y" * (MEGABYTE // 2), 2 * size // MEGABYTE)
        yield b'"}}}'
    yield b"]}}"


@pytest.mark.parametrize(("number", "size"), [(400, MEGABYTE // 2), (2, 100 * MEGABYTE)])
def test_a_har_of_200_mb_is_audited_in_bounded_memory(number, size):
    rows, lines, memory = audit_of(map(gzipped, a_large_har(number, size)))

    assert [(row["rule"], row["calls"], row["statuses"]) for row in rows] == [(RULE, number, {"200": number})]
    assert all("its request was read, what was answered left out" in line for line in lines)
    assert len(lines) == (0 if size < 1.6 * MEGABYTE else number)
    assert memory < GOOD
