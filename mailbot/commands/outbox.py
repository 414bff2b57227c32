"""The commands `mailbot outbox list|retry`."""

import click

from mailbot.clock import SystemClock, iso
from mailbot.commands.common import common_options, open_configured_desk, print_json, print_table, wants_json
from mailbot.errors import UsageError
from mailbot.model.queued_mail import OutboxState


@click.group()
def outbox() -> None:
    """The outbox: notices that wait, were sent, or failed."""


@outbox.command("list")
@click.option("--state", type=click.Choice([state.value for state in OutboxState]), default=None, help="Only these.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@common_options
def list_(state: str | None, limit: int) -> None:
    """List the latest notices, oldest first, with the relay's last reply.

    Example: mailbot outbox list --state failed
    """
    from mailbot.records.queues import outbox as notices

    with open_configured_desk() as (_, context), context.store.reading():
        items = notices.listing(OutboxState(state) if state else None)[-limit:]
        replies = {item.id: [one.reply for one in notices.deliveries(item.id)] for item in items}
    rows = [
        {
            "id": item.id,
            "at": iso(item.created_at),
            "state": item.state.value,
            "kind": item.mail.kind.value,
            "recipient": item.mail.recipient,
            "attempts": item.attempts,
            "next_attempt_at": iso(item.next_attempt_at) if item.next_attempt_at else "",
            "answer": "".join(replies[item.id][-1:]),
        }
        for item in items
    ]
    if wants_json():
        print_json(rows)
    else:
        names = ["id", "at", "state", "kind", "recipient", "attempts", "next_attempt_at", "answer"]
        print_table(names, [[str(row[name]) for name in names] for row in rows])


@outbox.command()
@click.argument("number", metavar="[ID]", type=int, required=False)
@common_options
def retry(number: int | None) -> None:
    """Deliver a failed or waiting notice, or all of them, at once.

    Example: mailbot outbox retry 12
    """
    from mailbot.records.queues import outbox as notices

    with open_configured_desk() as (_, context):
        count = notices.retry(context.store, number, SystemClock().now())
    if number is not None and not count:
        raise UsageError(f"no notice {number} that failed or waits; run `mailbot outbox list` to see the notices")
    if wants_json():
        print_json({"retried": count})
    else:
        click.echo(f"{count} notices will be delivered at once")
