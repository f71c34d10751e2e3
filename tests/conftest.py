"""For all tests: a busy machine is no failure, and what asserts outside of a test says what it saw."""

import signal

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("fail_closed.client", "fail_closed.upstream", "fail_closed.proxies", "e2e.several")

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")

# A shell ignores SIGINT for what it runs in the background, and so would all that tests start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
