"""The heartbeat of workers: one that leaves too many beats in a row unanswered hangs.

Beats and not seconds, because the parent may have been stopped itself, by a debugger or with the whole machine: however
long that was, it is one beat, and the answers of that time are read before the next one.
"""

import asyncio

from jira_compat.proxy.workers.worker_process import WorkerProcess

BEAT = 1.0
"""Seconds between two questions."""
LEAST = 60
"""Beats in a row without an answer: who misses as many hangs, unless large bodies may keep it as long."""
PER_MEGABYTE = 3
"""The same for each megabyte that a body may have, as one decision may take 0.5 s for each: so long do arrays within
arrays that never end, on slow cores. Others wait in the same turn, and processors are shared.
"""
START = 300
"""The same for one that has not sent anything yet: a start takes 2 s, but many may start at a time."""


def longest(max_body: int) -> int:
    """Beats that one who works may leave unanswered.

    Args:
        max_body: Bytes that a body may have.
    """
    return max(LEAST, PER_MEGABYTE * max_body // 1_000_000)


async def silence(worker: WorkerProcess, max_body: int) -> float:
    """Wait until a worker hangs; for how many seconds it has not answered then.

    Args:
        worker: Who is asked.
        max_body: See :func:`longest`.
    """
    missed = 0
    while missed < (bound := longest(max_body) if worker.speaks else START):
        answered = worker.answered
        worker.ask()
        await asyncio.sleep(BEAT)
        missed = missed + 1 if worker.answered == answered else 0
    return bound * BEAT
