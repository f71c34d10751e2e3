"""How inputs are varied so that they stay worth a try: in their parts, with the words of their dictionary."""

import ast
import random
import re
from collections.abc import Callable
from pathlib import Path

Mutate = Callable[[bytes, int], bytes]
"""libFuzzer's own mutation of some bytes, to at most so many."""

HERE = Path(__file__).parent
ENDPOINTS = (
    *(b"user", b"user/application", b"user/password", b"myself", b"myself/password", b"password/policy"),
    *(b"password/policy/createUser", b"password/policy/updateUser", b"group", b"issue/A-1"),
)
PREFIXES = (b"/rest/api/2/", b"/rest/api/latest/", b"/jira/rest/api/3/", b"/api/2/", b"/rest/api/2.0.alpha1/")
METHODS = (b"POST", b"PUT", b"GET", b"DELETE")
SELECTIONS = (
    *(b"remove /password", b"remove /password /a/password", b"remove /*/password", b"remove /a/*/b /c", b"remove /0"),
    *(b"keep /active", b"keep /a/b /c", b"keep /*/a", b"keep /a/*"),
)
WAYS = (b"", b"", b"", b"utf-16-le", b"utf-16", b"utf-32-be", b"utf-8-sig", b"latin-1")
CODINGS = (
    *((b"", b""),) * 6,
    *((b"gzip", b"gzip"), (b"gzips", b"gzip"), (b"deflate", b"deflate"), (b"bare", b"deflate"), (b"br", b"br")),
    *((b"zstd", b"zstd"), (b"gzip", b""), (b"", b"gzip"), (b"gzip", b"br")),
)
TYPES = (
    *(b"application/json", b"application/json", b"application/x-www-form-urlencoded", b"text/plain"),
    *(b"multipart/form-data; boundary=b", b"multipart/mixed; boundary=b", b"multipart/form-data"),
    *(b"application/json; charset=utf-16", b"application/json; charset=latin1", b"a/b; charset=windows-1252"),
)


def words(target: str) -> list[bytes]:
    """The dictionary of a target, which libFuzzer reads as well."""
    lines = (HERE / f"{target}.dict").read_text().splitlines()
    return [ast.literal_eval(f"b{line}") for line in lines]


def of(target: str, mutate: Mutate) -> Callable[[bytes, int, int], bytes]:
    """The mutation of a target's inputs, in the shape that atheris wants: input, most bytes, seed."""
    vary = {"body": _body, "target": _target, "policy": _policy}[target]
    known = words(target)

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        chance = random.Random(seed)  # noqa: S311 - to be repeated, not to be secret
        return vary(data, chance, known, lambda part: mutate(part, most))[:most]

    return mutated


def _insert(data: bytes, chance: random.Random, known: list[bytes], edges: re.Pattern[bytes]) -> bytes:
    """Put some words in, most of them where something begins or ends, and perhaps in the place of something."""
    for _ in range(chance.randint(1, 4)):
        places = [match.start() for match in edges.finditer(data)] if chance.random() < 0.7 else []
        at = chance.choice(places or range(len(data) + 1))
        gone = chance.choice((0, 0, 0, 1, 3))
        data = data[:at] + chance.choice(known) + data[at + gone :]
    return data


_BODY_EDGES = re.compile(rb"(?<=[{}\[\]:,\"&=;\n])|(?=[{}\[\]:,\"&=;\r])")


def _body(data: bytes, chance: random.Random, known: list[bytes], mutate: Callable[[bytes], bytes]) -> bytes:
    head, _, body = data.partition(b"\n\n")
    way = chance.random()
    if way < 0.3:
        coding, declared = chance.choice(CODINGS)
        head = chance.choice(SELECTIONS) + b" | " + chance.choice(WAYS) + b" " + coding
        head += b"\nContent-Type: " + chance.choice(TYPES) if chance.random() < 0.7 else b""
        head += b"\nContent-Encoding: " + declared if declared else b""
    if 0.1 < way < 0.6:
        body = _insert(body, chance, known, _BODY_EDGES)
    elif way < 0.95:
        body = mutate(body)
    else:
        head = mutate(head)
    return head + b"\n\n" + body


_TARGET_EDGES = re.compile(rb"(?<=[/;?%])|(?=[/;?%]|\Z)")


def _target(data: bytes, chance: random.Random, known: list[bytes], mutate: Callable[[bytes], bytes]) -> bytes:
    way = chance.random()
    if way < 0.4:
        data = chance.choice(METHODS) + b" " + chance.choice(PREFIXES) + chance.choice(ENDPOINTS)
    method, gap, target = data.partition(b" ")
    if way > 0.85:
        return method + gap + mutate(target)
    if chance.random() < 0.3:
        at = chance.randrange(len(target) + 1)
        target = target[:at] + b"".join(b"%%%02X" % octet for octet in target[at : at + 1]) + target[at + 1 :]
    return method + gap + _insert(target, chance, known, _TARGET_EDGES)


_POLICY_EDGES = re.compile(rb"(?m)^|$|(?<=[:\-{\[,] )|(?=[:}\],])")


def _policy(data: bytes, chance: random.Random, known: list[bytes], mutate: Callable[[bytes], bytes]) -> bytes:
    way = chance.random()
    if way < 0.4:
        return _insert(data, chance, known, _POLICY_EDGES)
    if way < 0.7:
        return mutate(data)
    lines = data.splitlines(keepends=True) or [b""]
    at, other = chance.randrange(len(lines)), chance.randrange(len(lines))
    lines[at] = lines[other] if chance.random() < 0.5 else b" " * chance.randint(0, 3) + lines[at].lstrip(b" ")
    if chance.random() < 0.3:
        lines.insert(other, lines[at])
    return b"".join(lines)
