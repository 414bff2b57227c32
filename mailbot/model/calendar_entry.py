"""The days of an application that people put into their calendars, and how these change (RFC 5546)."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from mailbot.clock import tokyo_date
from mailbot.model.application import Application, Step
from mailbot.model.lifecycle import Event, State


class EntryKind(StrEnum):
    """What a day is; with the receipt number it makes the UID of its entry."""

    START = "start"  # 利用開始日
    VIEW = "view"  # the last day of the 参照期間
    ANSWER = "answer"  # the last day for the answer to a 確認依頼


@dataclass(frozen=True)
class CalendarEntry:
    """One all-day event.  `sequence`: how often it was published or cancelled before (RFC 5545 §3.8.7.4)."""

    kind: EntryKind
    day: date
    sequence: int
    at: datetime  # when it was last changed
    cancelled: bool = False


# An approval publishes the first two; taking it back, or revoking its passwords, cancels.
_OF_AN_APPROVAL = (Event.APPROVE, Event.REOPEN, Event.REVOKE)


def current(application: Application) -> tuple[CalendarEntry, ...]:
    """The entries as they stand now."""
    return tuple(_entry(kind, day, application) for kind, day in _days(application).items())


def changed(before: Application, after: Application) -> tuple[CalendarEntry, ...]:
    """What an event makes known: days that are new or moved or asked for again, and those that hold no more.

    `before`, `after`: the application before and after the event.  A day that is over is not cancelled by a 無効,
    which tells no one anything new about it.
    """
    old, new = _days(before), _days(after)
    asked = after.steps[-1].event is Event.ASK if after.steps else False
    again = {EntryKind.ANSWER} if asked else set()
    told = (_entry(kind, day, after) for kind, day in new.items() if old.get(kind) != day or kind in again)
    return (*told, *(_entry(kind, day, after, cancelled=True) for kind, day in old.items() if kind not in new))


def _days(application: Application) -> dict[EntryKind, date]:
    days: dict[EntryKind, date] = {}
    if application.state is State.COMPLETED:
        if application.start_date is not None:
            days[EntryKind.START] = application.start_date
        if application.view_period is not None:
            days[EntryKind.VIEW] = application.view_period.last
    if application.state is State.NEEDS_CONFIRMATION and application.answer_by is not None:
        days[EntryKind.ANSWER] = tokyo_date(application.answer_by)
    return days


def _entry(kind: EntryKind, day: date, application: Application, *, cancelled: bool = False) -> CalendarEntry:
    steps = _changing(kind, application.steps)
    at = steps[-1].at if steps else application.revision.made_at
    return CalendarEntry(kind, day, max(len(steps) - 1, 0), at, cancelled)


def _changing(kind: EntryKind, steps: tuple[Step, ...]) -> list[Step]:
    """The steps that published or cancelled an entry of this kind."""
    if kind is not EntryKind.ANSWER:
        return [step for step in steps if step.event in _OF_AN_APPROVAL]
    found, open_question = [], False
    for step in steps:
        asks = step.event is Event.ASK
        if asks or (open_question and step.state is not State.NEEDS_CONFIRMATION):
            found.append(step)
        open_question = step.state is State.NEEDS_CONFIRMATION
    return found
