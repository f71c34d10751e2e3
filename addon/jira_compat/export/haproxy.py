"""An HAProxy before the workers: what a rule could touch, and all that is odd, goes to them; the rest straight to Jira.

Fail closed: only requests that no rule can affect go straight, whichever server is up or down. The configuration is for
HAProxy 2.6 and newer; https://docs.haproxy.org/2.6/configuration.html says what each line means.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from jira_compat.export.endpoints import TO_API_PATH, Step, endpoint_lines, parameter_places, to_line
from jira_compat.export.layout import Layout, is_name
from jira_compat.export.oddities import ODDITIES, Oddity
from jira_compat.jira_error import CONTENT_TYPE, MARK, error_answer
from jira_compat.message.headers import OF_ONE_HOP
from jira_compat.policy.index import PolicySet

CONFIG, ENDPOINTS = "haproxy.cfg", "endpoints.lst"

_ERRORS = {
    500: ("balancer_failed", "The balancer failed on this request and did not pass it on."),
    502: ("upstream_failed", "The balancer got no answer to this request that it can read."),
    503: ("upstream_failed", "The balancer cannot reach Jira. Try again later."),
    504: ("upstream_timeout", "The answer to this request took too long. Try again, or ask for less."),
}
"""HAProxy's own error answers. Its 400 and 408 to an invalid request cannot be reworded."""
_NO_WORKER = (
    "no_worker",
    "No proxy is ready to check this request, and it is not forwarded to Jira unchecked. Try again later.",
)
_FILES = (
    "[.](js|css|map|png|jpg|jpeg|gif|svg|ico|webp|woff|woff2|ttf|eot)$",
    "/secure/(attachment|thumbnail|projectavatar|useravatar)(/|$)",
)
"""Paths whose responses are neither JSON nor pages, so that they have no links."""


_LOG = "%ci:%cp [%tr] %ft %b/%s %TR/%Tw/%Tc/%Tr/%Ta %ST %B %tsc %ac/%fc/%bc/%sc/%rc %sq/%bq %HM %HPO %HV"
"""As ``option httplog``, but the target without its query."""


class Export(NamedTuple):
    """The two files that HAProxy reads, in one folder."""

    config: str
    endpoints: str


def haproxy(rules: PolicySet, layout: Layout) -> Export:
    """The configuration for these rules."""
    lines = [
        "# Written by `jira-compat export haproxy`. Change the policies or the options, and write it again.",
        *_global(layout),
        *_defaults(layout),
        *_frontend(rules, layout),
        *_workers(rules, layout),
        *_site(layout),
    ]
    return Export("\n".join(lines) + "\n", "\n".join(endpoint_lines(rules)) + "\n")


def _global(layout: Layout) -> Iterator[str]:
    yield from (
        "",
        "global",
        *(f"    {what} {_quoted(layout.user)}" for what in ("user", "group") if layout.user),
        "    default-path config  # endpoints.lst lies beside this file",
        "    log stdout format raw local0",
        "    maxconn 2000",
        "    tune.bufsize 65536  # the largest head of a request, as serve's --max-head",
    )


def _defaults(layout: Layout) -> Iterator[str]:
    yield from (
        "",
        "defaults",
        "    mode http",
        "    log global",
        "    # Without the query: passwords may be in it.",
        f'    log-format "{_LOG}"',
        "    option dontlognull",
        "    option forwardfor",
        "    option redispatch",
        "    retries 2  # of connecting; no request is sent twice",
        "    timeout http-request 30s",
        "    timeout http-keep-alive 60s",
        "    timeout connect 5s",
        "    timeout queue 30s",
        "    timeout client 300s",
        "    timeout server 300s  # longer than serve's --upstream-timeout, whose 504 says more",
        *(_error(status, *told) for status, told in _ERRORS.items()),
    )
    if layout.has_names:
        yield from ("", "resolvers system", "    parse-resolv-conf")


def _frontend(rules: PolicySet, layout: Layout) -> Iterator[str]:
    certificate = f" ssl crt {_quoted(layout.certificate)} alpn http/1.1" if layout.certificate else ""
    yield from (
        "",
        "frontend clients",
        f"    bind {_at(layout.listen)}{certificate} proto h1  # not HTTP/2, which has other oddities",
        "    http-request set-header X-Forwarded-Proto https if { ssl_fc }",
        "    http-request set-header X-Forwarded-Proto http if !{ ssl_fc }",
        f"    http-request set-var(txn.path) {_converted('path,lower', TO_API_PATH)}",
        "    http-request set-var(txn.call) 'method,concat(\"\",txn.path)'",
        "",
        "    # What is odd is judged, whatever it is about.",
    )
    for oddity in ODDITIES:
        yield f"    # {oddity.why}"
        yield f"    use_backend workers if {_condition(oddity)}"
    yield from (
        "",
        "    # What a rule could touch. A tree is looked up: the number of rules does not matter.",
    )
    for places in parameter_places(rules):
        call = _converted("var(txn.call)", to_line(places))
        yield f"    use_backend workers if {{ {call} -m str -f {ENDPOINTS} }}"
    yield from _straight(layout)
    yield "    default_backend workers"


