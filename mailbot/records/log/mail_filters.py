"""Which rows of the mail log are to be listed, as conditions that indexes serve; searching words: `search_index`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from peewee import SQL, fn

from mailbot.model.queued_mail import Disposition, OutboxState
from mailbot.records.keyset import MOST_COUNTED, count_some
from mailbot.records.register import offices
from mailbot.records.schema.application_tables import ApplicationRow
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow

# After that a row is not found by the day on which its mail arrived: it was released late, and has an earlier row.
LATEST = timedelta(days=3)
_ABOVE = 2**31 - 1  # every id
_MOST_LISTED = 5_000  # rows of an office that are chosen by their ids


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
        yield MailLogRow.id >= _first_since(filters.since)  # no row is older than what it is about
        yield arrived_or_decided() >= MailLogRow.at.db_value(filters.since)
    if filters.until is not None:
        yield MailLogRow.id < _first_since(filters.until + LATEST)
        yield arrived_or_decided() < MailLogRow.at.db_value(filters.until)


def has_address(part: str) -> Any:
    """Whether `part` is in the sender or in the recipient."""
    return MailLogRow.sender.contains(part) | MailLogRow.recipient.contains(part)


def _first_since(at: datetime) -> int:
    """The id of the first row since then, above all ids without one: rows are appended in the order of time."""
    row = MailLogRow.select(MailLogRow.id).where(MailLogRow.at >= at).order_by(MailLogRow.at, MailLogRow.id).first()
    return int(row.id) if row is not None else _ABOVE


def _in_state(state: str) -> Iterator[Any]:
    """By indexes; most notices are sent, and the newest of them are near."""
    waits = state == Disposition.WAITING.value  # a mail, or a notice
    incoming = (MailLogRow.direction == "in") & (MailLogRow.disposition == state)
    if state in list(Disposition) and not waits:
        yield incoming
        return
    notices = MailLogRow.outbox_id.in_(OutboxRow.select(OutboxRow.id).where(OutboxRow.state == state))
    if state == OutboxState.SENT.value:
        yield state_by_now() == state  # no condition for an index, which would lead to nearly all
    elif waits:
        yield ((MailLogRow.direction == "out") & notices) | incoming
    else:
        yield (MailLogRow.direction == "out") & notices


def _of_office(code: str) -> Any:
    """Of an office with few mails indexes lead to them; those of any other are never far."""
    office = offices.office(code)
    people = [office.administrator.email, *(one.email for one in office.contacts)] if office is not None else []
    addresses = [address.lower() for address in people]
    about_none = fn.LENGTH(MailLogRow.office) == SQL("0")  # as in the indexes, which no parameter would match
    conditions = (
        MailLogRow.office == code,
        about_none & fn.LOWER(MailLogRow.sender).in_(addresses),
        about_none & fn.LOWER(MailLogRow.recipient).in_(addresses),
    )
    found: set[int] = set()
    for condition in conditions[: 3 if addresses else 1]:
        ids: Any = MailLogRow.select(MailLogRow.id).where(condition).limit(_MOST_LISTED + 1)
        found.update(number for (number,) in ids.tuples())
        if len(found) > _MOST_LISTED:
            return reduce(or_, conditions)
    return one_of_rows(sorted(found))


def one_of_rows(numbers: Sequence[int]) -> Any:
    """Whether a row has one of these ids.  As text: building a statement with hundreds of values takes longer."""
    return MailLogRow.id.in_(SQL(f"({', '.join(map(str, numbers))})")) if numbers else SQL("1 = 0")


def _of_procedure(name: str) -> Any:
    """Of a procedure with few applications an index leads to the mails; those of any other are never far."""
    mine = ApplicationRow.select(ApplicationRow.receipt).where(ApplicationRow.procedure == name)
    if count_some(mine) <= MOST_COUNTED:
        return MailLogRow.receipt.in_([row.receipt for row in mine if row.receipt])
    return fn.EXISTS(mine.where(ApplicationRow.receipt == MailLogRow.receipt))
