"""The commands `mailbot log list|show ID|verify|balance`."""

import sys

import click

from mailbot.clock import iso
from mailbot.commands.common import common_options, open_configured_desk, print_json, print_table, wants_json
from mailbot.errors import UsageError
from mailbot.model.queued_mail import LogRow
from mailbot.text import printable


@click.group()
def log() -> None:
    """The mail log: every mail received or sent, and its disposition."""


@log.command("list")
@click.option("--receipt", default=None, help="Only mails of this application.")
@click.option("--office", default=None, help="Only mails of this office.")
@click.option("--address", default=None, help="Only mails from or to this address.")
@click.option(
    "--disposition",
    default=None,
    help="refused, carried_out, answered, passed_on, challenged, quarantined, recorded, queued.",
)
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
@common_options
def list_(receipt: str | None, office: str | None, address: str | None, disposition: str | None, limit: int) -> None:
    """List the latest mails, oldest first.

    Example: mailbot log list --receipt 2600001C
    """
    from mailbot.records.log import mail_log

    with open_configured_desk() as (_, context), context.store.reading():
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
@click.option("--raw", is_flag=True, help="Print the mail as received or sent, octet for octet.")
@common_options
def show(number: int, raw: bool) -> None:
    """Show one mail: authentication evidence, disposition and reason, delivery attempts, and text.

    Example: mailbot log show 3
    """
    from mailbot.records.log import mail_log
    from mailbot.records.queues import outbox

    with open_configured_desk() as (_, context), context.store.reading():
        row = mail_log.get(number)
        if row is None:
            raise UsageError(f"no row {number} in the mail log; run `mailbot log list` to see the rows")
        if raw:
            sys.stdout.buffer.write(mail_log.raw_of(context.store, row) or b"")
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


@log.command()
@common_options
@click.pass_context
def verify(ctx: click.Context) -> None:
    """Verify the hash chain: whether every row of the mail log is unchanged.  Exit code 1 when one is not.

    Example: mailbot log verify
    """
    from mailbot.records.log import mail_log

    with open_configured_desk() as (_, context), context.store.reading():
        rows, wrong = mail_log.verify()
        head = mail_log.head()
    if wants_json():
        print_json({"rows": rows, "first_wrong": wrong, "head": head})
    elif wrong is None:
        click.echo(f"{rows} rows, all unchanged; the last hash is {head or '-'}")
        click.echo("store that hash on another machine: it shows later whether rows were cut off at the end")
    else:
        click.echo(f"row {wrong} (of {rows}) was changed, or a row before it is missing")
    ctx.exit(0 if wrong is None else 1)


@log.command("balance")
@common_options
@click.pass_context
def balance(ctx: click.Context) -> None:
    """Show what waits in which stage, and check that every mail was handled and every notice has a result.

    Exit code 1 when one is inconsistent.

    Example: mailbot log balance
    """
    from mailbot.commands.stages import print_stages, stages_as_dicts
    from mailbot.records.maintenance import consistency, stages

    with open_configured_desk() as (_, context), context.store.reading():
        found = consistency.check_consistency(context.store)
        waiting = stages.waiting_stages(context.store)
    if wants_json():
        print_json({"counts": found.counts, "faults": found.faults, "waiting": stages_as_dicts(waiting)})
    else:
        print_stages(waiting)
        print_table(["what", "how many"], [[name, str(number)] for name, number in found.counts.items()])
        for fault in found.faults:
            click.echo(f"INCONSISTENT  {fault}")
        if not found.faults:
            click.echo("consistent")
    ctx.exit(1 if found.faults else 0)
