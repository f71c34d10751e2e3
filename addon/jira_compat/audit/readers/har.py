"""HAR (1.1 and 1.2), entry by entry: a file may be larger than memory, and its end may be missing."""

import codecs
import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

from jira_compat.audit.files.problems import Skipped, UnreadableError
from jira_compat.audit.readers.har_entry import Attachments, BrokenEntryError, to_exchange
from jira_compat.model import Exchange

LARGEST = 16_000_000
"""Characters of one entry, bodies included; of a larger one only the request is read."""

_ENTRIES = re.compile(r'"entries"\s*:\s*\[')
_NEXT = re.compile(r"[\s,\0\ufeff]*")
_OPENING = re.compile(r"(?=[{\[\]])")
_TOKEN = re.compile(r'["{}\[\]]')
_STRING = re.compile(r'[^"\\]*+(?:\\.[^"\\]*+)*+', re.DOTALL)
_STARTED = re.compile(r'"startedDateTime"\s*:\s*"([^"\\]{1,40})"')
_REQUEST = re.compile(r'"request"\s*:\s*')
_STATUS = re.compile(r'"response"\s*:\s*\{\s*"status"\s*:\s*([0-9]{3})')
_KEPT = 64
_NOT_TEXT = "this entry has bytes that are not UTF-8; they are shown as \ufffd"
_NAMED = object()
"""An entry that was left out, and said to be."""
_decoder = json.JSONDecoder(strict=False)  # some tools leave control characters in strings


def read_har(
    chunks: Iterable[bytes], file: str, skipped: Skipped, beside: Attachments | None = None
) -> Iterator[tuple[int, Exchange]]:
    """The exchanges of a HAR, or of several in one file, by number of the entry from 1.

    Args:
        chunks: The content.
        file: Its name.
        skipped: Names a broken entry, which is left out.
        beside: Reads the bodies that are kept in files of their own.

    Raises:
        UnreadableError: Where the file ends before its entries do, or has none.
    """
    for number, entry in enumerate(_entries(_Text(chunks), skipped), 1):
        if entry is _NAMED:
            continue
        try:
            exchange = to_exchange(entry, f"{file}#{number}", beside)
        except BrokenEntryError as error:
            skipped.skip(number, str(error))
            continue
        if exchange is None:
            skipped.no_request += 1
        else:
            yield number, exchange


