"""Queries on the mail log together with the queues: what arrived when, and what has become of it by now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from peewee import JOIN, SQL, chunked, fn

from mailbot.model.queued_mail import LogRow, OutboxState
from mailbot.records.database import Store
from mailbot.records.log import mail_log, search_index
from mailbot.records.register import offices
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import DeliveryRow, InboxRow, OutboxRow

_FIRST, _AT_ONCE = 100, 500  # rows that are read at once while their texts are searched: at first, and at most
_CANDIDATES = 2_000  # rows of the index whose addresses are compared at once


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What is to be listed; None: not asked for.

    `office`: mails about its applications, and those from or to its people about none; `address`: part of the sender
    or recipient; `state`: `Entry.state`; `since` and `until`: of `Entry.at`; `words`: each is somewhere in the row.
    """

    receipt: str | None = None
    office: str | None = None
    address: str | None = None
    state: str | None = None
    direction: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    words: str = ""


@dataclass(frozen=True)
class Entry:
    """A row of the mail log.

    `at`: when the mail arrived, or the notice was decided; `done_at`: when the mail was handled, or the relay accepted
    the notice; `state`: the disposition of the mail, or the state of the notice (`OutboxState`).
    """

    row: LogRow
    at: datetime
    done_at: datetime | None
    state: str

    @property
    def number(self) -> str:
        """Of a mail its number everywhere, of a notice `n` and its number in the outbox.

        A refused mail is not stored and has none: `r` and the row of the log.
        """
        row = self.row
        if row.direction == "out":
            return f"n{row.outbox_id}"
        return str(row.inbox_id) if row.inbox_id is not None else f"r{row.id}"


def select(store: Store, filters: Filters, limit: int) -> list[Entry]:
    """The latest `limit` entries that match, oldest first, in the caller's `Store.reading`."""
    query = _query()
    for condition in _conditions(filters):
        query = query.where(condition)
    words = [search_index.fold(word) for word in filters.words.split()]
    parts = [*words, search_index.fold(filters.address or "")]
    if not any(parts):
        return _entries(list(query.limit(limit)))
    return _entries(_searched(_batches(store, query, parts, filters.address), words, limit))


def of_mail(number: int) -> list[Entry]:
    """What the log has about the mail with this number: its rows, then its notices, oldest first."""
    return _entries(_query().where(MailLogRow.inbox_id == number))


def of_notice(number: int) -> list[Entry]:
    """What the log has about the notice with this number in the outbox."""
    return _entries(_query().where((MailLogRow.direction == "out") & (MailLogRow.outbox_id == number)))


def of_row(row_id: int) -> list[Entry]:
    """The row of the log with this id, alone in a list; [] without it."""
    return _entries(_query().where(MailLogRow.id == row_id))


def _at() -> Any:
    return fn.COALESCE(InboxRow.received_at, OutboxRow.created_at, MailLogRow.at)


def _state() -> Any:
    return fn.COALESCE(OutboxRow.state, MailLogRow.disposition)


def _query() -> Any:
    """Newest first."""
    mail = (MailLogRow.direction == "in") & (MailLogRow.inbox_id == InboxRow.id)
    notice = (MailLogRow.direction == "out") & (MailLogRow.outbox_id == OutboxRow.id)
    return (
        MailLogRow.select(MailLogRow, _at().alias("began_at"), _state().alias("state"))
        .join(InboxRow, JOIN.LEFT_OUTER, on=mail)
        .switch(MailLogRow)
        .join(OutboxRow, JOIN.LEFT_OUTER, on=notice)
        .order_by(MailLogRow.id.desc())
        .objects()
    )


def _conditions(filters: Filters) -> Iterator[Any]:
    if filters.receipt is not None:
        yield MailLogRow.receipt == filters.receipt
    if filters.office is not None:
        yield _of_office(filters.office)
    if filters.address is not None:
        yield _has_address(filters.address)
    if filters.state is not None:
        yield from _in_state(filters.state)
    if filters.direction is not None:
        yield MailLogRow.direction == filters.direction
    if filters.since is not None:
        yield MailLogRow.at >= filters.since  # by an index: no row is older than what it is about
        yield _at() >= MailLogRow.at.db_value(filters.since)
    if filters.until is not None:
        yield _at() < MailLogRow.at.db_value(filters.until)


