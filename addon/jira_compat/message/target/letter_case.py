"""Jira's paths are case-sensitive; a server in front of it may fold them."""

import re
from collections.abc import Sequence

_HUMPS = re.compile(r"[a-z0-9-]{2,}(?:[A-Z][a-z0-9]+)*")
_FIXED = frozenset({"rest", "api", "auth", "latest"})
_API_WORDS = 4  # rest, module, version, resource; behind them stand users' words too: /project/PASSWORD


def miscased(words: Sequence[str]) -> bool:
    """Return whether an API word is not as Jira writes its own: in lower case, or in camelCase as ``serverInfo``."""
    folded = [word.casefold() for word in words]
    first, last = _api_words(folded)
    return any(
        word != low and (low in _FIXED or not _HUMPS.fullmatch(word))
        for word, low in zip(words[first:last], folded[first:last], strict=True)
    )


def spellings(words: list[str]) -> list[list[str]]:
    """The segments as they are; where an API word is miscased, also with all or only those words folded.

    Only those, because a word behind them that a rule names may be in camelCase.
    """
    if not miscased(words):
        return [words]
    folded = [word.casefold() for word in words]
    _, last = _api_words(folded)
    return [folded, folded[:last] + words[last:], folded[: last - 1] + words[last - 1 :], words]


def _api_words(folded: Sequence[str]) -> tuple[int, int]:
    """From ``rest`` to the resource; the root spelling leaves ``rest`` out, or ``api`` before ``auth``."""
    if "rest" in folded:
        first = folded.index("rest")
        return first, first + _API_WORDS
    if folded[0] != "api":
        return 0, 0
    return 0, _API_WORDS if folded[1:2] == ["auth"] else _API_WORDS - 1
