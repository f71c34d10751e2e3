"""``jira-compat export``: what others need to know of the policies, in their own languages."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from jira_compat.cli.flags import addon_flags, address, settings, with_flags
from jira_compat.cli.program import Complaint
from jira_compat.export.haproxy import CONFIG, ENDPOINTS, haproxy
from jira_compat.export.layout import SYSTEM_AUTHORITIES, Layout
from jira_compat.message.links.address import Address, parse_address
from jira_compat.policy.errors import PolicyError
from jira_compat.proxy.settings.policies import load_rules
from jira_compat.stderr import reason


def _addresses(context: click.Context, option: click.Parameter, texts: Sequence[str]) -> tuple[tuple[str, int], ...]:
    return tuple(address(context, option, text) for text in texts)


def _site(_: click.Context, __: click.Parameter, url: str | None) -> Address | None:
    try:
        return None if url is None else parse_address(url)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


_EXAMPLES = """\b
Examples:
  jira-compat export haproxy out --site https://your-site.atlassian.net --worker 10.0.0.1:8080
  jira-compat export haproxy out --site http://jira.example.com --same-name \\
    --upstream http://10.0.0.9:8080 --listen 0.0.0.0:80 --worker 10.0.0.1:8080
"""


@click.group(subcommand_metavar="PROGRAM ...", epilog=_EXAMPLES, invoke_without_command=True)
@click.pass_context
def export(context: click.Context) -> None:
    """Export the policies for other programs."""
    if context.invoked_subcommand is None:
        raise click.UsageError("Name the program to export for: jira-compat export haproxy", context)


@export.command("haproxy", epilog=_EXAMPLES)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option(
    "--site", metavar="URL", required=True, callback=_site, help="URL of the site, as in the links of its responses."
)
@click.option(
    "--same-name",
    is_flag=True,
    help="Clients reach HAProxy at the site's own name, so only requests a rule could affect need a worker.",
)
@click.option(
    "--upstream", metavar="URL", callback=_site, help="URL at which HAProxy reaches the site; --site by default."
)
@click.option(
    "--worker",
    "workers",
    metavar="HOST:PORT",
    multiple=True,
    required=True,
    callback=_addresses,
    help="Address of a `jira-compat serve`. Repeatable.",
)
@click.option(
    "--admin-port",
    type=click.IntRange(1, 65535),
    default=9090,
    show_default=True,
    help="Port of each worker's --admin, for health checks on /readyz.",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="127.0.0.1:8080",
    show_default=True,
    callback=address,
    help="Address that HAProxy listens on.",
)
@click.option("--cert", "certificate", metavar="FILE", help="HAProxy's TLS certificate and key, in one PEM file.")
@click.option(
    "--upstream-ca",
    "authorities",
    metavar="FILE",
    default=SYSTEM_AUTHORITIES,
    help="Certificate authorities to trust for the site instead of the system's.",
)
@click.option("--user", metavar="NAME", help="User and group that HAProxy switches to once it listens.")
@click.option(
    "--pin-policies",
    "pinned",
    is_flag=True,
    help="Count a worker with other policies than these as down.",
)
@addon_flags("policies", "override", "mode", "profile", "refuse_status", "site_url")
@click.pass_context
def export_haproxy(context: click.Context, /, *, folder: Path, **options: Any) -> None:  # noqa: ANN401
    """Write an HAProxy configuration that sends only requests a rule could affect to workers.

    All other requests go straight to the site. A worker is a `jira-compat serve --upstream ... --admin ...`; if none
    is ready, HAProxy answers 503 in its place. The files are DIR/haproxy.cfg and DIR/endpoints.lst. Export again
    whenever policies change.
    """
    names = {
        "site",
        "upstream",
        "workers",
        "admin_port",
        "same_name",
        "listen",
        "certificate",
        "authorities",
        "user",
        "pinned",
    }
    layout = {name: options.pop(name) for name in names}
    if layout["same_name"] and layout["upstream"] is None:
        raise click.UsageError(
            "with --same-name the site's name leads to HAProxy; name the site's own address with --upstream URL",
            context,
        )
    layout["upstream"] = layout["upstream"] or layout["site"]
    try:
        chosen = settings(options)
        site_urls = tuple(map(parse_address, chosen.site_urls))
        written = haproxy(load_rules(chosen), Layout(**layout, site_urls=site_urls))
    except (PolicyError, ValueError) as error:
        raise Complaint(map(with_flags, str(error).splitlines())) from None
    _write(folder, {CONFIG: written.config, ENDPOINTS: written.endpoints})


def _write(folder: Path, texts: dict[str, str]) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            (folder / name).write_text(text, encoding="utf-8")
            click.echo(folder / name)
    except OSError as error:
        raise Complaint([f"{folder}: cannot be written to ({reason(error)}); name another folder"]) from None
