"""For all tests: a busy machine is no failure, and what asserts outside of a test says what it saw."""

import gc
import os
import signal
from typing import Any

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("fail_closed.client", "fail_closed.upstream", "fail_closed.proxies", "e2e.several")

PATIENT: dict[str, Any] = {"deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("same", derandomize=True, database=None, **PATIENT)
settings.register_profile("random", **PATIENT)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))  # `make fuzz` searches at random

# A shell ignores SIGINT for what it runs in the background, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


gc.disable()  # collecting tests makes no garbage worth looking for: it takes a fifth of the time


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()


def pytest_make_parametrize_id(val: object) -> str | None:
    """Give a case the same name in every process: no address of a function, no time within compressed bytes."""
    if callable(val):
        return getattr(val, "__name__", None)
    if isinstance(val, bytes) and not val.isascii():
        return f"{len(val)} bytes"
    if isinstance(val, set | frozenset):
        return " ".join(sorted(map(str, val)))
    return None
