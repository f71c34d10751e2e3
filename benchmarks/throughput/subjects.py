"""The proxies that are compared, each as a command line."""

import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent
STOCK = "mitmdump, no addon"

_REMOVED = (
    ("POST", "user/application"),
    ("DELETE", "user/application"),
    ("PUT", "user/password"),
    ("PUT", "myself"),
    ("PUT", "myself/password"),
    ("GET", "password/policy"),
    ("POST", "password/policy/createUser"),
    ("POST", "password/policy/updateUser"),
)


@dataclass(frozen=True)
class Subject:
    """A proxy: its name and what starts it."""

    name: str
    command: list[str]


def subjects(upstream: str, port: int, folder: Path) -> list[Subject]:
    """Every proxy that is compared, the stock one first."""
    dump = [str(BIN / "mitmdump"), "-q", "--listen-host", "127.0.0.1", "--listen-port", str(port)]
    dump += ["--mode", f"reverse:{upstream}", "--set", f"confdir={folder / 'confdir'}", "--set", "ssl_insecure=true"]
    events = folder / "events.jsonl"
    serve = [sys.executable, "-m", "jira_compat", "serve", "--listen", f"127.0.0.1:{port}", "--upstream", upstream]
    serve += ["--events", str(events), "--confdir", str(folder / "confdir"), "--insecure"]
    hand_written = Path(__file__).with_name("hand_written.py")
    return [
        Subject(STOCK, dump),
        Subject("jira-compat serve", serve),
        Subject(
            "mitmdump -s addon/main.py", [*dump, "-s", str(ROOT / "addon/main.py"), "--set", f"jira_events={events}"]
        ),
        Subject("mitmdump, block_list + modify_body", [*dump, *_built_in()]),
        Subject("mitmdump, 20 lines of addon", [*dump, "-s", str(hand_written)]),
    ]


def _built_in() -> list[str]:
    """The fifteen rows as an experienced user of mitmproxy would write them."""
    words = []
    for method, path in _REMOVED:
        words += ["--set", f'block_list=#~m "^{method}$" & ~u "/rest/api/[^/]+/{path}([?]|$)"#410']
    for method in ("POST", "PUT"):
        where = f'~q & ~m "^{method}$" & ~u "/rest/api/[^/]+/user([?]|$)"'
        words += ["--set", f'modify_body=#{where}#"password"\\s*:\\s*"[^"]*",?#']
    return words
