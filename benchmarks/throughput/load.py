"""The load, by wrk, and what it is for: an upstream, by nginx, and the proxies between them, all on loopback."""

import contextlib
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.throughput.subjects import Subject

PORT, UPSTREAM, UPSTREAM_TLS = 18998, 18999, 18997
_UNITS = {"us": 1e-6, "ms": 1e-3, "s": 1.0}
NEEDED = {"nginx": "nginx-light", "wrk": "wrk", "openssl": "openssl"}


@dataclass(frozen=True)
class Measured:
    """A result of wrk: requests per second, and the seconds within which 99 of 100 were answered."""

    rate: float
    p99: float


@dataclass(frozen=True)
class Scenario:
    """A kind of request: what wrk sends, and over what."""

    name: str
    method: str = "GET"
    path: str = "/rest/api/2/issue/ABC-1"
    body: str = ""
    tls: bool = False
    connections: int = 16


SCENARIOS = (
    Scenario("a GET, forwarded unchanged"),
    Scenario(
        "a POST with a field removed",
        "POST",
        "/rest/api/2/user",
        '{"name": "fred", "password": "hunter2", "emailAddress": "fred@example.com", "displayName": "Fred"}',
    ),
    Scenario("a refusal", "PUT", "/rest/api/2/user/password", '{"password": "hunter2"}'),
    Scenario("a GET, TLS on both sides", tls=True),
    Scenario("an upload of 8 MB", "POST", "/rest/api/2/issue/ABC-1/attachments", "8MB", connections=4),
)


@contextlib.contextmanager
def running(subject: Subject, folder: Path) -> Iterator[None]:
    """A proxy that listens; ended by its own handle."""
    with (folder / "output").open("w") as output:
        process = subprocess.Popen(subject.command, stdin=subprocess.DEVNULL, stdout=output, stderr=output)
        try:
            _wait_for(PORT, process)
            yield
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.05)
    sys.exit(f"{process.args!r} did not start")


def load(scenario: Scenario, folder: Path, seconds: int) -> Measured:
    """Have wrk send requests of one kind for so long."""
    scheme = "https" if scenario.tls else "http"
    script = folder / "request.lua"
    body = 'string.rep("x", 8000000)' if scenario.body == "8MB" else f"[[{scenario.body}]]"
    kind = "application/octet-stream" if scenario.body == "8MB" else "application/json"
    lines = [f'wrk.method = "{scenario.method}"']
    if scenario.body:
        lines += [f"wrk.body = {body}", f'wrk.headers["Content-Type"] = "{kind}"']
    script.write_text("\n".join(lines))
    url = f"{scheme}://127.0.0.1:{PORT}{scenario.path}"
    command = ["wrk", "--latency", "-t1", f"-c{scenario.connections}", f"-d{seconds}s", "-s", str(script), url]
    output = subprocess.run(command, capture_output=True, text=True, check=True, timeout=seconds + 60).stdout
    rate = re.search(r"Requests/sec:\s+([\d.]+)", output)
    p99 = re.search(r"99%\s+([\d.]+)(us|ms|s)", output)
    if rate is None or p99 is None:
        sys.exit(f"wrk's output is not understood: {output!r}; check its version")
    return Measured(float(rate[1]), float(p99[1]) * _UNITS[p99[2]])


@contextlib.contextmanager
def upstream(folder: Path) -> Iterator[None]:
    """An upstream that answers at once, and is never the bottleneck."""
    key, certificate = folder / "key.pem", folder / "certificate.pem"
    make = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"]
    subprocess.run([*make, "-keyout", str(key), "-out", str(certificate)], check=True, capture_output=True)
    temporary = "\n".join(
        f"{kind}_temp_path {folder / kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    answer = '{"id": "10000", "key": "ABC-1", "fields": {"summary": "An issue", "labels": []}}'
    (folder / "nginx.conf").write_text(f"""
worker_processes 1; daemon off; pid {folder / "pid"}; error_log {folder / "error.log"};
events {{ worker_connections 1024; }}
http {{
  access_log off; keepalive_requests 10000000; client_max_body_size 0; {temporary}
  server {{
    listen 127.0.0.1:{UPSTREAM}; listen 127.0.0.1:{UPSTREAM_TLS} ssl;
    ssl_certificate {certificate}; ssl_certificate_key {key};
    location / {{ default_type application/json; return 200 '{answer}'; }}
    location ~ attachments$ {{ proxy_pass http://127.0.0.1:{UPSTREAM}; }} # so that the body is read before the answer
  }}
}}""")
    process = subprocess.Popen([find("nginx") or "nginx", "-c", str(folder / "nginx.conf")])
    try:
        _wait_for(UPSTREAM, process)
        yield
    finally:
        process.terminate()
        process.wait(30)


def find(tool: str) -> str | None:
    """Return the path of a program; servers are not always on ``PATH``."""
    return shutil.which(tool) or shutil.which(f"/usr/sbin/{tool}")
