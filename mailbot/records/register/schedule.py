"""The operator's table of system-registration days: 申込締切日 → システム登録日."""

from collections.abc import Iterable

from mailbot.model.start_days import ScheduleDay
from mailbot.records.register.remembered import remembered
from mailbot.records.schema.register_tables import ScheduleRow


def table() -> tuple[ScheduleDay, ...]:
    """The whole table, in order."""
    return remembered("schedule", _table)


def _table() -> tuple[ScheduleDay, ...]:
    return tuple(ScheduleDay(row.start, row.deadline) for row in ScheduleRow.select().order_by(ScheduleRow.start))


def replace_table(days: Iterable[ScheduleDay]) -> None:
    """Put another table in its place, in the caller's transaction."""
    ScheduleRow.delete().execute()
    for day in days:
        ScheduleRow.create(start=day.start, deadline=day.deadline)
