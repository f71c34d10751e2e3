"""One worker, looked after by a test."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

from build import shipped_set
from jira_compat.proxy.settings.preflight import ServeConfig
from jira_compat.proxy.workers.messages import Start
from jira_compat.proxy.workers.sockets import listen
from jira_compat.proxy.workers.worker_process import WorkerProcess

NOBODY = ("127.0.0.1", 1)


@contextmanager
def to_do(tmp_path, **what) -> Iterator[tuple[Start, int]]:
    """What a worker may be told, and the port that it is to listen on."""
    (listening,) = listen("127.0.0.1", 0)
    with listening:
        serving = ServeConfig(
            ("127.0.0.1", 0), **{"upstream": "http://127.0.0.1:9", "options": {"confdir": str(tmp_path)}} | what
        )
        yield Start(serving, (listening.fileno(),), shipped_set(), "key"), listening.getsockname()[1]


def working(tmp_path, tale, **what):
    """What a coroutine makes of a worker and the port that it listens on."""

    async def run():
        with to_do(tmp_path, **what) as (work, port):
            worker = await WorkerProcess.start(work, None)
            try:
                return await asyncio.wait_for(tale(worker, port), 60)
            finally:
                worker.kill()
                await worker.ended()

    return asyncio.run(run())
