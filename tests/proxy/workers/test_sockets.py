import errno
import socket

import pytest

from jira_compat.proxy.settings.preflight import reason
from jira_compat.proxy.workers.sockets import listen


def close(sockets):
    for one in sockets:
        one.close()


def test_any_port_is_one_port_for_all_addresses():
    sockets = listen("localhost", 0)
    assert len({one.getsockname()[1] for one in sockets}) == 1
    with socket.create_connection(("localhost", sockets[0].getsockname()[1]), 5):
        close(sockets)


def test_an_address_has_one_owner():
    sockets = listen("127.0.0.1", 0)
    with pytest.raises(OSError) as caught:
        listen(*sockets[0].getsockname())
    assert caught.value.errno == errno.EADDRINUSE
    close(sockets)


@pytest.mark.parametrize(
    ("host", "why"),
    [("192.0.2.1", "cannot assign requested address"), ("no.such.host.invalid", "no such address")],
)
def test_what_is_not_here_cannot_be_listened_on(host, why):
    with pytest.raises(OSError) as caught:
        listen(host, 0)
    assert reason(caught.value) == why