def _straight(layout: Layout) -> Iterator[str]:
    if layout.same_name:
        secure = "" if layout.site.scheme == "https" else "!"
        yield from (
            "",
            "    # Under the site's own name links lead here again, so all other answers may go straight.",
            f"    use_backend site if {{ req.hdr(host) -i -m str {' '.join(layout.own_hosts)} }} {secure}{{ ssl_fc }}",
        )
    files = f"{{ path,lower -m reg {' '.join(map(_quoted, _FILES))} }}"
    yield from (
        "",
        "    # Under any other name links must be made to lead here, which workers do. Only files hold none.",
        f"    use_backend site if {{ method -m str GET HEAD }} {files} !{{ path,lower -m reg '(^|/)rest(/|$)' }}",
    )


def _workers(rules: PolicySet, layout: Layout) -> Iterator[str]:
    expected = f"string {_quoted(rules.digest)}" if layout.pinned else "status 200"
    yield from (
        "",
        "backend workers",
        "    balance leastconn",
        "    option httpchk",
        "    http-check send meth GET uri /readyz ver HTTP/1.1 hdr Host workers hdr Connection close",
        f"    http-check expect {expected}",
        f"    {_error(503, *_NO_WORKER).strip()}",
        f"    default-server check port {layout.admin_port} inter 2s fall 2 rise 2",
    )
    for number, worker in enumerate(layout.workers, 1):
        yield f"    server worker{number} {_at(worker)}{_looked_up(worker[0])}"


def _site(layout: Layout) -> Iterator[str]:
    upstream, name = layout.upstream, layout.certified_name
    yield from (
        "",
        "backend site",
        f"    http-request set-header Host {layout.own_hosts[0]}",
        *(f"    http-request del-header {field.decode().title()}" for field in sorted(OF_ONE_HOP)),
        "    # Clients stay here.",
        "    http-response del-header Alt-Svc",
    )
    for address in () if layout.same_name else (layout.site, *layout.site_urls):
        origin = f"(?i)^(?:https?:)?//{re.escape(address.host)}(?::{address.port})?{re.escape(address.path)}(?:/(.*))?$"
        yield from (
            f"    http-response replace-header {field} {_quoted(origin)} '/\\1'"
            for field in ("Location", "Content-Location")
        )
    server = f"    server site {upstream.host}:{upstream.port}{_looked_up(upstream.host)}"
    if upstream.scheme == "https":
        server += f" ssl verify required ca-file {_quoted(layout.authorities)} ssl-min-ver TLSv1.2"
        server += f" sni str({name}) verifyhost {name}"
    yield server


def _condition(oddity: Oddity) -> str:
    words = [oddity.sample, *(["-i"] if oddity.folded else []), "-m", oddity.match, *map(_quoted, oddity.values)]
    return f"{'!' if oddity.negated else ''}{{ {' '.join(words)} }}"


def _converted(sample: str, steps: tuple[Step, ...]) -> str:
    """A sample and its converters, as one word."""
    return _quoted(",".join([sample, *(f'regsub("{step.pattern}","{step.by}")' for step in steps)]))


def _error(status: int, reason: str, text: str) -> str:
    told = error_answer(status, text, f"error/{reason}")
    body = _quoted((told.body or b"").decode())
    mark = f"hdr {MARK.decode()} error/{reason} hdr Cache-Control no-store"
    return f"    http-error status {status} content-type {_quoted(CONTENT_TYPE.decode())} string {body} {mark}"


def _at(address: tuple[str, int]) -> str:
    host, port = address
    return f"[{host}]:{port}" if ":" in host else _quoted(f"{host}:{port}")


def _looked_up(host: str) -> str:
    """A name is looked up again and again; one that is not known yet does not keep HAProxy from starting."""
    return " resolvers system init-addr last,libc,none" if is_name(host) else ""


def _quoted(text: str) -> str:
    """One word of a configuration, with nothing in it that HAProxy would read otherwise."""
    plain = re.fullmatch(r"[A-Za-z0-9_./:@,*-]+", text)
    return text if plain else "'{}'".format(text.replace("'", r"'\''"))
