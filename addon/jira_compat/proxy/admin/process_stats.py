"""Memory, processor time and open files of one process or several, as one proxy's."""

from collections.abc import Callable, Iterable, Iterator

from prometheus_client import ProcessCollector
from prometheus_client.core import Metric
from prometheus_client.registry import Collector

_USED = "process_cpu_seconds"
_OF_THE_FIRST = {"process_start_time_seconds", "process_max_fds"}
"""The metrics of the first process alone: they have no sum."""


class Processes(Collector):
    """Reads ``/proc`` when asked; elsewhere there is nothing to read. Processor time of what has ended stays counted.

    Args:
        pids: The processes, the one that has the others first.
    """

    def __init__(self, pids: Callable[[], Iterable[int]]) -> None:
        self._pids = pids
        self._used: dict[int, float] = {}
        self._used_by_ended = 0.0

    def describe(self) -> Iterable[Metric]:
        """Nothing is collected just to learn the names."""
        return ()

    def collect(self) -> Iterator[Metric]:
        """Yield the metrics of this moment."""
        pids = tuple(self._pids())
        first, *others = ({one.name: one for one in _of(pid)} for pid in pids)
        used = {pid: _value(of[_USED]) for pid, of in zip(pids, [first, *others], strict=True) if _USED in of}
        self._used_by_ended += sum(seconds for pid, seconds in self._used.items() if pid not in used)
        self._used = used
        for name, metric in first.items():
            rest = 0.0 if name in _OF_THE_FIRST else sum(_value(of[name]) for of in others if name in of)
            rest += self._used_by_ended if name == _USED else 0.0
            (sample,) = metric.samples
            metric.samples = [sample._replace(value=sample.value + rest)]
            yield metric


def _of(pid: int) -> Iterable[Metric]:
    return ProcessCollector(pid=lambda: pid, registry=None).collect()


def _value(metric: Metric) -> float:
    return metric.samples[0].value