def _has_address(part: str) -> Any:
    return MailLogRow.sender.contains(part) | MailLogRow.recipient.contains(part)


def _in_state(state: str) -> Iterator[Any]:
    """Of few mails or notices an index leads to them; most notices are sent, and the newest of them are near."""
    yield _state() == state
    if state != OutboxState.SENT.value:
        notices = OutboxRow.select(OutboxRow.id).where(OutboxRow.state == state)
        yield (MailLogRow.disposition == state) | MailLogRow.outbox_id.in_(notices)


def _of_office(code: str) -> Any:
    office = offices.office(code)
    people = [office.administrator.email, *(one.email for one in office.contacts)] if office is not None else []
    addresses = [address.lower() for address in people]
    theirs = fn.LOWER(MailLogRow.sender).in_(addresses) | fn.LOWER(MailLogRow.recipient).in_(addresses)
    return (MailLogRow.office == code) | ((MailLogRow.office == "") & theirs)


def _searched(batches: Iterator[list[Any]], words: list[str], limit: int) -> list[Any]:
    """The first `limit` rows with all of `words` somewhere."""
    found: list[Any] = []
    for rows in batches:
        for row in rows:
            text = search_index.folded(row)
            if all(word in text for word in words):
                found.append(row)
                if len(found) == limit:
                    return found
    return found


def _batches(store: Store, query: Any, parts: list[str], address: str | None) -> Iterator[list[Any]]:
    """The rows of `query` that may contain `parts`, newest first: those not indexed, then those of the index."""
    wanted = search_index.wanted(parts)
    lowest = search_index.last(store) if wanted else 0
    above, size = query.where(MailLogRow.id > lowest), _FIRST
    while rows := list(above.limit(size)):
        yield rows
        above, size = query.where((MailLogRow.id > lowest) & (MailLogRow.id < rows[-1].id)), _AT_ONCE
    below, size = lowest + 1, _FIRST if address is None else _CANDIDATES
    while wanted and (numbers := search_index.candidates(store, wanted, below, size)):
        below, size = numbers[-1], _AT_ONCE if address is None else _CANDIDATES
        chosen = numbers if address is None else _with_address(numbers, address)
        for some in chunked(chosen, _AT_ONCE):
            yield list(query.where(_is_one_of(some)))


def _with_address(numbers: list[int], part: str) -> list[int]:
    """Those rows, newest first, whose sender or recipient has `part`: the index knows its pairs of letters only."""
    rows: Any = MailLogRow.select(MailLogRow.id).where(_is_one_of(numbers) & _has_address(part))
    return [number for (number,) in rows.order_by(MailLogRow.id.desc()).tuples()]


def _is_one_of(numbers: Sequence[int]) -> Any:
    """As text: building a statement with hundreds of values takes longer than running it."""
    return MailLogRow.id.in_(SQL(f"({', '.join(map(str, numbers))})"))


def _entries(newest_first: Any) -> list[Entry]:
    rows = list(newest_first)[::-1]
    delivered = _delivered_at([row.outbox_id for row in rows if row.direction == "out"])
    return [
        Entry(
            mail_log.row_of(row),
            row.began_at,
            delivered.get(row.outbox_id) if row.direction == "out" else row.at,
            row.state,
        )
        for row in rows
    ]


def _delivered_at(notices: list[int]) -> dict[int, datetime]:
    found: dict[int, datetime] = {}
    for start in range(0, len(notices), _AT_ONCE):
        some = DeliveryRow.outbox.in_(notices[start : start + _AT_ONCE]) & (DeliveryRow.accepted == True)  # noqa: E712
        rows: Any = DeliveryRow.select().where(some).order_by(DeliveryRow.id)
        for row in rows:
            found[row.outbox_id] = row.ended_at
    return found
