"""The addon's options and their checks, and the options of mitmproxy that it sets or rejects."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

from jira_compat.actions.respond import refusal_status
from jira_compat.decide import MAX_BODY
from jira_compat.events.identity import Identity
from jira_compat.message.links.address import parse_address
from jira_compat.model import Mode, Profile
from jira_compat.policy.files import shipped_policies
from jira_compat.policy.index import RunOptions
from jira_compat.proxy.settings.client_address import Network, networks
from jira_compat.proxy.settings.scope import DEFAULT_HOSTS
from jira_compat.proxy.settings.translation import HELP, TranslationLimits, translation_limits

if TYPE_CHECKING:
    from mitmproxy.addonmanager import Loader

OPTIONS: tuple[tuple[str, Any, Any, str, Sequence[str] | None], ...] = (
    ("jira_policies", Sequence[str], (), "Folder of policy files to use instead of the built-in policies.", None),
    ("jira_override", str | None, None, "File that changes the mode, status or text of rules, by rule id.", None),
    ("jira_mode", str, "enforce", "'observe' only logs what 'enforce' would do.", get_args(Mode)),
    (
        "jira_profile",
        str,
        "cloud",
        "'cloud': the upstream is Jira Cloud; 'staging': it is Jira Server or Data Center.",
        get_args(Profile),
    ),
    (
        "jira_events",
        str | None,
        None,
        "File to append events to; '-' is standard error. Without it no events are written.",
        None,
    ),
    (
        "jira_inventory",
        bool,
        False,
        "Count requests not covered by any rule: one event a minute for each endpoint and client.",
        None,
    ),
    (
        "jira_identity",
        str,
        "shown",
        "How events show the authenticated user: by name, as a hash or not at all.",
        get_args(Identity),
    ),
    (
        "jira_hosts",
        Sequence[str],
        DEFAULT_HOSTS,
        "Forward mode: hosts that are Jira sites; * stands for any text.",
        None,
    ),
    (
        "jira_on_error",
        str,
        "closed",
        "'open' forwards a request unedited if the proxy fails on it (unsafe).",
        ("closed", "open"),
    ),
    (
        "jira_links",
        str,
        "on",
        "Reverse mode: rewrite links to the site in responses, so that they lead to the proxy.",
        ("on", "off"),
    ),
    ("jira_site_url", Sequence[str], (), "Another address of the site, as in links of its responses.", None),
    (
        "jira_trusted_proxy",
        Sequence[str],
        (),
        "Address or network of a load balancer whose X-Forwarded-For names the client.",
        None,
    ),
    (
        "jira_translate",
        str,
        "on",
        "'off' forwards calls that a rule would translate unchanged, and counts them.",
        ("on", "off"),
    ),
    ("jira_translate_limit", Sequence[str], (), HELP, None),
    ("jira_refuse_status", int | None, None, "Status of all refusals, instead of the status in each rule.", None),
    ("jira_max_body", str, "10MB", "Largest body that a rule reads; the proxy refuses a larger one with 413.", None),
)

MUST_BE = {
    "stream_large_bodies": (None, "bodies would pass before a rule has read them"),
    "body_size_limit": (None, "mitmproxy would answer instead of the policy; use jira_max_body"),
    "validate_inbound_headers": (True, "malformed requests would reach Jira"),
}
"""Options of mitmproxy that would be unsafe: the addon does not run beside any other value."""

SET_TO = {"connection_strategy": "lazy", "rawtcp": False}
"""Options of mitmproxy with unsafe defaults: connections for refused requests, tunnels past every hook."""

WEAKENED_BY = {
    "ignore_hosts": "what it matches is passed on undecrypted and unjudged",
    "allow_hosts": "what it does not match is passed on undecrypted and unjudged",
    "tcp_hosts": "what it matches is passed on as raw TCP, unjudged",
    "map_remote": "requests may go to another server than the one that was judged",
    "map_local": "answers may come from files instead of Jira or the policy",
    "modify_body": "bodies may be changed after they were judged",
    "modify_headers": "header fields may be changed after they were judged",
}

IDENTITY_KEY = "JIRA_COMPAT_IDENTITY_KEY"
"""Environment variable: the key under which user names are hashed; a random one for each run where unset."""

_SIZE = re.compile(r"([0-9]{1,12}) ?(|[kKmMgG]|[kKmMgG][bB]|[bB])")
_UNIT = {"": 1, "b": 1, "k": 10**3, "m": 10**6, "g": 10**9}


@dataclass(frozen=True, slots=True)
class Settings:
    """The addon's options, read."""

    policies: tuple[Path, ...]
    override: Path | None
    run: RunOptions
    events: str | None
    inventory: bool
    identity: Identity
    hosts: tuple[str, ...]
    fail_open: bool
    max_body: int
    links: bool
    site_urls: tuple[str, ...]
    trusted_proxies: tuple[Network, ...]
    translation: TranslationLimits


