"""Queries on the mail log together with the queues: what arrived when, and what has become of it by now."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from peewee import JOIN, chunked

from mailbot.model.queued_mail import LogRow
from mailbot.records.database import Store
from mailbot.records.keyset import Part, Place, divided, part, typed_key
from mailbot.records.log import mail_log, search_index
from mailbot.records.log.mail_filters import (
    Filters,
    arrived_or_decided,
    conditions,
    has_address,
    one_of_rows,
    state_by_now,
)
from mailbot.records.queues.attempts import Attempt, last_attempts
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow

__all__ = ["Entry", "Filters", "of_mail", "of_notice", "of_row", "page", "select"]

_AT_ONCE = 500  # rows that are read at once while their texts are searched
_CANDIDATES = 2_000  # rows of the index whose addresses are compared at once


@dataclass(frozen=True)
class Entry:
    """A row of the mail log.

    `at`: when the mail arrived, or the notice was decided; `done_at`: when the mail was handled, or the relay accepted
    the notice; `state`: the disposition of the mail, or the state of the notice (`OutboxState`); of a notice also how
    often it was tried, the last attempt, and when the next is due.
    """

    row: LogRow
    at: datetime
    done_at: datetime | None
    state: str
    attempts: int = 0
    last: Attempt | None = None
    next_at: datetime | None = None

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
    return list(page(store, filters, Place(size=limit)).rows[::-1])


def page(store: Store, filters: Filters, place: Place, *, most_read: int | None = None) -> Part[Entry]:
    """A part of the entries that match, newest first by the row of the log, in the caller's `Store.reading`.

    `most_read`: how many rows are looked into for words, at about; then the part ends early, even without any entry,
    and `following` (backwards: `previous`) leads on from there.
    """
    query = _query()
    for condition in conditions(filters):
        query = query.where(condition)
    words = [search_index.fold(word) for word in filters.words.split()]
    parts = [*words, search_index.fold(filters.address or "")]
    if not any(parts):
        return part(query, (MailLogRow.id,), place, _entries, newest=True)
    found: list[Any] = []
    read, ended_at = 0, None
    for batch in _batches(store, query, parts, place, filters.address):
        found += [row for row in batch.rows if all(word in search_index.folded(row) for word in words)]
        read += batch.read
        if len(found) > place.size:
            break
        if most_read is not None and read >= most_read:
            ended_at = batch.last
            break
    made = divided(found[: place.size + 1], (MailLogRow.id,), place, _entries)
    if ended_at is None:
        return made
    return replace(made, previous=(ended_at,)) if place.before else replace(made, following=(ended_at,))


def of_mail(number: int) -> list[Entry]:
    """What the log has about the mail with this number: its rows, then its notices, oldest first."""
    return _oldest_first(_query().where(MailLogRow.inbox_id == number))


def of_notice(number: int) -> list[Entry]:
    """What the log has about the notice with this number in the outbox."""
    return _oldest_first(_query().where((MailLogRow.direction == "out") & (MailLogRow.outbox_id == number)))


def of_row(row_id: int) -> list[Entry]:
    """The row of the log with this id, alone in a list; [] without it."""
    return _oldest_first(_query().where(MailLogRow.id == row_id))


def _query() -> Any:
    """Newest first."""
    mail = (MailLogRow.direction == "in") & (MailLogRow.inbox_id == InboxRow.id)
    notice = (MailLogRow.direction == "out") & (MailLogRow.outbox_id == OutboxRow.id)
    return (
        MailLogRow.select(
            MailLogRow,
            arrived_or_decided().alias("began_at"),
            state_by_now().alias("state"),
            OutboxRow.attempts.alias("tries"),
            OutboxRow.next_attempt_at.alias("next_at"),
        )
        .join(InboxRow, JOIN.LEFT_OUTER, on=mail)
        .switch(MailLogRow)
        .join(OutboxRow, JOIN.LEFT_OUTER, on=notice)
        .order_by(MailLogRow.id.desc())
        .objects()
    )


@dataclass(frozen=True)
class _Batch:
    """Rows that may match, and how many were read for them, down to (or up to) the id `last`."""

    rows: list[Any]
    read: int
    last: int


def _batches(store: Store, query: Any, parts: list[str], place: Place, address: str | None) -> Iterator[_Batch]:
    """The rows of `query` that may contain `parts`, in their order: those not in the index yet, and those of it."""
    falling, edge = not place.before, _edge(place)
    if edge is not None:
        query = query.where(MailLogRow.id < edge if falling else MailLogRow.id > edge)
    query = query.order_by(MailLogRow.id.desc() if falling else MailLogRow.id.asc())
    wanted = search_index.wanted(parts)
    lowest = search_index.last(store) if wanted else 0
    one_by_one = _not_indexed(query, lowest, falling=falling)
    indexed = _of_index(store, query, wanted, place, address) if wanted else iter(())
    return chain(one_by_one, indexed) if falling else chain(indexed, one_by_one)


def _edge(place: Place) -> int | None:
    """The id of the row beyond which the part begins; None at the top, or when the key is none of this list."""
    key = typed_key((MailLogRow.id,), place.before or place.after)
    return int(key[0]) if key is not None else None


def _not_indexed(query: Any, lowest: int, *, falling: bool) -> Iterator[_Batch]:
    beyond = above = query.where(MailLogRow.id > lowest)
    while rows := list(beyond.limit(_AT_ONCE)):
        last = rows[-1].id
        yield _Batch(rows, len(rows), last)
        beyond = above.where(MailLogRow.id < last if falling else MailLogRow.id > last)


def _of_index(store: Store, query: Any, wanted: list[int], place: Place, address: str | None) -> Iterator[_Batch]:
    """Of frequent words a few rows are enough: those are read first."""
    edge, falling = _edge(place), not place.before
    size = min(2 * place.size, _AT_ONCE) if address is None else _CANDIDATES
    more = True
    while more and (numbers := search_index.candidates(store, wanted, edge, size, falling=falling)):
        more = len(numbers) == size  # else those were the last
        size = _AT_ONCE if address is None else _CANDIDATES
        edge = numbers[-1]
        chosen = numbers if address is None else _with_address(numbers, address)
        rows = [row for some in chunked(chosen, _AT_ONCE) for row in query.where(one_of_rows(some))]
        yield _Batch(rows, len(numbers), edge)


def _with_address(numbers: list[int], part: str) -> list[int]:
    """Those rows, in their order, whose sender or recipient has `part`: the index knows its pairs of letters only."""
    rows: Any = MailLogRow.select(MailLogRow.id).where(one_of_rows(numbers) & has_address(part))
    having = {number for (number,) in rows.tuples()}
    return [number for number in numbers if number in having]


def _oldest_first(newest_first: Any) -> list[Entry]:
    return _entries(list(newest_first)[::-1])


def _entries(rows: Sequence[Any]) -> list[Entry]:
    last = last_attempts([row.outbox_id for row in rows if row.direction == "out"])
    return [_entry(row, last.get(row.outbox_id) if row.direction == "out" else None) for row in rows]


def _entry(row: Any, last: Attempt | None) -> Entry:
    if row.direction == "in":
        return Entry(mail_log.row_of(row), row.began_at, row.at, row.state)
    done_at = last.ended_at if last is not None and last.accepted else None
    return Entry(mail_log.row_of(row), row.began_at, done_at, row.state, row.tries or 0, last, row.next_at)
