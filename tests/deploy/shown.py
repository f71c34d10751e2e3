"""What a proxy with several workers shows at /metrics."""

from collections import Counter

from prometheus_client.parser import text_string_to_metric_families

from jira_compat.proxy.admin.metrics import Metrics
from jira_compat.proxy.admin.state import State
from jira_compat.proxy.exchange.counters import Counts

_COUNTS = Counts(rules=Counter([("policy", "rule", "removed", "respond")]))
_TEXT = Metrics(lambda: State(_COUNTS, digest="sha256:1", workers=2)).page().body.decode()
METRICS = {sample.name for family in text_string_to_metric_families(_TEXT) for sample in family.samples}
