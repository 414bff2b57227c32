"""The commands `mailbot inquiries list|show NUMBER|close NUMBER`."""

from datetime import datetime

import click

from mailbot.clock import SystemClock, iso, tokyo_date
from mailbot.commands.common import (
    common_options,
    in_words,
    open_configured_desk,
    operator_name,
    print_json,
    print_result,
    print_table,
    print_values,
    wants_json,
)
from mailbot.commands.options import limit_option
from mailbot.errors import UsageError
from mailbot.model.inquiry import Inquiry, InquiryState
from mailbot.text import printable


@click.group()
def inquiries() -> None:
    """Inquiries: mails that were passed on to a person, and their answers."""


@inquiries.command("list")
@click.option("--state", type=click.Choice([state.value for state in InquiryState]), default=None, help="Only these.")
@limit_option
@common_options
def list_(state: str | None, limit: int) -> None:
    """List the latest inquiries, oldest first.  The number is that of the mail; `late`: open beyond its promised day.

    Example: mailbot inquiries list --state open
    """
    from mailbot.records.inquiries import inquiries as found

    with open_configured_desk() as (_, context), context.store.reading():
        now = SystemClock().now()
        rows = [_as_dict(one, now) for one in found.listing(InquiryState(state) if state else None, limit=limit)]
    if wants_json():
        print_json(rows)
        return
    names = [
        "number",
        "received_at",
        "state",
        "concern",
        "promised_on",
        "late",
        "audience",
        "sender",
        "receipt",
        "words",
    ]
    print_table(names, [[in_words(row[name])[:60] for name in names] for row in rows], {"state": "inquiry"})


@inquiries.command()
@click.argument("number", type=int)
@common_options
def show(number: int) -> None:
    """Show one inquiry: who wrote what, to whom it was passed on, and who has answered.

    Example: mailbot inquiries show 12
    """
    from mailbot.records.inquiries import inquiries as found

    with open_configured_desk() as (_, context), context.store.reading():
        one = found.get(number)
        if one is None:
            raise UsageError(f"no inquiry {number}; run `mailbot inquiries list` to see the inquiries")
        shown = _as_dict(one, SystemClock().now())
    if wants_json():
        print_json(shown)
        return
    print_values({name: value for name, value in shown.items() if name != "words"}, {"state": "inquiry"})
    click.echo("")
    click.echo(printable(one.words))


@inquiries.command()
@click.argument("number", type=int)
@common_options
def close(number: int) -> None:
    """Close an open inquiry without an answer.

    Example: mailbot inquiries close 12
    """
    from mailbot.desk.inquiries.replies import close_without_answer

    with open_configured_desk() as (_, context), context.store.transaction():
        if not close_without_answer(number, operator_name(), SystemClock().now(), context):
            raise UsageError(f"no open inquiry {number}; run `mailbot inquiries list --state open` to see them")
    print_result({"closed": number}, f"inquiry {number} is closed; nobody was sent an answer")


def _as_dict(one: Inquiry, now: datetime) -> dict[str, object]:
    """One inquiry as JSON data.  `receipt` is "" for one about no application, or about a draft."""
    from mailbot.records.applications import application_store

    about = application_store.get(one.application_id) if one.application_id is not None else None
    return {
        "number": one.mail_id,
        "received_at": iso(one.received_at),
        "state": one.state.value,
        "concern": one.concern,
        "audience": one.audience.value,
        "sender": one.sender,
        "name": one.name,
        "office": one.office,
        "receipt": str(about.receipt or "") if about is not None else "",
        "promised_on": one.promised_on.isoformat(),
        "late": one.is_late(tokyo_date(now)),
        "answered_by": one.answered_by,
        "answered_at": iso(one.answered_at) if one.answered_at is not None else "",
        "words": one.words,
    }
