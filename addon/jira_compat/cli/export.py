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
    """Write the policies down for other programs."""
    if context.invoked_subcommand is None:
        raise click.UsageError("Name the program to export for: jira-compat export haproxy", context)


@export.command("haproxy", epilog=_EXAMPLES)
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--site", metavar="URL", required=True, callback=_site, help="The site's address, as its links have it.")
@click.option(
    "--same-name",
    is_flag=True,
    help="Clients reach HAProxy at the site's own address, so that only what a rule could touch needs a worker.",
)
@click.option(
    "--upstream", metavar="URL", callback=_site, help="Where HAProxy reaches the site; --site where left out."
)
@click.option(
    "--worker",
    "workers",
    metavar="HOST:PORT",
    multiple=True,
    required=True,
    callback=_addresses,
    help="Where a `jira-compat serve` listens. Repeatable.",
)
@click.option(
    "--admin-port",
    type=click.IntRange(1, 65535),
    default=9090,
    show_default=True,
    help="Port of --admin of each worker, for health checks on /readyz.",
)
@click.option(
    "--listen",
    metavar="HOST:PORT",
    default="127.0.0.1:8080",
    show_default=True,
    callback=address,
    help="Where HAProxy listens.",
)
@click.option("--cert", "certificate", metavar="FILE", help="Certificate and key to show to clients, in one PEM file.")
@click.option(
    "--upstream-ca",
    "authorities",
    metavar="FILE",
    default=SYSTEM_AUTHORITIES,
    help="Certificate authorities to trust for the site instead of the system's.",
)
@click.option("--user", metavar="NAME", help="User and group that HAProxy becomes once it listens.")
@click.option(
    "--pin-policies",
    "pinned",
    is_flag=True,
    help="A worker that has loaded any other policies counts as broken.",
)
@addon_flags("policies", "override", "mode", "profile", "refuse_status", "site_url")
@click.pass_context
def export_haproxy(context: click.Context, /, *, folder: Path, **options: Any) -> None:  # noqa: ANN401
    """Write an HAProxy configuration: what no rule could touch goes straight to the site.

    All else goes to workers, each a `jira-compat serve --upstream ... --admin ...`. If none of them is ready, it is
    refused with 503. DIR gets haproxy.cfg and endpoints.lst; write both again when policies change.
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
            "--same-name makes the site's name lead to HAProxy; say with --upstream URL where the site is then", context
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
        reason = (error.strerror or type(error).__name__).lower()
        raise Complaint([f"{folder}: cannot be written to ({reason}); name another folder"]) from None
