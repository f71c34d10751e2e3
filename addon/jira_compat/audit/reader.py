"""One capture, or a part of one, to an inventory of what is in it."""

import io
from array import array
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from jira_compat.audit.counting.classify import Classifier
from jira_compat.audit.counting.inventory import Calls, Example, Inventory
from jira_compat.audit.counting.redaction import Redaction
from jira_compat.audit.counting.request_ids import RequestIds
from jira_compat.audit.counting.tally import Origin, Tally
from jira_compat.audit.counting.timestamps import plausible
from jira_compat.audit.files.attachments import Beside
from jira_compat.audit.files.captures import Capture, open_capture
from jira_compat.audit.files.decompress import CHUNK, ChunkFile, unpack
from jira_compat.audit.files.lines import blocks
from jira_compat.audit.files.problems import EmptyError, OtherLogError, Problem, Skipped, UnreadableError
from jira_compat.audit.readers.access_log import read_access_log
from jira_compat.audit.readers.detect import EMPTY, WITH_LINES, Kind, head_of, kind_of, without_mark
from jira_compat.audit.readers.event_log import client_of, read_event_log
from jira_compat.audit.readers.har import read_har
from jira_compat.audit.readers.json_lines import read_json_log
from jira_compat.audit.readers.log_formats import FORMATS_OF, Format, compile_format
from jira_compat.audit.readers.other_logs import may_be_answered_request
from jira_compat.events import vocabulary
from jira_compat.events.identity import Identity
from jira_compat.model import Exchange
from jira_compat.policy.index import PolicySet
from jira_compat.stderr import reason

Tick = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How to read.

    Args:
        policies: The rules.
        max_body: The longest body that is read, in bytes.
        identity: How users are shown.
        key: Under which their names are hashed.
        kind: Of every capture; ``None`` to tell by content.
        pattern: Of a line, for kind ``pattern``.
        origin: Which of several addresses is the client's, given the balancers; picklable.
        keep_ids: Whether ids of Jira's requests are kept, since its other log has them, too.
    """

    policies: PolicySet
    max_body: int
    identity: Identity
    key: bytes
    kind: Kind | None = None
    pattern: str | None = None
    origin: Origin | None = None
    keep_ids: bool = False


@dataclass(frozen=True, slots=True)
class Part:
    """A capture, or whole lines of it from one byte to another; ``end`` is ``None`` for all there is."""

    capture: Capture
    start: int = 0
    end: int | None = None
    kind: Kind | None = None


@dataclass(slots=True)
class PartResult:
    """What was in a part.

    Args:
        capture: The file.
        kind: What it is; ``None`` if that could not be told.
        calls: How many calls it told of.
        lines: How many lines it has, if it has lines.
        whole: Whether the part was read to its end, as far as that can be.
        request_ids: Of the requests of Jira's log, if they are kept.
        all_ids: Whether there was room for all of them.
        inventory: The calls.
        skipped: What could not be read in it.
        problems: What else was wrong.
    """

    capture: Capture
    skipped: Skipped
    kind: Kind | None = None
    calls: int = 0
    lines: int = 0
    whole: bool = True
    request_ids: array[int] = field(default_factory=lambda: array("Q"))
    all_ids: bool = True
    inventory: Inventory = field(default_factory=Inventory)
    problems: list[Problem] = field(default_factory=list)


class Reader:
    """Reads parts one after the other, and keeps what it knows of requests.

    Args:
        options: How to read.
        known: Ids of the requests that were counted in Jira's other log.
    """

    def __init__(self, options: ReadOptions, known: set[int] | None = None) -> None:
        self._options = options
        self._known = known
        self._classifier = Classifier(options.policies, options.max_body)
        self._redaction = Redaction(options.identity, options.key)

    def read(self, part: Part, result: PartResult, tick: Tick) -> None:
        """Read a part; problems go to ``result``.

        Args:
            part: What to read.
            result: Where it goes, as it is read.
            tick: Is told of bytes that were read; may raise to end it.
        """
        try:
            with open_capture(part.capture) as stream:
                self._read(stream, part, result, tick)
        except OSError as error:
            what = f"cannot be read ({reason(error)}); check its name and permissions"
            result.problems.append(Problem(part.capture.name, what))
        except EmptyError as error:  # in a folder it is a log that was rotated, or not begun
            result.problems.append(Problem(part.capture.name, str(error), unread=not part.capture.is_listed))
        except UnreadableError as error:
            result.problems.append(Problem(part.capture.name, str(error)))

    def _read(self, stream: io.BufferedReader, part: Part, result: PartResult, tick: Tick) -> None:
        if part.start or part.end is not None:
            content = _between(stream, part.start, part.end, tick)
        else:
            content = unpack(stream, tick)
        kind = part.kind or self._options.kind
        if kind is None or part.kind is None or (kind == "events" and not part.start):
            head, content = head_of(content)
            try:
                kind = _kind(head, self._options.kind)
            except OtherLogError:
                _pass_by(content, result)
                return
        result.kind = kind
        result.skipped.mark = ":" if kind in WITH_LINES else "#"
        self._dispatch(kind, content if part.start else without_mark(content), result)

    def _dispatch(self, kind: Kind, content: Iterator[bytes], result: PartResult) -> None:
        name, skipped = result.capture.name, result.skipped
        if kind == "har":
            beside = Beside(result.capture.path)
            self._exchanges(read_har(content, name, skipped, beside.read), result)
        elif kind == "flows":
            from jira_compat.audit.readers.flows import read_flows  # noqa: PLC0415 - mitmproxy takes a second

            stream = io.BufferedReader(ChunkFile(content))
            self._exchanges(read_flows(stream, name, skipped), result)
        elif kind == "events":
            for calls in read_event_log(content, result.inventory, self._redaction, skipped, _counting(result)):
                result.calls += calls
        else:
            self._lines(kind, content, result)

    def _lines(self, kind: Kind, content: Iterator[bytes], result: PartResult) -> None:
        requests = RequestIds(self._known) if self._options.keep_ids and kind == "jira" else None
        tally = Tally(
            self._classifier,
            result.inventory,
            self._redaction,
            result.skipped,
            origin=self._options.origin,
            requests=requests,
        )
        try:
            if kind == "json":
                read_json_log(content, tally, result.skipped, _counting(result))
            else:
                read_access_log(content, self._forms(kind), tally, result.skipped, _counting(result))
        finally:
            tally.flush()
            result.calls = tally.calls
            result.skipped.no_request += tally.no_request
            if requests is not None:
                result.request_ids, result.all_ids = requests.kept, not requests.is_full

    def _exchanges(self, exchanges: Iterator[tuple[int, Exchange]], result: PartResult) -> None:
        for number, found in exchanges:
            result.calls += 1
            exchange = _with_origin(found, self._options.origin)
            add_exchange(exchange, (result.capture.name, number), self._classifier, result.inventory, self._redaction)

    def _forms(self, kind: Kind) -> tuple[Format, ...]:
        return (compile_format("pattern", self._options.pattern or ""),) if kind == "pattern" else FORMATS_OF[kind]


def _with_origin(exchange: Exchange, origin: Origin | None) -> Exchange:
    """An exchange with the client's address, behind balancers."""
    if origin is None or exchange.client is None:
        return exchange
    fields = (value for name, value in exchange.request.headers if name.lower() == b"x-forwarded-for")
    return replace(exchange, client=origin(exchange.client, b",".join(fields).decode("latin-1")))