def add_options(loader: "Loader") -> None:
    """Declare the options to mitmproxy."""
    for name, kind, default, text, choices in OPTIONS:
        loader.add_option(name, kind, default, text, choices)


def read_options(get: Callable[[str], Any]) -> Settings:
    """Read the options; mitmproxy does not enforce choices that are set at run time.

    Raises:
        ValueError: One line: the option, what is wrong, the remedy.
    """
    for name, _, _, _, choices in OPTIONS:
        if choices is not None and get(name) not in choices:
            raise ValueError(f"{name}: {get(name)!r} is not a valid value; write {' or '.join(map(repr, choices))}")
    status = get("jira_refuse_status")
    try:
        status = None if status is None else refusal_status(status)
    except ValueError as error:
        raise ValueError(f"jira_refuse_status: {error}") from None
    if not get("jira_hosts"):
        raise ValueError("jira_hosts: it is empty, so no request would be judged; name at least one host")
    if get("jira_inventory") and not get("jira_events"):
        raise ValueError("jira_inventory: its counts are events, and no event file is named; name one")
    return Settings(
        policies=tuple(Path(folder) for folder in get("jira_policies")) or (shipped_policies(),),
        override=Path(get("jira_override")) if get("jira_override") else None,
        run=RunOptions(get("jira_profile"), get("jira_mode"), status, get("jira_translate") == "on"),
        events=get("jira_events"),
        inventory=get("jira_inventory"),
        identity=get("jira_identity"),
        hosts=tuple(get("jira_hosts")),
        fail_open=get("jira_on_error") == "open",
        max_body=size("jira_max_body", get("jira_max_body")),
        links=get("jira_links") == "on",
        site_urls=tuple(_site_url(url) for url in get("jira_site_url")),
        trusted_proxies=_trusted(get("jira_trusted_proxy")),
        translation=_translation(get("jira_translate_limit")),
    )


def _trusted(texts: Sequence[str]) -> tuple[Network, ...]:
    try:
        return networks(texts)
    except ValueError as error:
        raise ValueError(f"jira_trusted_proxy: {error}") from None


def _translation(texts: Sequence[str]) -> TranslationLimits:
    try:
        return translation_limits(texts)
    except ValueError as error:
        raise ValueError(f"jira_translate_limit: {error}") from None


def _site_url(url: str) -> str:
    try:
        parse_address(url)
    except ValueError as error:
        raise ValueError(f"jira_site_url: {error}") from None
    return url


def size(option: str, text: str) -> int:
    """Bytes of ``10MB``, ``512k``, ``1000``; units are decimal.

    Raises:
        ValueError: It is not a size.
    """
    match = _SIZE.fullmatch(text)
    if match is None or int(match[1]) * _UNIT[match[2][:1].lower()] > MAX_BODY * 1000:
        raise ValueError(f"{option}: {text!r} is not a size up to 10GB; write one like '10MB'")
    return int(match[1]) * _UNIT[match[2][:1].lower()]


logger = logging.getLogger(__name__)


def check_neighbours(options: Any, updated: set[str]) -> None:  # noqa: ANN401 - mitmproxy types options dynamically
    """Reject unsafe options, and warn of those that narrow the guarantees.

    Raises:
        ValueError: One line: the option, what it would do, the remedy.
    """
    for name, (wanted, harm) in MUST_BE.items():
        if name in options and getattr(options, name) != wanted:
            remedy = "leave it out" if wanted is None else f"leave it {str(wanted).lower()}"
            raise ValueError(f"{name}: {harm}; {remedy}")
    for name in sorted(updated & WEAKENED_BY.keys()):
        if getattr(options, name, None):
            logger.warning("jira-compat: with %s, %s", name, WEAKENED_BY[name])


def close_holes(options: Any) -> None:  # noqa: ANN401 - mitmproxy types options dynamically
    """Set the options whose defaults are unsafe."""
    unsafe = {name: safe for name, safe in SET_TO.items() if name in options and getattr(options, name) != safe}
    if unsafe:  # an update, even to the same values, would configure every addon again
        options.update(**unsafe)
