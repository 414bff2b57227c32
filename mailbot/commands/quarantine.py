"""The commands `mailbot quarantine list|show|release|discard`."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from mailbot.clock import SystemClock, iso
from mailbot.commands.common import (
    common_options,
    in_words,
    open_configured_desk,
    operator_name,
    print_json,
    print_octets,
    print_table,
    say_cut,
    wants_json,
)
from mailbot.commands.options import MAIL_NUMBER, Instant, ReasonCode, add_options, limit_option
from mailbot.errors import UsageError
from mailbot.model.queued_mail import RELEASABLE
from mailbot.model.reasons import ABOVE_LIMIT, REASONS
from mailbot.text import printable

if TYPE_CHECKING:
    from mailbot.desk.operations.quarantine import Handled
    from mailbot.records.queues.quarantined import QuarantinedMail

HEADER_OCTETS_SHOWN = 4096
_REASON = ReasonCode(*RELEASABLE, others=[ABOVE_LIMIT])


@click.group()
def quarantine() -> None:
    """Quarantined mail: list it, show it, release it to be handled, or discard it."""


_filters = add_options(  # which quarantined mails
    click.option("--reason", type=_REASON, default=None, help="Only those with this reason code."),
    click.option("--sender", default=None, help="Only those whose sender or author contains this."),
    click.option("--since", type=Instant(), default=None, help="Only those that arrived since (2026-11-20, 7d)."),
)


@quarantine.command("list")
@_filters
@limit_option
@common_options
def list_(reason: str | None, sender: str | None, since: datetime | None, limit: int) -> None:
    """List the latest quarantined mails, oldest first.

    Example: mailbot quarantine list --reason surprise
    """
    from mailbot.records.queues import quarantined

    with open_configured_desk() as (_, context), context.store.reading():
        found = quarantined.select(reason=reason, sender=sender, since=since)
    shown = found[-limit:]
    if wants_json():
        print_json([_as_dict(mail) for mail in shown])
    else:
        names = ("number", "arrived", "reason", "sender", "subject")
        print_table(list(names), [[in_words(row[name]) for name in names] for row in map(_as_dict, shown)])
    say_cut(cut=len(shown) < len(found), limit=limit)


def _as_dict(mail: "QuarantinedMail") -> dict[str, object]:
    return {
        "number": mail.number,
        "arrived": iso(mail.received_at),
        "quarantined": iso(mail.quarantined_at),
        "reason": mail.reason,
        "sender": mail.author or mail.envelope.sender or "<>",
        "recipients": list(mail.envelope.recipients),
        "subject": mail.subject,
    }


@quarantine.command()
@click.argument("number", type=MAIL_NUMBER)
@click.option("--raw", is_flag=True, help="Print the mail as received, octet for octet.")
@common_options
def show(number: int, raw: bool) -> None:
    """Show one quarantined mail: why it is quarantined, and its header as received.

    The mail is not read for that; `mailbot explain NUMBER` reads it and says what a release would do.

    Example: mailbot quarantine show 7
    """
    from mailbot.records.queues import quarantined, received

    with open_configured_desk() as (_, context), context.store.reading():
        found = quarantined.select(numbers=[number])
        if not found:
            state = quarantined.state_of(number)
            problem = f"is not quarantined, but {state}" if state else "does not exist"
            raise UsageError(f"mail #{number} {problem}; `mailbot quarantine list` shows the quarantined mails")
        content = received.content(context.store, number)
    if raw:
        print_octets(content)
        return
    mail = found[0]
    header = content[:HEADER_OCTETS_SHOWN].replace(b"\r\n", b"\n").partition(b"\n\n")[0].decode("utf-8", "replace")
    shown = {
        **_as_dict(mail),
        "meaning": REASONS[mail.reason].meaning,
        "envelope": mail.envelope.sender or "<>",
        "detail": mail.detail,
        "header": header or "the raw mail was deleted by age",
    }
    if wants_json():
        print_json(shown)
        return
    for name, value in shown.items():
        click.echo(f"{name:<12} " + printable(in_words(value)).replace("\n", f"\n{'':<13}"))


@quarantine.command()
@click.argument("numbers", metavar="[NUMBER]...", type=MAIL_NUMBER, nargs=-1)
@_filters
@click.option("--register", metavar="OFFICE", default=None, help="First register the author as 申込担当者 of OFFICE.")
@common_options
@click.pass_context
def release(ctx: click.Context, /, numbers: tuple[int, ...], register: str | None, **filters: Any) -> None:
    """Put quarantined mails back into the inbox: those with these NUMBERs, or all that match the filters.

    Each is handled again like any other mail, with today's register and rules, so it may be quarantined again.
    A mail that was passed on because of the limit of answers (passed-on-above-limit) is released in the same way, by
    its number or this reason, unless somebody has answered it: its inquiry ends.
    Exit code 1 when one was not released.

    With --register the author of each NUMBER becomes a contact of OFFICE in the same step: a new colleague, say. It is
    refused for a mail that fails DMARC, and when the address belongs to another office.

    Example: mailbot quarantine release --reason surprise --since 7d
    """
    from mailbot.desk.operations import quarantine as operations

    with open_configured_desk() as (_, context):
        chosen = _chosen(numbers, filters, context)
        by = operations.Operator(operator_name(), SystemClock().now())
        if register is None:
            _print(ctx, "released", [operations.release(number, by, context) for number in chosen])
            return
        if not numbers:
            raise UsageError("--register needs the numbers of mails: look at each of them first")
        _print(ctx, "released", [operations.register_and_release(number, register, by, context) for number in chosen])


@quarantine.command()
@click.argument("numbers", metavar="[NUMBER]...", type=MAIL_NUMBER, nargs=-1)
@_filters
@click.option("--because", required=True, metavar="WORDS", help="Why, for the logs.")
@click.option("--yes", is_flag=True, help="Do not ask, where filters choose the mails.")
@common_options
@click.pass_context
def discard(ctx: click.Context, /, numbers: tuple[int, ...], because: str, yes: bool, **filters: Any) -> None:
    """Discard quarantined mails for good: those with these NUMBERs, or all that match the filters.

    Exit code 1 when one was not discarded.

    Example: mailbot quarantine discard 7 --because "advertising"
    """
    from mailbot.desk.operations import quarantine as operations

    if not because.strip():
        raise UsageError("--because is empty; expected why the mail is discarded, in words")
    with open_configured_desk() as (_, context):
        chosen = _chosen(numbers, filters, context)
        if chosen and not numbers and not yes:
            click.confirm(f"discard {len(chosen)} mails for good?", abort=True, err=True)
        by = operations.Operator(operator_name(), SystemClock().now())
        _print(ctx, "discarded", [operations.discard(number, because, by, context) for number in chosen])


def _chosen(numbers: Sequence[int], filters: dict[str, Any], context: Any) -> list[int]:
    from mailbot.records.queues import quarantined

    given = any(value is not None for value in filters.values())
    if bool(numbers) == given:
        raise UsageError("expected the numbers of mails, or one of --reason, --sender, --since, and not both")
    if numbers:
        return list(dict.fromkeys(numbers))
    with context.store.reading():
        return [mail.number for mail in quarantined.select(**filters)]


def _handled(done: str, one: "Handled") -> dict[str, object]:
    registered = {"registered": one.registered} if one.registered else {}
    return {"number": one.number, done: not one.problem, "problem": one.problem, **registered}


def _print(ctx: click.Context, done: str, results: "Sequence[Handled]") -> None:
    if wants_json():
        print_json([_handled(done, one) for one in results])
    else:
        for one in results:
            registered = f"; registered {printable(one.registered)}" if one.registered else ""
            click.echo(f"#{one.number} {f'was not {done}: {one.problem}' if one.problem else done}{registered}")
        if not results:
            click.echo("no quarantined mail matches")
    ctx.exit(1 if any(one.problem for one in results) else 0)
