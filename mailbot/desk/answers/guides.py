"""Answers to registered people that say nothing of their office: 記載例, スケジュール, how an address is changed."""

from collections.abc import Callable
from datetime import datetime, timedelta

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.replies import answer_to_sender
from mailbot.model.start_days import start_days
from mailbot.records.register import schedule
from mailbot.text import fold_word

MOST_DAYS = 20  # of the schedule, in one answer


def example(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """記載例 of the procedures that the mail names or hints at, else of all.

    Its codes are those of `model.contract.EXAMPLE_OFFICE`: sent back unchanged, it is no application.
    """
    named = procedures_meant(request, context) or tuple(context.procedures)
    titles = {name: context.procedures[name].titles for name in named}
    today = tokyo_date(now)
    day = start_days(context.calendar, schedule.table()).confirmed(today + timedelta(days=1), today)
    return answer_to_sender(request, context, "example", examples=titles, day=day)


def schedule_of_start_days(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """スケジュール: the days that an approval of today can confirm, next first (S2)."""
    today = tokyo_date(now)
    known = start_days(context.calendar, schedule.table())
    days = known.possible(today)
    return answer_to_sender(
        request,
        context,
        "schedule",
        days=days[:MOST_DAYS],
        more=len(days[MOST_DAYS:]),
        day=known.confirmed(today + timedelta(days=1), today),
        titles={p.name: p.titles for p in context.procedures.values() if p.starts},
    )


def procedures_meant(request: Request, context: DeskContext) -> tuple[str, ...]:
    """The procedures that the mail names; else the one that it hints at, or () for none."""
    return request.form.named or _hinted(request, context)


def _hinted(request: Request, context: DeskContext) -> tuple[str, ...]:
    """The one procedure whose clues occur in the words, of several the one whose clues decide.

    Where the desk has only one procedure, that one.
    """
    words = fold_word(f"{request.message.subject}\n{request.own.text[:2000]}")
    procedures = context.procedures.values()
    found = tuple(p.name for p in procedures if any(fold_word(clue) in words for clue in p.clues))
    if len(found) > 1:
        found = tuple(p.name for p in procedures if any(fold_word(clue) in words for clue in p.deciding_clues))
    return found if len(found) == 1 else tuple(context.procedures) if len(context.procedures) == 1 else ()


def registration(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """Whom to ask for the change of an address or a telephone number; no mail changes any (T-60)."""
    del now
    return answer_to_sender(request, context, "registration")


def office_password(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """Whom to ask when the 事業所パスワード is forgotten; no mail tells or changes it."""
    del now
    return answer_to_sender(request, context, "office_password")


GUIDES: dict[str, Callable[[Request, datetime, DeskContext], Outcome]] = {
    "example": example,
    "schedule": schedule_of_start_days,
    "registration": registration,
    "office_password": office_password,
}
