"""What is shown is held to mitmproxy's own source, in which every message is looked up and filled with a secret."""

import ast
import logging
import sys
from collections.abc import Iterator
from pathlib import Path

import mitmproxy
import pytest
from hypothesis import given
from hypothesis import strategies as st

from jira_compat.proxy.diagnostics.redaction import OF_OPTIONS, details_of, is_noise, text_of

SECRET = "hunter2-7f3a"
HOME = Path(mitmproxy.__file__).parent
SOURCES = [
    *(HOME / "proxy").rglob("*.py"),
    *(HOME / "net").rglob("*.py"),
    *(HOME / "addons" / f"{name}.py" for name in ("core", "disable_h2c", "next_layer", "proxyserver", "tlsconfig")),
    *(HOME / f"{name}.py" for name in ("addonmanager", "certs", "connection", "http", "master", "optmanager", "tls")),
]
"""What ``serve`` runs of it."""
SERVER = "mitmproxy.proxy.server"
MORE = "This indicates a misconfiguration, see https://docs.mitmproxy.org/stable/concepts-certificates/."
UNTRUSTED = "Client TLS handshake failed. The client does not trust the proxy's certificate for "


def record(message, *args, name=SERVER, level=logging.INFO, exc_info=None, **extra):
    made = logging.getLogger(name).makeRecord(name, level, "/x/file.py", 7, message, args, exc_info, extra=extra)
    made.filename = "file.py"
    return made


def messages(file: Path) -> Iterator[str]:
    """What a file logs; ``{}`` for what is put in."""
    for node in ast.walk(ast.parse(file.read_text())):
        if not isinstance(node, ast.Call):
            continue
        called = ast.unparse(node.func)
        if called in {"Log", "commands.Log", "self.log"} or called.startswith(("logger.", "logging.")):
            yield from (text for one in node.args for text in [template(one)] if text)


def template(node: ast.expr) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
    if isinstance(node, ast.BinOp):
        return template(node.left) or "{}"
    return "{}" if ast.unparse(node) in {"message", "e", "err", "str(e)", "str(ret)", "msg"} else ""


LOGGED = {text for file in SOURCES for text in messages(file)}


def test_messages_are_found():
    assert {"client connect", "server connect {}", "Unexpected data from server: {}", "TLS Error: {}"} <= LOGGED


def shows(text: str, secret: str) -> bool:
    return secret in text_of(record(text.replace("{}", secret)))


def test_only_what_cannot_be_content_is_shown_of_what_is_put_into_a_message():
    """Addresses, names of hosts, and words of OpenSSL and the system."""
    assert {text for text in LOGGED if shows(text, SECRET)} == {
        "Server TLS handshake failed. {}",
        "Streaming request to {}.",
        "Streaming response from {}.",
        "TLS Error: {}",
        "error establishing server connection: {}",
    }
    assert {text for text in LOGGED if shows(text, f"{SECRET}.test:80")} - {
        text for text in LOGGED if shows(text, SECRET)
    } == {
        "Send HTTP/2 keep-alive PING to {}",
        "server connect {}",
        "server connection to {} killed before connect: {}",
        "server disconnect {}",
    }


@pytest.mark.parametrize("text", sorted(text for text in LOGGED if "{}" in text))
@given(foreign=st.text(st.characters(codec="ascii", exclude_characters="{}"), min_size=1))
def test_nothing_is_shown_that_is_more_than_words(text, foreign):
    foreign = f"={foreign}={SECRET}"
    assert SECRET not in text_of(record(text.replace("{}", foreign)))
    assert SECRET not in text_of(record(text.replace("{}", f"127.0.0.1:80: {foreign}")))


