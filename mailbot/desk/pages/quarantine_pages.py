"""Quarantined mail as pages: the list, what releasing would do before anybody releases, and releasing and discarding.

Both are done as by the commands, each mail in a transaction of its own.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from mailbot.clock import tokyo_midnight
from mailbot.desk.context import DeskContext
from mailbot.desk.operations import quarantine as operations
from mailbot.desk.operators.explain import Explanation, explain_received
from mailbot.desk.pages.asked import Answer, Asked, Page
from mailbot.desk.pages.list_urls import ListUrl, Parts, links, list_url, place_of
from mailbot.desk.pages.log_pages import meanings
from mailbot.errors import UsageError
from mailbot.model.daily_list import Refusal
from mailbot.model.desk_login import DeskLogin
from mailbot.model.queued_mail import RELEASABLE
from mailbot.model.reasons import ABOVE_LIMIT, REASONS
from mailbot.records.queues import quarantined
from mailbot.records.queues.quarantined import QuarantinedMail

FILTERS = ("reason", "sender", "since")
MOST = 100  # mails that are released or discarded at once
MOST_FORESEEN = 10  # of them are read before: that takes name servers and CPU time
LONGEST_REASON = 240  # characters of why a mail is discarded
CODES = (*(code for code, one in REASONS.items() if one.disposition in RELEASABLE), ABOVE_LIMIT)
COSTLY = "kept-failing"  # reading it has exceeded a limit of the worker, which this process does not have


@dataclass(frozen=True)
class Done:
    """What came of one mail.  `before`: who was faster, and when."""

    number: int
    discard: bool
    refusal: Refusal | None = None
    problem: str = ""
    before: tuple[str, datetime] | None = None


@dataclass(frozen=True)
class QuarantinePage:
    """A part of the list, oldest first; `number`: how many in all, as `count_some`."""

    rows: tuple[QuarantinedMail, ...]
    url: ListUrl
    parts: Parts
    number: int
    codes: tuple[str, ...]
    meanings: Mapping[str, str]
    most: int = MOST
    results: tuple[Done, ...] = ()
    nothing_ticked: bool = False


@dataclass(frozen=True)
class Foreseen:
    """A mail with what releasing it would do now.

    `problem`: why that is not known: "" | gone | costly | too_many | not_read; `failure`: of one that was not read.
    """

    number: int
    mail: QuarantinedMail | None
    would: Explanation | None = None
    problem: str = ""
    failure: str = ""


@dataclass(frozen=True)
class PreviewPage:
    """Some mails before they are released or discarded.  `wrong`: the reason is missing."""

    mails: tuple[Foreseen, ...]
    discard: bool
    meanings: Mapping[str, str]
    because: str = ""
    wrong: bool = False

    @property
    def possible(self) -> tuple[Foreseen, ...]:
        return tuple(one for one in self.mails if one.mail is not None)


def quarantine(asked: Asked, context: DeskContext) -> Answer:
    return Page("quarantine", _list(asked, context))


def _list(asked: Asked, context: DeskContext, results: tuple[Done, ...] = ()) -> QuarantinePage:
    url = list_url("/desk/quarantine", asked.query, FILTERS)
    with context.store.reading():
        part = quarantined.page(place_of(asked.query), **_filters(url.filters))
        number = quarantined.count()
    return QuarantinePage(part.rows, url, links(url, part), number, CODES, meanings(), results=results)


def _filters(given: Mapping[str, str]) -> dict[str, Any]:
    since = given.get("since", "")
    try:
        begin = tokyo_midnight(date.fromisoformat(since)) if since else None
    except (ValueError, OverflowError):
        begin = None
    return {"reason": given.get("reason"), "sender": given.get("sender"), "since": begin}


def quarantine_count(login: DeskLogin, now: datetime, context: DeskContext) -> tuple[int, bool]:
    """How many wait for an operator, in the caller's `Store.reading`."""
    del login, now, context
    return quarantined.count(), False


def preview(asked: Asked, context: DeskContext) -> Answer:
    """What would be done with the mails that are ticked, or with all that match the filters; nothing is done."""
    numbers = _chosen(asked, context)
    do = "release" if asked.text("one") else asked.text("do")
    if not numbers or do not in ("release", "discard"):
        return Page("quarantine", replace(_list(asked, context), nothing_ticked=True), 422)
    return Page("quarantine_preview", _preview(numbers, asked, context, discard=do == "discard"))


def _preview(
    numbers: tuple[int, ...], asked: Asked, context: DeskContext, *, discard: bool, wrong: bool = False
) -> PreviewPage:
    with context.store.reading():
        found = {mail.number: mail for mail in quarantined.select(numbers=numbers)}
    mails = []
    for place, number in enumerate(numbers):
        mail = found.get(number)
        if mail is None or discard:
            mails.append(Foreseen(number, mail, problem="" if mail is not None else "gone"))
        elif place >= MOST_FORESEEN or mail.reason == COSTLY:
            mails.append(Foreseen(number, mail, problem="costly" if mail.reason == COSTLY else "too_many"))
        else:
            mails.append(_foreseen(mail, asked.now, context))
    return PreviewPage(tuple(mails), discard, meanings(), asked.text("because")[:LONGEST_REASON], wrong)


def _foreseen(mail: QuarantinedMail, now: datetime, context: DeskContext) -> Foreseen:
    try:
        return Foreseen(mail.number, mail, explain_received(mail.number, now, context))
    except MemoryError:
        raise
    except UsageError:
        return Foreseen(mail.number, mail, problem="not_read", failure="")
    except Exception as error:  # of any kind: the mail may be hostile
        return Foreseen(mail.number, mail, problem="not_read", failure=type(error).__name__)


def _chosen(asked: Asked, context: DeskContext) -> tuple[int, ...]:
    """The mail whose own button was pressed; else those that are ticked, or all that match the filters in the form."""
    if asked.text("one"):
        return asked.numbers("one")
    if asked.text("everything"):
        given = {name: asked.text(name) for name in FILTERS if asked.text(name)}
        with context.store.reading():
            some = replace(place_of({}), size=MOST)
            return tuple(one.number for one in quarantined.page(some, **_filters(given)).rows)
    return _ticked(asked)


def _ticked(asked: Asked) -> tuple[int, ...]:
    return asked.numbers("mail")[:MOST]


def release(asked: Asked, context: DeskContext) -> Answer:
    """Put the mails back into the inbox."""
    return _done(asked, context, discard=False)


def discard(asked: Asked, context: DeskContext) -> Answer:
    """Discard the mails for good; the reason is required."""
    if not asked.text("because").strip() and (numbers := _chosen(asked, context)):
        return Page("quarantine_preview", _preview(numbers, asked, context, discard=True, wrong=True), 422)
    return _done(asked, context, discard=True)


def _done(asked: Asked, context: DeskContext, *, discard: bool) -> Answer:
    by = operations.Operator(asked.login.email, asked.now)
    because, results = asked.text("because").strip()[:LONGEST_REASON], []
    for number in _ticked(asked):
        if discard:
            handled = operations.discard(number, because, by, context)
        else:
            handled = operations.release(number, by, context)
        with context.store.reading():
            before = operations.done_before(number) if handled.problem else None
        results.append(Done(number, discard, handled.refusal, handled.problem, before))
    refused = bool(results) and all(one.problem for one in results)
    return Page("quarantine", _list(asked, context, tuple(results)), 409 if refused else 200)
