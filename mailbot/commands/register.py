"""The commands `mailbot register import|export FILE`."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import click

from mailbot.clock import SystemClock
from mailbot.commands.common import common_options, open_configured_desk, print_json, wants_json

LONGEST_TRANSACTION = timedelta(minutes=5)


@click.group()
def register() -> None:
    """Offices, administrators, contacts, user codes, IDs, mailboxes, reviewers."""


@register.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--prune", is_flag=True, help="Also remove the offices and reviewers that FILE does not name.")
@common_options
def import_(file: Path, prune: bool) -> None:
    """Import FILE (.toml, .csv or .xlsx) into the register, all of it or nothing.

    Example: mailbot register import register.toml
    """
    from mailbot.records.register.offices import replace_register
    from mailbot.register_files.register_file import read_register

    read = read_register(file)
    with open_configured_desk() as (_, context), context.store.transaction():
        kept = replace_register(read, prune=prune)
    counts = {
        "offices": len(read.offices),
        "user_ids": sum(len(office.user_ids()) for office in read.offices),
        "reviewers": len(read.reviewers),
    }
    if wants_json():
        print_json({**counts, "kept": kept})
    else:
        click.echo("imported " + ", ".join(f"{count} {name}" for name, count in counts.items()))
        for words in kept:
            click.echo(f"kept, the desk has registered it since the file was written: {words}")


@register.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@common_options
def export(file: Path) -> None:
    """Write the register to FILE (.toml, .csv or .xlsx).

    Example: mailbot register export register.xlsx
    """
    from mailbot.records.register.offices import load_register
    from mailbot.register_files.register_file import write_register

    # What a transaction registers that is still open has a time from before: it counts as registered since.
    written_at = SystemClock().now() - LONGEST_TRANSACTION
    with open_configured_desk() as (_, context), context.store.reading():
        write_register(replace(load_register(), written_at=written_at), file)
    click.echo(f"wrote {file}")