class _Text:
    """A window on a text that moves on."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self.text = ""
        self.at = 0
        self._chunks = iter(chunks)
        self._decode = codecs.getincrementaldecoder("utf-8-sig")("replace").decode

    def more(self) -> bool:
        """Read on; false at the end."""
        chunk = next(self._chunks, None)
        if chunk is None:
            return False
        if self.at:
            self.text, self.at = self.text[self.at :], 0
        self.text += self._decode(chunk)
        return True

    def find(self, pattern: re.Pattern[str]) -> bool:
        """Move behind the next match; false if there is none."""
        while (found := pattern.search(self.text, self.at)) is None:
            self.at = max(self.at, len(self.text) - _KEPT)
            if not self.more():
                return False
        self.at = found.end()
        return True

    def peek(self) -> str:
        """The next character but space and commas; ``""`` at the end."""
        while True:
            found = _NEXT.match(self.text, self.at)
            self.at = found.end() if found else self.at
            if self.at < len(self.text):
                return self.text[self.at]
            if not self.more():
                return ""


def _entries(text: _Text, skipped: Skipped) -> Iterator[Any]:
    """Each entry, or :data:`_NAMED`, of all documents that stand one behind the other."""
    number = 0
    _begin(text, number)
    while True:
        while (start := text.peek()) != "]":
            number += 1
            if start == "":
                raise UnreadableError(f"the file ends behind entry {number - 1}; export it again")
            yield _entry(text, number, skipped)
        if not _leave(text) or not text.peek():
            return
        _begin(text, number)


def _begin(text: _Text, number: int) -> None:
    """Move to the first entry of a document.

    Raises:
        UnreadableError: It has none.
    """
    if number and text.peek() != "{":
        raise UnreadableError(f"what stands behind entry {number} is not a HAR and was not read; split the file")
    if not text.find(_ENTRIES):
        where = f"what stands behind entry {number}" if number else "this"
        raise UnreadableError(f"{where} has no log.entries; export it again as HAR")


def _leave(text: _Text) -> bool:
    """Move from the end of the entries behind that of the document; false if the text ends before."""
    text.at += 1
    try:
        _close(text, 2, 0)  # of the log and of the document
    except UnreadableError:
        return False
    return True


def _entry(text: _Text, number: int, skipped: Skipped) -> Any:  # noqa: ANN401 - whatever JSON may be
    tried = 0
    while True:
        room = len(text.text) - text.at
        if room >= 2 * tried:  # twice as much each time, or a large entry would be read once for each chunk
            tried = room
            try:
                entry, end = _decoder.raw_decode(text.text, text.at)
            except (ValueError, RecursionError) as error:  # not kept: it has the whole text, in a cycle
                is_broken = _is_inside(error, len(text.text))
            else:
                if text.text.find("\ufffd", text.at, end) >= 0:
                    skipped.remark(number, _NOT_TEXT)
                text.at = end
                return entry
            if is_broken:
                skipped.skip(number, "this entry is not JSON and was left out; export the file again")
                _pass(text, number)
                return _NAMED
        if room > LARGEST:
            entry = _request_of(text, number, skipped)
            _pass(text, number)
            return entry
        if not text.more():
            if tried == len(text.text) - text.at:
                raise UnreadableError(f"the file ends within entry {number}; export it again")
            tried = 0


def _is_inside(error: Exception, end: int) -> bool:
    """Whether what is wrong stands before the end of what was read, and is not just the lack of the rest."""
    if not isinstance(error, json.JSONDecodeError):
        return True
    return error.pos < end - _KEPT and not error.msg.startswith("Unterminated string")


def _request_of(text: _Text, number: int, skipped: Skipped) -> Any:  # noqa: ANN401 - as _entry
    """What stands before the body of the answer, which is what makes an entry large."""
    size = f"this entry has more than {LARGEST // 1_000_000} MB"
    found = _REQUEST.search(text.text, text.at)
    try:
        request, end = _decoder.raw_decode(text.text, found.end() if found else len(text.text))
    except (ValueError, RecursionError):
        skipped.skip(number, f"{size} and was left out")
        return _NAMED
    skipped.remark(number, f"{size}; its request was read, what was answered left out")
    started, status = _STARTED.search(text.text, text.at, end), _STATUS.search(text.text, end, end + 10_000)
    response = {"status": int(status[1])} if status else {}
    return {"startedDateTime": started[1] if started else None, "request": request, "response": response}


def _pass(text: _Text, number: int) -> None:
    """Move behind the brackets that open here, or to the next ones.

    Raises:
        UnreadableError: They do not close.
    """
    if text.text[text.at] not in "{[":
        text.find(_OPENING)
        return
    _close(text, 0, number)


def _close(text: _Text, depth: int, number: int) -> None:
    """Move behind as many brackets as are open, and those that open on the way."""
    while True:
        found = _TOKEN.search(text.text, text.at)
        text.at = found.end() if found else len(text.text)
        if found is None:
            _more(text, number)
        elif found[0] == '"':
            _pass_string(text, number)
        else:
            depth += 1 if found[0] in "{[" else -1
            if depth <= 0:
                return


def _pass_string(text: _Text, number: int) -> None:
    """Move behind the end of a string that began before."""
    while True:
        found = _STRING.match(text.text, text.at)
        text.at = found.end() if found else text.at
        if text.text[text.at : text.at + 1] == '"':
            text.at += 1
            return
        _more(text, number)


def _more(text: _Text, number: int) -> None:
    if not text.more():
        raise UnreadableError(f"entry {number} does not end; export it again")
