"""The commands `mailbot outbox list|retry|stop`."""

from typing import Any

import click

from mailbot.clock import SystemClock, iso
from mailbot.commands.common import (
    common_options,
    open_configured_desk,
    operator_name,
    print_json,
    print_table,
    say_cut,
    wants_json,
)
from mailbot.commands.options import NOTICE_NUMBER, Code, Instant, limit_option
from mailbot.errors import UsageError
from mailbot.model.queued_mail import OutboxState
from mailbot.text import printable


@click.group()
def outbox() -> None:
    """The outbox: notices that wait, were sent, or failed."""


@outbox.command("list")
@click.option("--state", type=click.Choice([state.value for state in OutboxState]), default=None, help="Only these.")
@limit_option
@common_options
def list_(state: str | None, limit: int) -> None:
    """List the latest notices, oldest first, with the relay's last reply.

    Example: mailbot outbox list --state failed
    """
    from mailbot.records.queues import outbox as notices
    from mailbot.records.queues.attempts import attempts_of

    with open_configured_desk() as (_, context), context.store.reading():
        found = notices.listing(OutboxState(state) if state else None, limit + 1)
        items = found[-limit:]
        replies = {item.id: [one.reply for one in attempts_of(item.id)] for item in items}
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
        print_table(
            ["number", *names[1:]],
            [[f"n{row['id']}", *(str(row[name]) for name in names[1:])] for row in rows],
            {"state": "result"},
        )
    say_cut(cut=len(found) > limit, limit=limit)


@outbox.command()
@click.argument("numbers", metavar="[NUMBER]...", type=NOTICE_NUMBER, nargs=-1)
@click.option("--recipient", default=None, help="Those to an address that contains this.")
@click.option("--office", type=Code(), default=None, help="Those about applications of this office, or to its people.")
@click.option("--since", type=Instant(), default=None, help="Those decided since (2026-11-20, 7d, 12h).")
@click.option("--all", "everything", is_flag=True, help="All that failed or wait.")
@click.option(
    "--restored", is_flag=True, help="Also those that a restore has held back: they may have been sent before."
)
@common_options
@click.pass_context
def retry(ctx: click.Context, /, numbers: tuple[int, ...], everything: bool, restored: bool, **filters: Any) -> None:
    """Deliver failed or waiting notices at once: those with these NUMBERs, all that match the filters, or --all.

    A notice goes to the address that the register has for its recipient now.  Exit code 1 when one of the NUMBERs
    neither failed nor waits, or is unknown.

    Example: mailbot outbox retry --office NAC001 --since 7d
    """
    from mailbot.desk.operations.retry import retry as retry_notice
    from mailbot.records.queues import retries

    chosen = bool(numbers) + (any(value is not None for value in filters.values()) or everything)
    if chosen != 1:
        raise UsageError("expected numbers of notices, or one of --recipient, --office, --since, --all; not both")
    with open_configured_desk() as (_, context):
        with context.store.reading():
            found = retries.select(numbers=numbers or None, restored=restored, **filters)
            deleted = retries.without_content(numbers)
        who, now = operator_name(), SystemClock().now()
        sent = {number: retry_notice(number, who, now, context) for number in found}
    missing = sorted(set(numbers) - set(found))
    if wants_json():
        print_json(
            {"retried": len(sent), "readdressed": {f"n{n}": a for n, a in sent.items() if a}, "not_found": missing}
        )
    else:
        for number, address in sent.items():
            click.echo(f"n{number} will be delivered at once{f', to {printable(address)}' if address else ''}")
        for number in sorted(deleted):
            click.echo(f"n{number} was stopped, and its content was deleted by age (retention.raw_mail_days)")
        for number in sorted(set(missing) - deleted):
            click.echo(f"n{number} neither failed nor waits; run `mailbot outbox list` to see the notices")
        if not sent and not missing:
            click.echo("no notice that failed or waits matches")
    ctx.exit(1 if missing else 0)


_NOT_STOPPED = {
    "unknown": "does not exist; run `mailbot outbox list` to see the notices",
    "delivered": "was delivered",
    "sending": "is being sent at this moment; when that fails it can be stopped",
    "stopped": "was stopped before",
    "always_delivered": "is told to others about what operators do, and is always delivered",
}


@outbox.command()
@click.argument("numbers", metavar="NUMBER...", type=NOTICE_NUMBER, nargs=-1, required=True)
@click.option("--because", required=True, metavar="WORDS", help="Why, for the logs.")
@common_options
@click.pass_context
def stop(ctx: click.Context, /, numbers: tuple[int, ...], because: str) -> None:
    """Do not deliver notices that wait or have failed: those with these NUMBERs.

    `mailbot outbox retry NUMBER` delivers one all the same, until its content is deleted by age.  Exit code 1 when one
    was not stopped.

    Example: mailbot outbox stop n12 --because "told by telephone"
    """
    from mailbot.desk.operations.stop_notice import stop as stop_notice

    if not because.strip():
        raise UsageError("--because is empty; expected why the notice is stopped, in words")
    with open_configured_desk() as (_, context):
        who, now = operator_name(), SystemClock().now()
        results = {number: stop_notice(number, because, who, now, context) for number in dict.fromkeys(numbers)}
    if wants_json():
        print_json([{"number": f"n{n}", "stopped": not why, "problem": why or ""} for n, why in results.items()])
    else:
        for number, problem in results.items():
            click.echo(f"n{number} {_NOT_STOPPED[problem.value] if problem else 'will not be delivered'}")
    ctx.exit(1 if any(results.values()) else 0)
