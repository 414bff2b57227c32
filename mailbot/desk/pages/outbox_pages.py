"""Notices that are not delivered as a page: what needs somebody first, with the cause and the remedy; sent again."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from mailbot.desk.context import DeskContext
from mailbot.desk.operations.retry import present_address
from mailbot.desk.operations.retry import retry as retry_notice
from mailbot.desk.operations.stop_notice import NotStopped
from mailbot.desk.pages.asked import Answer, Asked, Page
from mailbot.desk.pages.list_urls import ListUrl, Parts, links, list_url, place_of
from mailbot.model.desk_login import DeskLogin
from mailbot.model.queued_mail import OutboxItem, OutboxState, SentNotice
from mailbot.model.undelivered import Undelivered, undelivered
from mailbot.records.applications import application_store
from mailbot.records.queues import outbox, retries
from mailbot.records.queues.attempts import Attempt, last_attempts
from mailbot.records.queues.retries import Undone
from mailbot.text import fold_address, fold_code

FILTERS = ("undone", "office", "recipient")
PART = 20  # notices on a page: of each the register and the other copies are looked up
MOST = 200  # notices that are tried again at once
RECENT = timedelta(days=7)  # of failures that the menu counts


@dataclass(frozen=True)
class NoticeShown:
    """`address`: where the register says it goes now, "" when that has not changed; `others`: its other copies."""

    item: OutboxItem
    receipt: str
    last: Attempt | None
    cause: Undelivered | None
    address: str
    others: tuple[SentNotice, ...]


@dataclass(frozen=True)
class Retried:
    """What came of a notice; `address`: another than before, or "".

    `refused`: it neither failed nor waits; `deleted`: because its content was deleted by age.
    """

    number: int
    recipient: str = ""
    subject: str = ""
    address: str = ""
    refused: bool = False
    deleted: bool = False


@dataclass(frozen=True)
class Stopping:
    """A notice that is to be stopped, or was.  `problem`: why it cannot be, or was not."""

    number: int
    item: OutboxItem | None
    problem: NotStopped | None = None


@dataclass(frozen=True)
class OutboxPage:
    """A part of one list, newest first; `numbers`: how many in each, as `count_some`."""

    rows: tuple[NoticeShown, ...]
    undone: Undone
    numbers: Mapping[Undone, int]
    url: ListUrl
    parts: Parts
    most: int = MOST
    results: tuple[Retried, ...] = ()
    stopped: tuple[Stopping, ...] = ()
    nothing_ticked: bool = False


def undelivered_notices(asked: Asked, context: DeskContext) -> Answer:
    return Page("outbox", outbox_list(asked, context))


def outbox_list(asked: Asked, context: DeskContext) -> OutboxPage:
    """The list that the URL asks for."""
    url = list_url("/desk/outbox", asked.query, FILTERS)
    given = url.filters
    undone = Undone(given["undone"]) if given.get("undone") in list(Undone) else Undone.FAILED
    with context.store.reading():
        part = retries.page(undone, replace(place_of(asked.query), size=PART), **_filters(given))
        numbers = {one: retries.count(one) for one in Undone}
        last = last_attempts([item.id for item in part.rows])
        rows = tuple(_shown(item, last.get(item.id)) for item in part.rows)
    return OutboxPage(rows, undone, numbers, url, links(url, part))


def _filters(given: Mapping[str, str]) -> dict[str, Any]:
    office = given.get("office")
    return {"office": fold_code(office) if office else None, "recipient": given.get("recipient") or None}


def _shown(item: OutboxItem, last: Attempt | None) -> NoticeShown:
    about = item.mail.application_id
    application = application_store.get(about) if about is not None else None
    address = present_address(item)
    copies = outbox.sent_about(about) if about is not None else []
    others = tuple(
        one
        for one in copies
        if (one.at, one.kind) == (item.created_at, item.mail.kind) and one.recipient != item.mail.recipient
    )
    return NoticeShown(
        item,
        str(application.receipt or "") if application is not None else "",
        last,
        undelivered(f"{last.code or ''} {last.reply}".strip())
        if last is not None and not last.accepted and item.state is not OutboxState.STOPPED
        else None,
        address if fold_address(address) != fold_address(item.mail.recipient) else "",
        others,
    )


def outbox_count(login: DeskLogin, now: datetime, context: DeskContext) -> tuple[int, bool]:
    """How many of the last days have failed, in the caller's `Store.reading`."""
    del login, context
    number = retries.count(Undone.FAILED, now - RECENT)
    return number, number > 0


def retry(asked: Asked, context: DeskContext) -> Answer:
    """Try the notices again that are ticked, or all that match the filters in the form."""
    numbers = chosen(asked, context)
    if not numbers:
        return Page("outbox", replace(outbox_list(asked, context), nothing_ticked=True), 422)
    results = tuple(_retried(number, asked, context) for number in numbers)
    refused = all(one.refused for one in results)
    return Page("outbox", replace(outbox_list(asked, context), results=results), 409 if refused else 200)


def chosen(asked: Asked, context: DeskContext) -> tuple[int, ...]:
    """The notices that are ticked, or all that match the filters in the form, oldest first.

    Of those that an operator has stopped, the ticked ones alone.
    """
    undone = Undone(asked.text("undone")) if asked.text("undone") in list(Undone) else Undone.FAILED
    if asked.text("everything") and undone is not Undone.STOPPED:
        given = {name: asked.text(name) for name in FILTERS}
        with context.store.reading():
            part = retries.page(undone, replace(place_of({}), size=MOST), **_filters(given))
        return tuple(item.id for item in part.rows)[::-1]
    return asked.numbers("notice")[:MOST]


def _retried(number: int, asked: Asked, context: DeskContext) -> Retried:
    with context.store.reading():
        item = outbox.get(number)
        possible = bool(retries.select(numbers=[number]))
        deleted = bool(retries.without_content([number]))
    if item is None or not possible:
        return Retried(number, refused=True, deleted=deleted)
    address = retry_notice(number, asked.login.email, asked.now, context)
    return Retried(number, item.mail.recipient, item.mail.subject, address)
