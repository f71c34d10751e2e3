"""The cases: what a client sends, and what may come of it."""

import base64
import functools
import gzip
import hashlib
import json
import os
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import brotli  # type: ignore[import-untyped]
import zstandard
from ruamel.yaml import YAML

CACHE = Path(__file__).parents[2] / ".pytest_cache" / "corpus"
FOLDER = Path(__file__).parent / "cases"
SECRET = "hunter2-staple"
"""In whatever form it stands in a case: what must never reach the upstream."""

_MEDIA_TYPES = {"json": "application/json", "form": "application/x-www-form-urlencoded"}


@dataclass(frozen=True)
class Expected:
    """One thing that may come of a request.

    Args:
        kind: ``refused`` (by a rule of ours, in Jira's shape), ``rejected`` (as malformed HTTP), ``stopped``
            (either, or a closed connection), ``silent`` (that, or no answer at all),
            ``mended`` (forwarded as well-formed HTTP, which it was not) or ``forwarded``.
        status: Of the answer, where it matters.
        forwarded: What the upstream may get instead of what was sent: ``method``, ``target``, and one of ``json``,
            ``form``, ``parts`` and ``text``.
    """

    kind: str
    status: int | None = None
    forwarded: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True)
class Case:
    """One connection of a client.

    Args:
        id: Group and name.
        group: Stem of the file it stands in.
        why: What it tries, or shows.
        raw: All that the client sends.
        half_close: Whether the client then says that nothing follows.
        expected: For each request in ``raw``, what may come of it: one of several.
        refusable: Whether a proxy of another kind does as well to refuse it, since no client sends the like.
        elsewhere: ``expected`` for a kind of proxy that cannot do as well, by its name.
    """

    id: str
    group: str
    why: str
    raw: bytes
    half_close: bool
    expected: tuple[tuple[Expected, ...], ...]
    refusable: bool
    elsewhere: dict[str, tuple[tuple[Expected, ...], ...]]

    def expected_of(self, kind: str) -> tuple[tuple[Expected, ...], ...]:
        return self.elsewhere.get(kind, self.expected)


UNCHANGED = Expected("forwarded")


@functools.cache
def load() -> tuple[Case, ...]:
    """Every case of every file."""
    files = sorted(FOLDER.glob("*.yaml"))
    return tuple(_case(file.stem, entry) for file in files for entry in _entries(file))


def _entries(file: Path) -> list[dict[str, Any]]:
    """The entries of a file; as JSON they are read in a tenth of the time, so that is kept beside pytest's cache."""
    text = file.read_bytes()
    kept = CACHE / f"{hashlib.sha256(text).hexdigest()}.json"
    if not kept.is_file():
        CACHE.mkdir(parents=True, exist_ok=True)
        half = kept.with_suffix(f".{os.getpid()}")
        half.write_text(json.dumps(YAML(typ="safe").load(text)), encoding="utf-8")
        half.replace(kept)
    entries: list[dict[str, Any]] = json.loads(kept.read_text(encoding="utf-8"))
    return entries


_ELSEWHERE = ("mitmdump", "haproxy")
_KEYS = {"id", "why", "request", "headers", "body", "raw", "half_close", "expect", "or", *_ELSEWHERE}


def _case(group: str, entry: dict[str, Any]) -> Case:
    unknown = entry.keys() - _KEYS
    assert not unknown, f"{entry['id']}: {unknown}"
    elsewhere = {kind: _expected(entry[kind]) for kind in _ELSEWHERE if kind in entry}
    return Case(
        id=f"{group}/{entry['id']}",
        group=group,
        why=entry["why"],
        raw=_pieces(entry["raw"], "latin-1") if "raw" in entry else _request(entry),
        half_close=entry.get("half_close", False),
        expected=_expected(entry["expect"]),
        refusable="or" in entry,
        elsewhere=elsewhere,
    )


def _request(entry: dict[str, Any]) -> bytes:
    """A request that asks for the connection to be closed; header fields in Latin-1, as they are."""
    body = entry.get("body")
    content = b"" if body is None else _pieces(body, "utf-8")
    fields = ["Host: jira.example.com", "Connection: close", *entry.get("headers", [])]
    names = {field.partition(":")[0].lower() for field in fields}
    if isinstance(body, dict) and "content-type" not in names:
        fields += [f"Content-Type: {media}" for key, media in _MEDIA_TYPES.items() if key in body]
    if body is not None and not names & {"content-length", "transfer-encoding"}:
        fields.append(f"Content-Length: {len(content)}")
    head = "\r\n".join([f"{entry['request']} HTTP/1.1", *fields, "", ""])
    return head.encode("latin-1") + content


def _pieces(spec: Any, charset: str) -> bytes:
    if isinstance(spec, list):
        return b"".join(_pieces(piece, charset) for piece in spec)
    if isinstance(spec, str):
        return bytes(spec.encode(charset))
    steps = spec.get("as", [])
    content: bytes = _source(spec, charset) * spec.get("times", 1)
    for step in [steps] if isinstance(steps, str) else steps:
        content = _STEPS[step](content) if step in _STEPS else content.decode().encode(step)
    return content


def _source(spec: dict[str, Any], charset: str) -> bytes:
    (name,) = spec.keys() - {"as", "times"}
    source: Any = spec[name]
    if name == "hex":
        return bytes.fromhex(source)
    if name == "base64":
        return base64.b64decode(source)
    if name == "lines":
        return "".join(f"{line}\r\n" for line in source).encode(charset)
    assert name in {"text", "json", "form", "join"}, name
    return _pieces(source, charset)


def _chunked(content: bytes, size: int) -> bytes:
    pieces = [content[at : at + size] for at in range(0, len(content), size)]
    return b"".join(b"%x\r\n%b\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def _bare_deflate(content: bytes) -> bytes:
    return zlib.compress(content, wbits=-15)


_STEPS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": functools.partial(gzip.compress, mtime=0),
    "deflate": zlib.compress,
    "bare-deflate": _bare_deflate,
    "br": functools.partial(brotli.compress, quality=5),
    "zstd": lambda content: zstandard.ZstdCompressor().compress(content),
    "base64": base64.b64encode,
    "chunked": lambda content: _chunked(content, 1 << 16),
    "chunked-1": lambda content: _chunked(content, 1),
    "chunked-7": lambda content: _chunked(content, 7),
}


def _expected(spec: Any) -> tuple[tuple[Expected, ...], ...]:
    requests = spec if isinstance(spec, list) else [spec]
    return tuple(
        tuple(map(_one, one["any"])) if isinstance(one, dict) and "any" in one else (_one(one),) for one in requests
    )


def _one(spec: Any) -> Expected:
    if isinstance(spec, dict):
        assert not spec.keys() - {"method", "target", "json", "form", "parts", "text"}, spec
        texts = {"text": _pieces(spec["text"], "utf-8").decode()} if "text" in spec else {}
        return Expected("forwarded", None, tuple({**spec, **texts}.items()))
    if spec == "unchanged":
        return UNCHANGED
    kind, _, status = spec.partition(" ")
    assert kind in {"refused", "rejected", "stopped", "silent", "mended"}, spec
    assert (kind == "refused") <= bool(status), spec
    return Expected(kind, int(status) if status else None)
