"""The commands `mailbot schedule import|list`."""

from pathlib import Path

import click

from mailbot.commands.common import (
    common_options,
    open_configured_desk,
    print_json,
    print_result,
    print_table,
    wants_json,
)


@click.group()
def schedule() -> None:
    """The table of system-registration days: 申込締切日 and システム登録日."""


@schedule.command("import")
@click.argument("file", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@common_options
def import_(file: Path) -> None:
    """Replace the table by FILE (.toml, .csv or .xlsx), all of it or nothing.

    Example: mailbot schedule import schedule.csv
    """
    from mailbot.records.register.schedule import replace_table
    from mailbot.register_files.schedule_file import read_schedule

    days = read_schedule(file)
    with open_configured_desk() as (_, context), context.store.transaction():
        replace_table(days)
    print_result({"days": len(days)}, f"imported {len(days)} days, {days[0].start} to {days[-1].start}")


@schedule.command("list")
@common_options
def list_() -> None:
    """Show the table.

    Example: mailbot schedule list
    """
    from mailbot.records.register.schedule import table

    with open_configured_desk() as (_, context), context.store.reading():
        days = table()
    if wants_json():
        print_json([{"deadline": day.deadline.isoformat(), "start": day.start.isoformat()} for day in days])
    else:
        print_table(["deadline", "start"], [[str(day.deadline), str(day.start)] for day in days])
