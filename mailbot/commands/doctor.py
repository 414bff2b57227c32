"""The command `mailbot doctor`."""

import os
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from mailbot.commands.common import common_options, config_path, load_config, paths_tried, print_json, wants_json
from mailbot.commands.findings import exit_code, print_findings
from mailbot.errors import Permanent

if TYPE_CHECKING:
    from mailbot.app.checks.surroundings import Surroundings
    from mailbot.records.maintenance.stages import Waiting


@click.command()
@click.option("--last", is_flag=True, help="Print what the running desk has found last, and check nothing.")
@click.option("--whole-store", is_flag=True, help="Look for damage in an SQLite database of more than 2 GiB, too.")
@common_options
@click.pass_context
def doctor(ctx: click.Context, last: bool, whole_store: bool) -> None:
    """Check configuration, keys, certificates, DNS, servers, store, register, templates and queues; change nothing.

    Each finding is one line: what was found, and what to do.  REFUSED: `mailbot serve` does not start with it; BROKEN:
    something does not work; WARNING: it works, and not safely or not for long.  Exit code 1 when something is REFUSED
    or BROKEN.

    Example: mailbot doctor
    """
    from mailbot.app.checks.run import run_checks
    from mailbot.app.checks.surroundings import read_only_surroundings
    from mailbot.clock import SystemClock

    config, path, now = load_config(), config_path(), SystemClock().now()
    if last:
        ctx.exit(_print_last())
    with read_only_surroundings(config, path, now, os.geteuid(), tried=paths_tried(), reads_all=whole_store) as about:
        findings = run_checks(about)
        store, waiting = _store(about)
    if wants_json():
        from mailbot.commands.stages import stages_as_dicts

        print_json(
            {
                "config": path,
                "store": store,
                "waiting": stages_as_dicts(waiting),
                "findings": [asdict(one) for one in findings],
            }
        )
    else:
        from mailbot.commands.stages import print_stages

        click.echo(f"config   {path or 'none: the defaults'}")
        click.echo(f"store    {store or 'cannot be read'}")
        print_stages(waiting)
        print_findings(findings)
        if not findings:
            click.echo("no problems found")
    ctx.exit(exit_code(findings))


def _store(about: "Surroundings") -> "tuple[str, list[Waiting]]":
    """The store in one line, and what waits in which stage."""
    from mailbot.app.checks.store import is_readable
    from mailbot.records.maintenance.stages import waiting_stages

    if about.store is None or not is_readable(about):
        return "", []
    with about.store.reading():
        return about.store.describe(), waiting_stages(about.store)


def _print_last() -> int:
    from mailbot.app.checks.latest import read_latest
    from mailbot.clock import iso

    latest = read_latest(load_config())
    if latest is None:
        raise Permanent("no running desk has noted findings here; without --last the checks are made now")
    if wants_json():
        print_json({"at": iso(latest.at), "findings": [asdict(one) for one in latest.findings]})
    else:
        click.echo(f"checked  {iso(latest.at)}")
        print_findings(latest.findings)
    return exit_code(latest.findings)
