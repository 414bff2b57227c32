"""Which rows of the mail log are to be listed, as conditions that indexes serve; searching words: `search_index`."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import fn

from mailbot.model.queued_mail import OutboxState
from mailbot.records.keyset import MOST_COUNTED, count_some
from mailbot.records.register import offices
from mailbot.records.schema.application_tables import ApplicationRow
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What is to be listed; None: not asked for.

    `office`: mails about its applications, and those from or to its people about none; `address`: part of the sender
    or recipient; `state`: `Entry.state`; `reason`: a code (model.reasons), or the kind of a notice; `procedure`: of the
    application that a mail is about; `since` and `until`: of `Entry.at`; `words`: each is somewhere in the row.
    """

    receipt: str | None = None
    office: str | None = None
    address: str | None = None
    state: str | None = None
    direction: str | None = None
    reason: str | None = None
    procedure: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


def arrived_or_decided() -> Any:
    """When a mail arrived or a notice was decided, in a query that joins the queues."""
    return fn.COALESCE(InboxRow.received_at, OutboxRow.created_at, MailLogRow.at)


def state_by_now() -> Any:
    """`Entry.state`, in such a query."""
    return fn.COALESCE(OutboxRow.state, MailLogRow.disposition)


def conditions(filters: Filters) -> Iterator[Any]:
    """For a query of the mail log that joins the queues, in the caller's `Store.reading`."""
    if filters.receipt is not None:
        yield MailLogRow.receipt == filters.receipt
    if filters.office is not None:
        yield _of_office(filters.office)
    if filters.address is not None:
        yield has_address(filters.address)
    if filters.state is not None:
        yield from _in_state(filters.state)
    if filters.direction is not None:
        yield MailLogRow.direction == filters.direction
    if filters.reason is not None:
        yield MailLogRow.reason == filters.reason
    if filters.procedure is not None:
        yield _of_procedure(filters.procedure)
    if filters.since is not None:
        yield MailLogRow.at >= filters.since  # by an index: no row is older than what it is about
        yield arrived_or_decided() >= MailLogRow.at.db_value(filters.since)
    if filters.until is not None:
        yield arrived_or_decided() < MailLogRow.at.db_value(filters.until)


def has_address(part: str) -> Any:
    """Whether `part` is in the sender or in the recipient."""
    return MailLogRow.sender.contains(part) | MailLogRow.recipient.contains(part)


def _in_state(state: str) -> Iterator[Any]:
    """Of few mails or notices an index leads to them; most notices are sent, and the newest of them are near."""
    yield state_by_now() == state
    if state != OutboxState.SENT.value:
        notices = OutboxRow.select(OutboxRow.id).where(OutboxRow.state == state)
        yield (MailLogRow.disposition == state) | MailLogRow.outbox_id.in_(notices)


def _of_office(code: str) -> Any:
    office = offices.office(code)
    people = [office.administrator.email, *(one.email for one in office.contacts)] if office is not None else []
    addresses = [address.lower() for address in people]
    theirs = fn.LOWER(MailLogRow.sender).in_(addresses) | fn.LOWER(MailLogRow.recipient).in_(addresses)
    return (MailLogRow.office == code) | ((MailLogRow.office == "") & theirs)


def _of_procedure(name: str) -> Any:
    """Of a procedure with few applications an index leads to the mails; those of any other are never far."""
    mine = ApplicationRow.select(ApplicationRow.receipt).where(ApplicationRow.procedure == name)
    if count_some(mine) <= MOST_COUNTED:
        return MailLogRow.receipt.in_([row.receipt for row in mine if row.receipt])
    return fn.EXISTS(mine.where(ApplicationRow.receipt == MailLogRow.receipt))
