"""The command line: words to values, values to the package, and what comes back to the terminal."""

import json
import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, get_args

import click

from jira_compat.cli.audit import audit, report
from jira_compat.cli.export import export
from jira_compat.cli.flags import addon_flags, fields, method_name, settings, with_flags
from jira_compat.cli.program import USAGE, Complaint, Program, examples, version
from jira_compat.cli.serve import serve
from jira_compat.explain import explanation
from jira_compat.explain.examples import failures
from jira_compat.model import Header, Profile, Request
from jira_compat.policy.errors import PolicyError
from jira_compat.policy.files import policy_files, shipped_policies
from jira_compat.policy.load import load_policies
from jira_compat.policy.schema import Policy, json_schema
from jira_compat.proxy.settings.policies import load_rules
from jira_compat.stderr import reason

WIDTH = 100
"""Columns that help and tables fit into."""


@click.group(
    cls=Program,
    invoke_without_command=True,
    subcommand_metavar="COMMAND ...",
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": WIDTH},
    epilog=examples("demo", "serve --upstream https://your-site.atlassian.net", "rules"),
)
@click.version_option(version(), message="%(prog)s %(version)s")
@click.pass_context
def main(context: click.Context) -> None:
    """Keep old Jira clients working with today's Jira.

    The proxy removes password fields, translates the old search, and answers calls to removed endpoints with what to do
    instead.

    Exit status: 0 done, 1 a check failed or an input could not be read, 2 wrong usage, 3 --fail-on matched,
    130 interrupted.
    """
    if context.invoked_subcommand is None:
        click.echo(context.get_help(), err=True)
        context.exit(USAGE)


main.add_command(audit)
main.add_command(report)
main.add_command(export)
main.add_command(serve)


@main.command(epilog=examples("check", "check policies", "check /etc/jira-compat/policies"))
@click.argument("folders", metavar="[DIR]...", nargs=-1)
def check(folders: tuple[str, ...]) -> None:
    """Check policies and their examples.

    Policies must be valid, and their examples must hold in both profiles. Without DIR, the built-in policies are
    checked.
    """
    policies = _policies(folders)
    broken: dict[str, list[Profile]] = {}
    for profile in get_args(Profile):
        for failure in failures(_only(policies, profile)):
            broken.setdefault(str(failure), []).append(profile)
    if broken:
        raise Complaint(f"{line} (profile {' and '.join(profiles)})" for line, profiles in broken.items())
    rules = [rule for policy in policies for rule in policy.rules]
    number = sum(len(rule.examples) for rule in rules)
    counts = _count(len(policies), "policy", "policies"), _count(len(rules), "rule"), _count(number, "example")
    click.echo(f"{', '.join(counts)}: all hold")


def _only(policies: Iterable[Policy], profile: Profile) -> tuple[Policy, ...]:
    """The policies as if there were no other profile."""
    return tuple(
        policy.model_copy(
            update={
                "rules": tuple(
                    rule.model_copy(update={"profiles": (profile,)})
                    for rule in policy.rules
                    if profile in rule.profiles
                )
            }
        )
        for policy in policies
    )


def _count(number: int, one: str, many: str = "") -> str:
    return f"{number} {one if number == 1 else many or f'{one}s'}"


@main.command(
    epilog=examples(
        """explain POST /rest/api/2/user --data '{"name": "fred", "password": "x"}'""",
        "explain DELETE 'https://jira.example.com/rest/api/2/user?username=fred' --profile staging",
        "explain PUT /rest/api/2/myself --data @body.json --header 'Content-Type: application/json'",
    )
)
@click.argument("method", callback=method_name)
@click.argument("url")
@click.option("--data", metavar="BODY|@FILE", help="Body of the request; '@-' reads standard input.")
@click.option(
    "--header",
    "headers",
    metavar="FIELD",
    multiple=True,
    callback=fields,
    help="'NAME: VALUE', a header field of the request. Repeatable.",
)
@addon_flags("policies", "override", "mode", "profile", "refuse_status", "max_body")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def explain(method: str, url: str, data: str | None, headers: tuple[Header, ...], form: str, **addon: Any) -> None:  # noqa: ANN401
    """Explain what would happen to a request, and why.

    The output names the rule, and the request that would be forwarded or the response that the client would get.
    Nothing is sent. Values and header fields of the request are not printed. A body without a Content-Type counts as
    a form, as with curl.
    """
    body = _body(data)
    if body and not any(name.lower() == b"content-type" for name, _ in headers):
        headers = (*headers, (b"Content-Type", b"application/x-www-form-urlencoded"))
    try:
        chosen = settings(addon)
        rules = load_rules(chosen)
    except (PolicyError, ValueError) as error:
        raise Complaint(map(with_flags, str(error).splitlines())) from None
    explained = explanation.explain(rules, Request(method, _target(url), headers, body), max_body=chosen.max_body)
    click.echo(explanation.as_json(explained) if form == "json" else explanation.as_text(explained))


