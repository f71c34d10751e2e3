"""``python -m jira_compat.standin``: the stand-in by itself, until Ctrl-C."""

import argparse
import signal
import sys
import threading
from typing import get_args

from jira_compat.standin.server import StandIn
from jira_compat.standin.state import Mode

GUIDE = """\
A stand-in for Jira ({mode}) listens on {url}
  users   {users}; tokens admin-token and fred-token
  groups  jira-administrators, jira-software-users
  issues  DEMO-1 to DEMO-100, OPS-1 to OPS-20; note.txt is attached to DEMO-1
  try     curl -u {login} {url}/rest/api/2/myself
Ctrl-C ends it.
"""


def main(arguments: list[str] | None = None) -> int:
    """Run until interrupted.

    Returns:
        Exit status: 0 after Ctrl-C, 1 if the port cannot be had; argparse exits with 2 for wrong usage.
    """
    parser = argparse.ArgumentParser(prog="python -m jira_compat.standin", description="A small Jira on loopback.")
    parser.add_argument("--mode", "--manners", choices=get_args(Mode), default="server", help="default: server")
    parser.add_argument("--port", type=int, default=8081, help="default: 8081; 0 takes a free one")
    chosen = parser.parse_args(arguments)
    ended = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: ended.set())
    try:
        with StandIn(chosen.mode, port=chosen.port, remember=0) as standin:
            today = chosen.mode == "cloud-today"
            users = "admin@example.com and fred@example.com" if today else "admin/admin and fred/fred"
            login = "admin@example.com:admin-token" if today else "admin:admin"
            sys.stdout.write(GUIDE.format(mode=chosen.mode, url=standin.url, users=users, login=login))
            sys.stdout.flush()
            ended.wait()
    except (OSError, OverflowError) as error:
        sys.stderr.write(f"standin: port {chosen.port}: {error}; choose another with --port\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
