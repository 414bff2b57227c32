"""Days on which the calendar sends nothing, for desks on the real clock: in the morning of a business day reviewers and
operators get mails of their own, at any moment of a test."""

from datetime import UTC, date, datetime, timedelta

from mailbot.clock import tokyo_date


def closed_days() -> list[date]:
    """Today in Tokyo, and tomorrow."""
    today = tokyo_date(datetime.now(UTC))
    return [today, today + timedelta(days=1)]


CLOSED = {"MAILBOT_CALENDAR_CLOSED": ",".join(map(str, closed_days()))}  # in the environment of a process
