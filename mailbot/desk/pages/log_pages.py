"""The mail log as a page: every mail in and out with what has become of it, filters, words, and the list as CSV."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from mailbot.clock import tokyo_date, tokyo_midnight
from mailbot.desk.context import DeskContext
from mailbot.desk.operators.export import csv_of
from mailbot.desk.pages.asked import Answer, Asked, Download, Page
from mailbot.desk.pages.found_words import Found, found_in
from mailbot.desk.pages.list_urls import ListUrl, Parts, links, list_url, place_of
from mailbot.model.notice import Enclosure
from mailbot.model.queued_mail import Disposition, OutboxState
from mailbot.model.reasons import REASONS
from mailbot.records.keyset import Place
from mailbot.records.log import audit, mail_list
from mailbot.records.log.mail_list import Entry, Filters
from mailbot.text import fold_code

FILTERS = ("q", "since", "until", "direction", "state", "reason", "office", "receipt", "address", "procedure")
STATES = {
    "in": tuple(one.value for one in Disposition),
    "out": tuple(one.value for one in OutboxState if one is not OutboxState.UNWRITTEN),
}
MOST_READ = 500  # rows that are looked into for words, for one page
MOST_EXPORTED = 10_000  # rows of a CSV file; the command has no bound


@dataclass(frozen=True)
class LogRowShown:
    """A row of the list; `url`: of its page; `found`: where the words that were searched for stand in it."""

    entry: Entry
    url: str
    found: Found | None


@dataclass(frozen=True)
class LogPage:
    """A part of the log.  `wrong`: names of filters that could not be read; `ended_early`: words are in older mails."""

    rows: tuple[LogRowShown, ...]
    url: ListUrl
    parts: Parts
    titles: Mapping[str, str]  # procedure → its title
    states: Mapping[str, tuple[str, ...]]  # direction → states
    reasons: tuple[str, ...]
    meanings: Mapping[str, str]  # reason → what it says, in English
    wrong: tuple[str, ...]
    ended_early: bool
    today: date
    export: str  # the URL of the CSV file


def meanings() -> dict[str, str]:
    """What the reasons say, in English."""
    return {code: reason.meaning for code, reason in REASONS.items()}


def mail_log_page(asked: Asked, context: DeskContext) -> Answer:
    """The newest mails, or those that the filters in the URL choose."""
    url = list_url("/desk/log", asked.query, FILTERS)
    filters, wrong = filters_of(url)
    with context.store.reading():
        part = mail_list.page(context.store, filters, place_of(asked.query), most_read=MOST_READ)
    words = filters.words.split()
    shown = tuple(
        LogRowShown(one, mail_url(one, url), found_in(one.row, words) if words else None) for one in part.rows
    )
    return Page(
        "log",
        LogPage(
            rows=shown,
            url=url,
            parts=links(url, part),
            titles={one.name: one.title(asked.language) for one in context.procedures.values()},
            states=STATES,
            reasons=tuple(sorted(REASONS)),
            meanings=meanings(),
            wrong=wrong,
            ended_early=bool(part.following) and len(part.rows) < Place().size,
            today=tokyo_date(asked.now),
            export=replace(url, path="/desk/log/export").url(),
        ),
        422 if wrong else 200,
    )


def mail_url(entry: Entry, log: ListUrl) -> str:
    """The URL of a mail, from which the list `log` goes on; `row`, since a released mail has several rows of it."""
    return replace(log, path=f"/desk/mails/{entry.number}").url(row=str(entry.row.id))


def export(asked: Asked, context: DeskContext) -> Answer:
    """The list that the filters choose as CSV, its newest rows; that is recorded."""
    url = list_url("/desk/log", asked.query, FILTERS)
    filters, wrong = filters_of(url)
    if wrong:
        return mail_log_page(asked, context)
    with context.store.transaction():
        chosen = ", ".join(f"{name}={value}" for name, value in url.filters.items())
        audit.append(asked.now, asked.login.email, f"exported the mail log{': ' * bool(chosen)}{chosen}")
    with context.store.reading():
        entries = mail_list.select(context.store, filters, MOST_EXPORTED)
    name = f"mail-log-{asked.now:%Y%m%d-%H%M%S}.csv"
    return Download(Enclosure(name, "text/csv", csv_of(entries), {"charset": "utf-8"}))


def filters_of(url: ListUrl) -> tuple[Filters, tuple[str, ...]]:
    """What the URL asks for, and the names of the filters that cannot be read."""
    given = dict(url.filters)
    days = {name: _day(given[name]) for name in ("since", "until") if name in given}
    since, until = days.get("since"), days.get("until")
    wrong = [name for name, day in days.items() if day is None]
    if since is not None and until is not None and since > until:
        wrong.append("until")
    return (
        Filters(
            receipt=fold_code(given["receipt"]) if "receipt" in given else None,
            office=fold_code(given["office"]) if "office" in given else None,
            address=given.get("address"),
            state=given.get("state"),
            direction=given.get("direction"),
            reason=given.get("reason"),
            procedure=given.get("procedure"),
            since=_begin(since),
            until=_begin(until + timedelta(days=1)) if until is not None else None,
            words=given.get("q", ""),
        ),
        tuple(wrong),
    )


def _begin(day: date | None) -> datetime | None:
    return tokyo_midnight(day) if day is not None else None


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if 1990 <= day.year <= 2199 else None