def empty_result(capture: Capture) -> PartResult:
    """Nothing yet."""
    return PartResult(capture, Skipped(capture.name, ":"))


def _kind(head: bytes, wanted: Kind | None) -> Kind:
    """The kind of a capture.

    Raises:
        EmptyError: It has no content.
        UnreadableError: It is of no known kind, or an event log was wanted and it is another.
        OtherLogError: It is a log without requests.
    """
    if wanted is not None and wanted != "events":
        if not head.strip():
            raise EmptyError(EMPTY)
        return wanted
    try:
        kind = kind_of(head)
    except (UnreadableError, OtherLogError) as error:
        if wanted is None or isinstance(error, EmptyError):
            raise
        return wanted
    if wanted is not None and kind != wanted:
        raise UnreadableError(f"this is not an event log (it looks like {kind}); use `jira-compat audit`")
    return kind


def _pass_by(content: Iterator[bytes], result: PartResult) -> None:
    """Read a log without requests, and make sure that it has none."""
    for block in blocks(content, lambda _: None):
        result.lines = block.first + block.content.count(b"\n") - block.whole
        if (place := may_be_answered_request(block.content)) is not None:
            line = block.first + block.content.count(b"\n", 0, place)
            what = "this looks like a request among messages, and the file was not read; name its kind with --kind"
            result.problems.append(Problem(f"{result.capture.name}:{line}", what))
            return
    result.skipped.no_request += result.lines
    result.skipped.note("a log of messages without requests; there is nothing to count")


def _counting(result: PartResult) -> Callable[[int], None]:
    def count(lines: int) -> None:
        result.lines = lines

    return count


def _between(stream: io.BufferedReader, start: int, end: int | None, tick: Tick) -> Iterator[bytes]:
    stream.seek(start)
    while chunk := stream.read(CHUNK if end is None else min(CHUNK, end - start)):
        start += len(chunk)
        tick(len(chunk))
        yield chunk


def add_exchange(
    exchange: Exchange, place: tuple[str, int], classifier: Classifier, inventory: Inventory, redaction: Redaction
) -> None:
    """Classify an exchange and add it; ``place`` is its file and number."""
    verdict = classifier.classify(exchange.request)
    facts = vocabulary.exchange_facts(exchange)
    file, number = place
    line = redaction.line(verdict.subject, exchange.request.method, facts["url.path"])
    at = plausible(exchange.started)
    statuses = {exchange.response.status: 1} if exchange.response is not None else {}
    carried = {} if verdict.carried is None else {verdict.carried: 1}
    calls = Calls(1, at, at, statuses, carried, verdict.fields, 0, Example(file, "#", number, line))
    inventory.add(verdict, client_of(facts, redaction), calls)
