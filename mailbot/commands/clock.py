"""`mailbot clock accept`."""

import click

from mailbot.clock import SystemClock, iso
from mailbot.commands.common import common_options, open_configured_desk, print_json, wants_json


@click.group()
def clock() -> None:
    """The clock, which must not jump."""


@clock.command()
@common_options
def accept() -> None:
    """Say that the clock is right: what is due by the calendar goes on, after a jump or a long time off.

    Example: mailbot clock accept
    """
    from mailbot.records.maintenance import clock_mark

    now = SystemClock().now()
    with open_configured_desk() as (_, context), context.store.transaction():
        clock_mark.record(now)
    if wants_json():
        print_json({"accepted": iso(now)})
    else:
        click.echo(f"the clock is taken to be right: {iso(now)}")
