"""The command `mailbot clock accept`."""

import click

from mailbot.clock import SystemClock, iso
from mailbot.commands.common import common_options, open_configured_desk, print_result


@click.group()
def clock() -> None:
    """The check of the system clock."""


@clock.command()
@common_options
def accept() -> None:
    """Confirm that the system clock is right, after a jump or a long time off: scheduled tasks run again.

    When the clock was set back, sessions and log-in links end, and what had expired stays expired.

    Example: mailbot clock accept
    """
    from mailbot.records.maintenance import clock_mark, clock_step

    now = SystemClock().now()
    with open_configured_desk() as (_, context), context.store.transaction():
        mark = clock_mark.last()
        if mark is not None and now < mark:
            clock_step.follow_back(now, mark)
        clock_mark.record(now)
    print_result({"accepted": iso(now)}, f"accepted the system clock: {iso(now)}")
