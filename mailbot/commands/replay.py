"""The command `mailbot replay --since 30d`."""

import re
from datetime import timedelta

import click

from mailbot.commands.common import common_options, open_configured_desk, print_json, wants_json
from mailbot.errors import UsageError
from mailbot.text import printable

_SPAN = re.compile(r"(\d{1,4})([dh])")


@click.command()
@click.option("--since", default="30d", show_default=True, help="How far back: days (30d) or hours (12h).")
@common_options
def replay(since: str) -> None:
    """Read the stored mails again with the present code; print those that would be read differently.

    Nothing is changed.  Example: mailbot replay --since 7d
    """
    from mailbot.clock import SystemClock
    from mailbot.desk.operators.replay import replay as read_all

    match = _SPAN.fullmatch(since)
    if match is None:
        raise UsageError(f"--since {since!r} is not a time span; expected days or hours, such as 30d or 12h")
    span = timedelta(days=int(match[1])) if match[2] == "d" else timedelta(hours=int(match[1]))
    with open_configured_desk() as (_, context):
        found = list(read_all(SystemClock().now() - span, context))
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
