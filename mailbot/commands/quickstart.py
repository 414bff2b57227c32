"""The command `mailbot quickstart ADDRESS [DIR]`, and `mailbot quickstart --check [DIR]`."""

import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from mailbot.commands.common import (
    common_options,
    config_path,
    operator_name,
    people_words,
    print_json,
    print_table,
    wants_json,
)
from mailbot.commands.findings import exit_code, print_findings
from mailbot.commands.footer import footer_of
from mailbot.errors import UsageError

if TYPE_CHECKING:
    from mailbot.app.quickstart.plan import Plan


@click.command()
@click.argument("address", required=False)
@click.argument("folder", metavar="[DIR]", type=click.Path(path_type=Path, file_okay=False), required=False)
@click.option("--hostname", help="Name of this machine in DNS, as MX records have it (default: the machine's own).")
@click.option("--web-host", help="Name of the web pages in DNS (default: that of --hostname).")
@click.option("--admin", "admins", multiple=True, help="Address of an operator, who is alerted; may be repeated.")
@click.option("--ip", "ip_addresses", multiple=True, help="Address of this machine, for A or AAAA; may be repeated.")
@click.option(
    "--shared-domain/--own-domain", default=None, help="Whether others have mail at the domain of the desk, too."
)
@click.option("--user", help="User that the service runs as (as root: mailbot, else you).")
@click.option("--phone", metavar="NUMBER", help="Telephone that the notices name; empty: none.")
@click.option("--hours", metavar="WORDS", help="When it is answered, such as 平日 9:00～17:00.")
@click.option("--check", is_flag=True, help="See whether all of it is in use, published in DNS, and right (as doctor).")
@common_options
@click.pass_context
def quickstart(ctx: click.Context, /, address: str | None, folder: Path | None, check: bool, **asked: Any) -> None:
    """Write configuration, keys, DNS records and service files of a desk at ADDRESS into DIR (default: here).

    What is there already is kept.  On a terminal it asks for what is not given.

    --check has exit code 1 when something is REFUSED or BROKEN.  A WARNING alone leaves it 0, also when it says that
    something could not be seen: no name server answered, say, so that it is not known whether DNS has the records.

    Example: mailbot quickstart desk@desk.agency.example /var/lib/mailbot --admin hanako@agency.example
    """
    if check:
        ctx.exit(_check(_folder_to_check(address, folder)))
    if address is None:
        raise UsageError("quickstart: expected the address of the desk, such as desk@desk.agency.example")
    from mailbot.app.quickstart.plan import checked, configured
    from mailbot.app.quickstart.setup_files import WRITTEN, next_steps, write_setup
    from mailbot.config_example import example_toml

    plan = checked(_plan(address, folder or Path(), asked))
    people_words()  # of the configuration that is here: an error of it comes before anything is written
    files, records = write_setup(plan, example_toml(configured(plan)))
    if wants_json():
        print_json(
            {
                "files": [{"path": str(one.path), "became": one.became} for one in files],
                "records": [{"name": one.name, "type": one.kind, "value": one.value} for one in records],
            }
        )
        return
    for one in files:
        click.echo(f"{one.became if one.became == WRITTEN else one.became + ':'} {one.path}")
    click.echo()
    print_table(["type", "record", "value"], [[one.kind, one.name, one.value] for one in records])
    click.echo()
    click.echo(next_steps(plan, records), nl=False)


def _plan(address: str, folder: Path, asked: Mapping[str, Any]) -> "Plan":
    """What was given (the options, by their names) or typed.  Raises UsageError."""
    from mailbot.app.machine import machine_name
    from mailbot.app.quickstart.plan import Plan

    asks = sys.stdin.isatty()
    hostname, admins, shared_domain = asked["hostname"], asked["admins"], asked["shared_domain"]
    domain = address.rpartition("@")[2]
    if hostname is None:
        hostname = machine_name()
        if asks:
            hostname = click.prompt("Name of this machine in DNS", default=hostname)
    if not admins and asks:
        admins = (click.prompt("Address of the operator, who is alerted"),)
    if shared_domain is None:
        shared_domain = asks and click.confirm(f"Does anybody else have mail at {domain}?", default=False)
    desk = footer_of(asked["phone"], asked["hours"])
    return Plan(
        folder=folder.absolute(),
        address=address,
        host=hostname,
        web_host=asked["web_host"] or hostname,
        admins=admins,
        user=asked["user"] or ("mailbot" if os.geteuid() == 0 else operator_name()),
        program=Path(sys.executable).parent / "mailbot",
        shared_domain=shared_domain,
        ip_addresses=asked["ip_addresses"],
        **desk,
    )


def _folder_to_check(address: str | None, folder: Path | None) -> Path:
    """`--check DIR` has one word, which may be an address as well; none: where the configuration is."""
    if folder is None and address is not None and "@" not in address:
        folder = Path(address)
    if folder is not None:
        return folder / "config.toml"
    return config_path() or Path("config.toml")


def _check(path: Path) -> int:
    """Print that all is so, or what is not; the exit code."""
    from mailbot.app.checks.run import run_checks
    from mailbot.app.checks.surroundings import read_only_surroundings
    from mailbot.app.quickstart.check import InUse, user_of
    from mailbot.clock import SystemClock
    from mailbot.config import load

    path = path.absolute()
    config, checks = load(path, os.environ), InUse().checks()
    with read_only_surroundings(config, path, SystemClock().now(), user_of(config)) as about:
        findings = run_checks(about, checks=checks)
    if wants_json():
        print_json({"checks": len(checks), "findings": [asdict(one) for one in findings]})
    elif findings:
        print_findings(findings)
    else:
        click.echo(f"all of it is so: {len(checks)} checks of {path.parent}, this machine and DNS found nothing")
    return exit_code(findings)
