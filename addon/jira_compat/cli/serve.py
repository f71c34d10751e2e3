"""``jira-compat serve``: its flags to what is to be served."""

import dataclasses
import logging
import sys
from collections.abc import Iterable
from typing import Any, get_args

import click
from click.core import ParameterSource

from jira_compat.cli.flags import addon_flags, address, admin_address, limit_flags, with_flags
from jira_compat.cli.program import FAILED, Complaint, examples
from jira_compat.proxy.settings.limits import Limits
from jira_compat.proxy.settings.preflight import Diagnostics, Form, Level, ServeConfig, StartError

logger = logging.getLogger(__name__)


@click.command(
    epilog=examples(
        "serve --upstream https://your-site.atlassian.net --events events.jsonl",
        "serve --upstream http://jira.example.com:8080 --profile staging --mode observe --events -",
        "serve --forward --hosts jira.example.com --listen 127.0.0.1:3128",
    )
)
@click.option("--upstream", metavar="URL", help="Reverse proxy: URL of the Jira site that gets all requests.")
@click.option(
    "--forward", is_flag=True, help="Forward proxy: clients name the site; only requests to --hosts are judged."
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="127.0.0.1:8080",
    show_default=True,
    callback=address,
    help="Address to listen on; port 0 picks a free port.",
)
@addon_flags()
@click.option(
    "--upstream-ca",
    metavar="FILE",
    help="Certificate authorities to trust for the upstream instead of the public ones.",
)
@click.option("--insecure", is_flag=True, help="Do not verify the upstream's TLS certificate (unsafe).")
@click.option("--cert", metavar="FILE", help="With --upstream: the proxy's TLS certificate and key, in one PEM file.")
@click.option(
    "--confdir",
    metavar="DIR",
    default="~/.mitmproxy",
    show_default=True,
    help="Folder for the proxy's own certificate authority.",
)
@limit_flags
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    metavar="NUMBER",
    default=1,
    show_default=True,
    help="Number of worker processes; at most one for each core is useful.",
)
@click.option(
    "--admin",
    metavar="HOST:PORT",
    callback=admin_address,
    help="Address for /healthz, /readyz and /metrics; a port alone listens on loopback.",
)
@click.option(
    "--log-level",
    type=click.Choice(get_args(Level)),
    default="warning",
    show_default=True,
    help="Minimum level logged to standard error.",
)
@click.option(
    "--log-format",
    type=click.Choice(get_args(Form)),
    default="text",
    show_default=True,
    help="'text' logs lines for people, 'json' JSON lines.",
)
@click.pass_context
def serve(
    context: click.Context,
    /,
    *,
    listen: tuple[str, int],
    upstream: str | None,
    forward: bool,
    upstream_ca: str | None,
    insecure: bool,
    cert: str | None,
    confdir: str,
    workers: int,
    admin: tuple[str, int] | None,
    log_level: Level,
    log_format: Form,
    **others: Any,  # noqa: ANN401 - of several types
) -> None:
    """Run the proxy until SIGTERM or Ctrl-C.

    With --upstream, clients use the proxy's address instead of the site's.

    With --forward, clients keep the site's address and use this as their HTTP proxy. They must trust the certificate
    mitmproxy-ca-cert.pem, which the first start writes to --confdir.
    """
    if forward and upstream:
        raise click.UsageError("--forward and --upstream exclude each other; leave one of them out", context)
    if not forward and not upstream:
        raise click.UsageError("Name the site with --upstream URL, or run a forward proxy with --forward", context)
    if not forward and context.get_parameter_source("hosts") is ParameterSource.COMMANDLINE:
        raise click.UsageError("--hosts is for --forward; with --upstream all requests go to Jira", context)
    if forward and cert:
        raise click.UsageError(
            "--cert is for --upstream; with --forward the proxy makes a certificate for each site", context
        )
    limits = Limits(**{field.name: others.pop(field.name) for field in dataclasses.fields(Limits)})
    options = {f"jira_{name}": value for name, value in others.items()}
    options |= {"ssl_insecure": insecure, "confdir": confdir}
    options |= {"ssl_verify_upstream_trusted_ca": upstream_ca} if upstream_ca else {}
    options |= {"certs": [f"*={cert}"]} if cert else {}
    diagnostics = Diagnostics(log_level, log_format)
    _serve(ServeConfig(listen, upstream, options, sys.stdout, limits, admin, workers, diagnostics), context)


def _serve(what: ServeConfig, context: click.Context) -> None:
    import asyncio  # noqa: PLC0415 - with mitmproxy it takes a second, and other commands need neither

    if what.workers > 1:
        from jira_compat.proxy.workers.parent import serve  # noqa: PLC0415
    else:
        from jira_compat.proxy.serve import serve  # noqa: PLC0415
    try:
        asyncio.run(serve(what))
    except StartError as error:
        lines = map(with_flags, error.lines)
        if what.diagnostics.form == "text":
            raise Complaint(lines) from None
        _tell_json(what.diagnostics, lines)
        context.exit(FAILED)


def _tell_json(how: Diagnostics, lines: Iterable[str]) -> None:
    """Log in JSON why nothing is served, if logs are JSON."""
    from jira_compat.proxy.diagnostics.log import Log  # noqa: PLC0415 - as above

    with Log(how).hearing() as log:
        log.started()
        for line in lines:
            logger.error(line)
