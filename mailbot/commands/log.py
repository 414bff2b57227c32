"""`mailbot log list|show ID`."""

import sys

import click

from mailbot.clock import iso
from mailbot.commands.common import common_options, open_configured_desk, print_json, print_table, wants_json
from mailbot.errors import UsageError
from mailbot.model.post import LogRow
from mailbot.text import printable


@click.group()
def log() -> None:
    """The mail log: every mail in and out, and what became of it."""


@log.command("list")
@click.option("--receipt", default=None, help="Only mails of this application.")
@click.option("--office", default=None, help="Only mails of this office.")
@click.option("--address", default=None, help="Only mails from or to this address.")
@click.option(
    "--disposition", default=None, help="refused, carried_out, answered, challenged, quarantined, recorded, queued."
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@common_options
def list_(receipt: str | None, office: str | None, address: str | None, disposition: str | None, limit: int) -> None:
    """The latest mails, oldest of them first.

    Example: mailbot log list --receipt 2600001C
    """
    from mailbot.records import mail_log

    with open_configured_desk() as (_, tools), tools.store.reading():
        rows = mail_log.listing(limit, receipt=receipt, office=office, address=address, disposition=disposition)
    if wants_json():
        print_json([_as_dict(row) for row in rows])
        return
    print_table(
        ["id", "at", "", "who", "what", "reason", "number", "subject"],
        [
            [
                str(r.id),
                iso(r.at),
                r.direction,
                r.sender if r.direction == "in" else r.recipient,
                r.disposition,
                r.reason,
                r.receipt,
                r.subject,
            ]
            for r in rows
        ],
    )


@log.command()
@click.argument("number", metavar="ID", type=int)
@click.option("--raw", is_flag=True, help="The mail as it came or went, byte for byte.")
@common_options
def show(number: int, raw: bool) -> None:
    """One mail: evidence, decision and reason, deliveries, and its text.

    Example: mailbot log show 3
    """
    from mailbot.records import mail_log, outbox

    with open_configured_desk() as (_, tools), tools.store.reading():
        row = mail_log.get(number)
        if row is None:
            raise UsageError(f"no row {number} in the mail log; `mailbot log list` shows those there are")
        if raw:
            sys.stdout.buffer.write(mail_log.raw_of(row) or b"")
            return
        deliveries = outbox.deliveries(row.outbox_id) if row.outbox_id and row.direction == "out" else []
    shown = _as_dict(row) | {"deliveries": [vars(attempt) for attempt in deliveries]}
    if wants_json():
        print_json(shown)
        return
    for name, value in shown.items():
        if name not in ("text", "deliveries"):
            click.echo(
                f"{name:<12} " + printable(str(value if value is not None else "-")).replace("\n", f"\n{'':<13}")
            )
    for one in deliveries:
        click.echo(f"delivery     {printable(str(one))}")
    click.echo("")
    click.echo(printable(row.text))


def _as_dict(row: LogRow) -> dict[str, object]:
    return {name: iso(value) if name == "at" else value for name, value in vars(row).items()}
