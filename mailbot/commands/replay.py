"""The command `mailbot replay --since 30d`."""

from datetime import datetime

import click

from mailbot.commands.common import common_options, open_configured_desk, print_json, wants_json
from mailbot.commands.options import Instant
from mailbot.text import printable


@click.command()
@click.option("--since", type=Instant(), default="30d", show_default=True, help="A day (2026-11-20), or 30d, 12h.")
@common_options
def replay(since: datetime) -> None:
    """Read the stored mails again with the present code; print those that would be read differently.

    Nothing is changed.  Example: mailbot replay --since 7d
    """
    from mailbot.desk.operators.replay import replay as read_all

    with open_configured_desk() as (_, context):
        found = list(read_all(since, context))
    different = [one for one in found if one is not None]
    if wants_json():
        print_json(
            {
                "read": len(found),
                "different": [
                    {"mail": one.inbox_id, "at": one.received_at.isoformat(), "changed": one.changed}
                    for one in different
                ],
            }
        )
        return
    for one in different:
        click.echo(f"#{one.inbox_id} {printable(one.subject)}")
        for what, (before, after) in one.changed.items():
            click.echo(f"  {what}: {printable(str(before))} → {printable(str(after))}")
    click.echo(f"{len(found)} mails read again, {len(different)} would be read differently")
