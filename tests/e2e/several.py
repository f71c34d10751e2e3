"""Several workers as one proxy, as clients, monitoring and the system see it."""

import http.client
import json
import re
import socket
from contextlib import closing, contextmanager

from prometheus_client.parser import text_string_to_metric_families

from e2e.processes import children, clients
from live import PATIENCE, SERVE, live_proxy, wait_until

_ADMIN = re.compile(r"health and metrics on http://127\.0\.0\.1:(\d+)\n")


@contextmanager
def served(tmp_path, upstream, number=2, program=SERVE, **options):
    """A proxy, and the port of its pages."""
    options = {"workers": number, "admin": "127.0.0.1:0", "confdir": tmp_path / "confdir", **options}
    url = None if upstream is None else upstream.url
    with live_proxy("serve", tmp_path / "events.jsonl", upstream=url, options=options, program=program) as proxy:
        found = _ADMIN.search(proxy.text())
        assert found is not None, proxy.text()
        yield proxy, int(found[1])
    assert "Traceback" not in proxy.text()


def get(port, path):
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)) as client:
        client.request("GET", path)
        answer = client.getresponse()
        return answer.status, answer.read().decode()


def ready(port):
    code, text = get(port, "/readyz")
    return code, json.loads(text)


def samples(port):
    families = text_string_to_metric_families(get(port, "/metrics")[1])
    return {(one.name, *one.labels.values()): one.value for family in families for one in family.samples}


def connected(port):
    return socket.create_connection(("127.0.0.1", port), PATIENCE)


def one_for_each(proxy, stack):
    """Connections until each worker has accepted one; by worker, their sockets."""
    found: dict[int, list[socket.socket]] = {pid: [] for pid in children(proxy.process.pid)}

    def another():
        client = stack.enter_context(connected(proxy.port))
        port = client.getsockname()[1]
        pid = wait_until(lambda: [pid for pid in found if port in clients(pid, proxy.port)], "it to be accepted")[0]
        found[pid].append(client)
        return all(found.values())

    wait_until(another, "a connection for each worker")
    return found


def hangs_up(client):
    """Whether a connection is closed or reset without a byte."""
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True
