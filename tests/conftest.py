"""For all tests: a busy machine is no failure, and what asserts outside of a test says what it saw."""

import pytest
from hypothesis import HealthCheck, settings

pytest.register_assert_rewrite("fail_closed.client", "fail_closed.upstream", "fail_closed.proxies")

settings.register_profile("patient", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("patient")
