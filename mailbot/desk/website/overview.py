"""The first page of an office: what waits for whom, its applications, its contract, the schedule."""

from datetime import date, datetime

from mailbot.clock import tokyo_date
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.website.application import next_of
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.start_days import start_days
from mailbot.notices.contract_view import contract_view, news_row
from mailbot.notices.next_step import NextStep, Wait
from mailbot.notices.page_values import CaseRow, Overview
from mailbot.records.applications import application_queries, application_store
from mailbot.records.register import offices, schedule
from mailbot.records.secrets.logins import Session

LATEST = 10  # 新着情報 shows the latest 10 (S1)
PAST = 20  # applications at their end, on one page
MOST_DAYS = 8  # of the schedule


def overview(session: Session, now: datetime, context: DeskContext, *, before: str = "") -> Overview | None:
    """None when the office has left the register meanwhile.

    `before`: the receipt number after which the list of past applications goes on; one that is not the office's own
    counts as none.
    """
    today = tokyo_date(now)
    with context.store.reading():
        office = offices.office(session.office)
        if office is None:
            return None
        last_shown = _id_of(before, office.code)
        current = application_queries.with_something_to_come(office.code, today)
        past = application_queries.at_their_end(office.code, today, PAST + 1, last_shown)
        steps = application_queries.latest_steps([office.code], LATEST)
        coming = [case_of(a, context) for a in application_queries.waiting_to_start(office.code)]
        rows = [CaseRow(case_of(a, context), next_of(a, office, today, context)) for a in current]
        return Overview(
            office=office,
            current=tuple(sorted(rows, key=_urgency)),
            past=tuple(CaseRow(case_of(a, context), NextStep(Wait.NOTHING)) for a in past[:PAST]),
            older=str(past[PAST - 1].receipt) if len(past) > PAST else "",
            is_first=last_shown is None,
            news=tuple(news_row(a, step, context.procedure_of(a.procedure), office.language) for a, step in steps),
            contract=contract_view(office, coming, today, office.language),
            schedule=start_days(context.calendar, schedule.table()).possible(today)[:MOST_DAYS],
            procedures=tuple(one.title(office.language) for one in context.procedures.values()),
        )


def _id_of(number: str, office: str) -> int | None:
    receipt = ReceiptNumber.find(number[:20])
    found = application_store.by_receipt(receipt) if receipt is not None else None
    return found.id if found is not None and found.office == office else None


def _urgency(row: CaseRow) -> tuple[bool, date, int]:
    """What the office has to do comes first, and of that what has the first deadline; the newest first."""
    by = row.next.by if row.next.is_yours and row.next.by is not None else date.max
    return (not row.next.is_yours, by, -row.case.application.id)
