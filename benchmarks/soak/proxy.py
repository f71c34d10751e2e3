"""The proxy that is soaked: its process, its memory, its metrics, its events, its policies that change."""

import asyncio
import contextlib
import json
import re
import shutil
import signal
import sys
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from pathlib import Path

from benchmarks.soak.plan import SECRET

ROOT = Path(__file__).parents[2]
_LISTENING = re.compile(r"listening on https?://127\.0\.0\.1:(\d+)")
_ADMIN = re.compile(r"health and metrics on http://127\.0\.0\.1:(\d+)")
_ANOTHER = """policy: soak
title: A policy that comes and goes
source: https://example.com
rules:
  - {id: watch-fields, endpoint: GET /rest/api/2/field, change: unchanged, why: To be another set.}
"""


class Proxy:
    """``jira-compat serve`` in a process of its own."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.port = 0
        self.said: list[str] = []
        self.listens = asyncio.Event()
        self._admin = 0
        self.pid = process.pid
        self._process = process
        self._folder = folder

    async def read(self) -> None:
        """Read its output until it has ended."""
        assert self._process.stderr is not None  # noqa: S101 - it is a pipe
        async for line in self._process.stderr:
            text = line.decode()
            self.said.append(text)
            if found := _ADMIN.search(text):
                self._admin = int(found[1])
            if found := _LISTENING.search(text):
                self.port = int(found[1])
                self.listens.set()

    def memory(self, which: str = "VmRSS") -> float:
        """Resident, in MB; ``VmHWM`` is the highest so far."""
        status = Path(f"/proc/{self.pid}/status").read_text(encoding="ascii")
        return int(status.partition(f"{which}:")[2].split()[0]) * 1024 / 1e6

    def forget_peak(self) -> None:
        """Reset the highest value to the current one."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5", encoding="ascii")

    async def metrics(self) -> dict[str, float]:
        """Its metrics; those with labels are added up."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self._admin)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: soak\r\n\r\n")
        text = (await reader.read()).decode()
        writer.close()
        sums: defaultdict[str, float] = defaultdict(float)
        for name, value in re.findall(r"(?m)^(jira_compat_\w+)(?:\{[^}]*\})? (\S+)$", text):
            sums[name] += float(value)
        return dict(sums)

    def change_policies(self, turn: int) -> None:
        """Write another set, an invalid one, or the first again; then request a reload."""
        file = self._folder / "policies" / "another.yaml"
        if turn % 3 == 2:
            file.unlink()
        else:
            file.write_text(_ANOTHER if turn % 3 == 0 else "policy: [", encoding="utf-8")
        self._process.send_signal(signal.SIGHUP)

    def events(self) -> tuple[dict[str, list[str]], Counter[str]]:
        """The names of the events of each request, and how many there are of each other kind."""
        text = (self._folder / "events.jsonl").read_text(encoding="ascii")
        if SECRET in text:
            sys.exit("soak: a secret stands in the events")
        by_request: dict[str, list[str]] = {}
        others: Counter[str] = Counter()
        for event in map(json.loads, text.splitlines()):
            if "request_id" in event:
                by_request.setdefault(event["request_id"], []).append(event["event"])
            else:
                others[event["event"]] += 1
        return by_request, others


@contextlib.asynccontextmanager
async def running(upstream: str, folder: Path, options: list[str]) -> AsyncIterator[Proxy]:
    """Start the proxy, and end it as an operator would."""
    shutil.copytree(ROOT / "policies", folder / "policies", ignore=shutil.ignore_patterns("*.md"))
    command = [sys.executable, "-m", "jira_compat", "serve", "--listen", "127.0.0.1:0", "--upstream", upstream]
    command += ["--admin", "127.0.0.1:0", "--profile", "staging", "--policies", str(folder / "policies")]
    command += ["--events", str(folder / "events.jsonl"), "--confdir", str(folder / "confdir"), *options]
    process = await asyncio.create_subprocess_exec(*command, stderr=asyncio.subprocess.PIPE)
    proxy = Proxy(process, folder)
    reading = asyncio.ensure_future(proxy.read())
    try:
        async with asyncio.timeout(60):
            await asyncio.wait([asyncio.ensure_future(proxy.listens.wait()), reading], return_when="FIRST_COMPLETED")
        if not proxy.port:
            sys.exit(f"soak: the proxy did not start: {''.join(proxy.said)}")
        yield proxy
    finally:
        if process.returncode is None:
            process.terminate()
        await process.wait()
        await reading