def test_who_speaks_of_options_says_nothing_else():
    """Each of these messages was looked at; a new one has to be."""
    files = {name: HOME.joinpath(*name.split(".")[1:]).with_suffix(".py") for name in OF_OPTIONS}
    assert {name: sorted(set(messages(file))) for name, file in files.items()} == {
        "mitmproxy.addonmanager": [
            "Addon error: {}",
            "Over-riding existing option %s",
            "{}. For more details, see https://docs.mitmproxy.org/dev/addons-api-changelog/.",
        ],
        "mitmproxy.addons.proxyserver": [
            "Cannot inject TCP messages into non-TCP flows.",
            "Cannot inject UDP messages into non-UDP flows.",
            "Cannot inject WebSocket messages into non-WebSocket flows.",
            "Warning: Running proxyserver without nextlayer addon!",
            "{}",
        ],
        "mitmproxy.certs": [
            f'"{{}}" is a certificate authority and not a leaf certificate. {MORE}',
            "Failed to read certificate chain: {}",
        ],
        "mitmproxy.proxy.mode_servers": [
            "-",
            "Failed to listen on '::', listening on IPv4 only.",
            "Failed to listen on a single port ({}), falling back to default behavior.",
            "TUN interface created: {}",
            "Transparent mode failure: {}",
            "{} at {} stopped.",
            "{} listening at {}.",
            "{} started.",
            "{} stopped.",
        ],
    }


@pytest.mark.parametrize(
    "message",
    [
        "client connect",
        "server connect jira.test:80 (127.0.0.1:80)",
        "server disconnect [::1]:80",
        "error establishing server connection: [Errno 111] Connect call failed ('127.0.0.1', 9)",
        "Server TLS handshake failed. Certificate verify failed: self-signed certificate",
        UNTRUSTED + "jira.test (OpenSSL Error([('SSL routines', '', 'ssl/tls alert unknown ca')]))",
    ],
)
def test_of_mitmproxy_what_is_harmless_is_shown_as_it_is(message):
    assert text_of(record(message)) == message


@pytest.mark.parametrize(
    ("message", "shown"),
    [
        (
            "Client TLS handshake failed. Cannot parse ClientHello: 1603",
            "Client TLS handshake failed. Cannot parse ClientHello [...]",
        ),
        (f"127.0.0.1:9: Bad HTTP request line: b'GET /?{SECRET}'", "127.0.0.1:9: Bad HTTP request line [...]"),
        (f"127.0.0.1:9: HTTP/2 protocol error: {SECRET}", "127.0.0.1:9: HTTP/2 protocol error [...]"),
        (f"mitmproxy has crashed!\n{SECRET}", "mitmproxy has crashed!"),
        (f"connection handler has crashed: {SECRET}", "connection handler has crashed [...]"),
        (f"{SECRET} client connect", f"{SERVER} tells what could hold content, and is left out (file.py:7)"),
        ("", f"{SERVER} tells what could hold content, and is left out (file.py:7)"),
    ],
)
def test_of_mitmproxy_the_rest_is_left_out(message, shown):
    assert text_of(record(message)) == shown


@pytest.mark.parametrize("name", ["jira_compat.proxy.reload", *sorted(OF_OPTIONS)])
def test_of_us_and_of_options_the_first_line_is_shown(name):
    assert text_of(record("jira-compat: %d rules\nmore", 3, name=name)) == "3 rules"
    assert text_of(record("", name=name)) == name


@pytest.mark.parametrize("name", [SERVER, "root", "asyncio", "hpack.hpack", "jira_compatible"])
def test_of_what_is_not_known_it_is_shown_where_it_was_said(name):
    assert text_of(record("3 rules", name=name)) == f"{name} tells what could hold content, and is left out (file.py:7)"


def test_what_of_libraries_is_left_out_is_not_even_put_together():
    assert SECRET not in text_of(record("%d", SECRET, name="asyncio"))


@pytest.mark.parametrize("text", sorted(text for text in LOGGED if is_noise(record(text))))
def test_noise_is_about_the_letter_case_of_names_alone(text):
    assert text == "Lowercased {} header as uppercase is not allowed with HTTP/2."


def test_details_are_none_where_nothing_is_known():
    assert details_of(record("client connect")) == {}
    assert details_of(record("client connect", client=None, exc_info=(None, None, None))) == {}


def test_details_are_the_client_and_what_was_raised_where():
    def fails():
        raise KeyError(SECRET)

    try:
        fails()
    except KeyError:
        raised = sys.exc_info()
    details = details_of(record("x", exc_info=raised, client=("::1", 4711, 0, 0)))
    assert details.pop("code.line.number") == fails.__code__.co_firstlineno + 1
    assert details == {
        "exception.type": "KeyError",
        "code.function.name": f"{__name__}.{fails.__qualname__}",
        "client.address": "::1",
        "client.port": 4711,
    }
