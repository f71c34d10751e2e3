"""One worker, looked after by a test."""

import asyncio

from build import shipped_in_force
from jira_compat.proxy.start import Serve
from jira_compat.proxy.workers.listening import listen
from jira_compat.proxy.workers.spawned import Spawned
from jira_compat.proxy.workers.work import Work

NOBODY = ("127.0.0.1", 1)


def working(tmp_path, tale, **what):
    """What a coroutine makes of a worker and the port that it listens on."""

    async def run():
        (listening,) = sockets = listen("127.0.0.1", 0)
        serving = Serve(
            ("127.0.0.1", 0), **{"upstream": "http://127.0.0.1:9", "options": {"confdir": str(tmp_path)}} | what
        )
        work = Work(serving, (listening.fileno(),), shipped_in_force(), "key")
        worker = await Spawned.start(work, None)
        try:
            return await asyncio.wait_for(tale(worker, listening.getsockname()[1]), 60)
        finally:
            worker.kill()
            await worker.ended()
            for one in sockets:
                one.close()

    return asyncio.run(run())
