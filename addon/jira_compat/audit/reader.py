"""One capture, or a part of one, to an inventory of what is in it."""

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from jira_compat.audit.counting.classify import Judge
from jira_compat.audit.counting.inventory import Calls, Example, Inventory
from jira_compat.audit.counting.redaction import Shown
from jira_compat.audit.counting.tally import Tally
from jira_compat.audit.counting.timestamps import plausible
from jira_compat.audit.files.captures import Capture, open_capture, reason
from jira_compat.audit.files.decompress import CHUNK, ChunkFile, unpack
from jira_compat.audit.files.problems import Problem, Skipped, UnreadableError
from jira_compat.audit.readers.access_log import read_access_log
from jira_compat.audit.readers.detect import WITH_LINES, Kind, head_of, kind_of, without_mark
from jira_compat.audit.readers.event_log import client_of, read_event_log
from jira_compat.audit.readers.har import read_har
from jira_compat.audit.readers.json_lines import read_json_log
from jira_compat.audit.readers.log_formats import FORMAT_OF, Format, a_format
from jira_compat.events import vocabulary as events
from jira_compat.events.identity import Identity
from jira_compat.model import Exchange
from jira_compat.policy.index import PolicySet

Tick = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Choices:
    """How to read.

    Args:
        policies: The rules.
        max_body: The longest body that is read, in bytes.
        identity: How users are shown.
        key: Under which their names are hashed.
        kind: Of every capture; ``None`` to tell by content.
        pattern: Of a line, for kind ``pattern``.
    """

    policies: PolicySet
    max_body: int
    identity: Identity
    key: bytes
    kind: Kind | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """A capture, or whole lines of it from one byte to another; ``end`` is ``None`` for all there is."""

    capture: Capture
    start: int = 0
    end: int | None = None
    kind: Kind | None = None


@dataclass(slots=True)
class Found:
    """What was in a part.

    Args:
        capture: The file.
        kind: What it is; ``None`` if that could not be told.
        calls: How many calls it told of.
        lines: How many lines it has, if it has lines.
        no_request: Lines about connections without a request.
        whole: Whether the part was read to its end, as far as that can be.
        inventory: The calls.
        skipped: What could not be read in it.
        problems: What else was wrong.
    """

    capture: Capture
    skipped: Skipped
    kind: Kind | None = None
    calls: int = 0
    lines: int = 0
    no_request: int = 0
    whole: bool = True
    inventory: Inventory = field(default_factory=Inventory)
    problems: list[Problem] = field(default_factory=list)


class Reader:
    """Reads parts one after the other, and keeps what it knows of requests."""

    def __init__(self, choices: Choices) -> None:
        self._choices = choices
        self._judge = Judge(choices.policies, choices.max_body)
        self._shown = Shown(choices.identity, choices.key)

    def read(self, part: Part, found: Found, tick: Tick) -> None:
        """Read a part; what is wrong with it is said in ``found``.

        Args:
            part: What to read.
            found: Where what is found goes, as it is found.
            tick: Is told of bytes that were read; may raise to end it.
        """
        try:
            with open_capture(part.capture) as stream:
                self._read(stream, part, found, tick)
        except OSError as error:
            what = f"cannot be read ({reason(error)}); check its name and permissions"
            found.problems.append(Problem(part.capture.name, what))
        except UnreadableError as error:
            found.problems.append(Problem(part.capture.name, str(error)))

    def _read(self, stream: io.BufferedReader, part: Part, found: Found, tick: Tick) -> None:
        if part.start or part.end is not None:
            content = _between(stream, part.start, part.end, tick)
        else:
            content = unpack(stream, tick)
        kind = part.kind or self._choices.kind
        if kind is None:
            head, content = head_of(content)
            kind = kind_of(head)
        found.kind = kind
        found.skipped.mark = ":" if kind in WITH_LINES else "#"
        self._dispatch(kind, content if part.start else without_mark(content), found)

    def _dispatch(self, kind: Kind, content: Iterator[bytes], found: Found) -> None:
        name, skipped = found.capture.name, found.skipped
        if kind == "har":
            self._exchanges(read_har(content, name, skipped), found)
        elif kind == "flows":
            from jira_compat.audit.readers.flows import read_flows  # noqa: PLC0415 - mitmproxy takes a second

            stream = io.BufferedReader(ChunkFile(content))
            self._exchanges(read_flows(stream, name, skipped), found)
        elif kind == "events":
            for calls in read_event_log(content, found.inventory, self._shown, skipped, _counting(found)):
                found.calls += calls
        else:
            self._lines(kind, content, found)

    def _lines(self, kind: Kind, content: Iterator[bytes], found: Found) -> None:
        tally = Tally(self._judge, found.inventory, self._shown, found.skipped)
        try:
            if kind == "json":
                read_json_log(content, tally, found.skipped, _counting(found))
            else:
                read_access_log(content, self._form(kind), tally, found.skipped, _counting(found))
        finally:
            tally.flush()
            found.calls, found.no_request = tally.calls, tally.no_request

    def _exchanges(self, exchanges: Iterator[tuple[int, Exchange]], found: Found) -> None:
        for number, exchange in exchanges:
            found.calls += 1
            add_exchange(exchange, (found.capture.name, number), self._judge, found.inventory, self._shown)

    def _form(self, kind: Kind) -> Format:
        return a_format("pattern", self._choices.pattern or "") if kind == "pattern" else FORMAT_OF[kind]


def a_found(capture: Capture) -> Found:
    """Nothing yet."""
    return Found(capture, Skipped(capture.name, ":"))


def _counting(found: Found) -> Callable[[int], None]:
    def count(lines: int) -> None:
        found.lines = lines

    return count


def _between(stream: io.BufferedReader, start: int, end: int | None, tick: Tick) -> Iterator[bytes]:
    stream.seek(start)
    while chunk := stream.read(CHUNK if end is None else min(CHUNK, end - start)):
        start += len(chunk)
        tick(len(chunk))
        yield chunk


def add_exchange(exchange: Exchange, place: tuple[str, int], judge: Judge, inventory: Inventory, shown: Shown) -> None:
    """Judge an exchange and add it; ``place`` is its file and number."""
    verdict = judge.judge(exchange.request)
    facts = events.exchange_facts(exchange)
    file, number = place
    line = shown.line(verdict.subject, exchange.request.method, facts["url.path"])
    at = plausible(exchange.started)
    statuses = {exchange.response.status: 1} if exchange.response is not None else {}
    carried = {} if verdict.carried is None else {verdict.carried: 1}
    calls = Calls(1, at, at, statuses, carried, verdict.fields, 0, Example(file, "#", number, line))
    inventory.add(verdict, client_of(facts, shown), calls)