def _body(data: str | None) -> bytes:
    if data is None or not data.startswith("@"):
        return (data or "").encode(errors="surrogateescape")
    try:
        return sys.stdin.buffer.read() if data == "@-" else Path(data[1:]).read_bytes()
    except (OSError, ValueError) as error:
        raise Complaint([f"--data: {data[1:]} cannot be read ({reason(error)}); name a file behind the @"]) from None


def _target(url: str) -> bytes:
    """Return the target that a client would send for a URL: all behind its host but the fragment (RFC 9112, 3.2.1).

    ``rest/api/2/user`` has no host: it is a path, of which the shell or its user has lost the slash.
    """
    site = re.match(r"(?:[A-Za-z][A-Za-z0-9+.-]*://|(?!rest/))[^/?#]*", url)
    target = url[site.end() if site else 0 :].partition("#")[0]
    return (target if target.startswith("/") else f"/{target}").encode(errors="surrogateescape")


@main.command(epilog=examples("rules", "rules --format markdown > RULES.md", "rules --profile staging --format json"))
@addon_flags("policies")
@click.option("--profile", type=click.Choice(get_args(Profile)), help="Only the rules of one profile.")
@click.option("--format", "form", type=click.Choice(["table", "json", "markdown"]), default="table", show_default=True)
def rules(policies: tuple[str, ...], profile: Profile | None, form: str) -> None:
    """List all rules.

    For each rule: the endpoint, what Atlassian changed, and what the proxy does. JSON and Markdown also give the
    reason.
    """
    from jira_compat.explain import catalogue  # noqa: PLC0415 - rich takes a moment, and other commands do not need it

    found = _policies(policies)
    if form == "table":
        click.echo(catalogue.as_text(found, profile, WIDTH), nl=False)
    else:
        click.echo(catalogue.as_json(found, profile) if form == "json" else catalogue.as_markdown(found, profile))


@main.command(epilog=examples("schema > policy.schema.json"))
def schema() -> None:
    """Print the JSON Schema of a policy file, for editors."""
    click.echo(json.dumps(json_schema(), indent=2, ensure_ascii=False))


@main.command(short_help="Run an old client with and without the proxy.", epilog=examples("demo", "demo --keep"))
@click.option("--keep", is_flag=True, help="Leave the stand-in and the proxy running until Ctrl-C.")
@click.option("--old-client", metavar="PYTHON", help="A Python that has an old release of the library jira, to search.")
def demo(keep: bool, old_client: str | None) -> None:
    """Run old clients against a stand-in Jira, with and without the proxy.

    A client makes the fifteen calls of Atlassian's article on user management, directly and through the proxy. Then an
    old one pages through a search of today's Jira Cloud. Without --old-client, the standard library does that.
    Everything runs on loopback, and no files are left behind. The exit status is 1 if a result differs from the
    documentation.
    """
    from jira_compat.demo.proxy import DemoError  # noqa: PLC0415 - as in `serve`
    from jira_compat.demo.run import run  # noqa: PLC0415

    try:
        kept = run(click.echo, keep=keep, old_client=None if old_client is None else Path(old_client))
    except (DemoError, OSError) as error:
        raise Complaint([str(error)]) from None
    if not kept:
        raise Complaint(
            ["some results differ from the documentation; look at the rows marked above, and at the search"]
        )


def _policies(folders: Iterable[str]) -> tuple[Policy, ...]:
    try:
        return load_policies(policy_files([Path(folder) for folder in folders] or [shipped_policies()]))
    except PolicyError as error:
        raise Complaint(error.lines) from None
