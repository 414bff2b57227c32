"""What follows a clock that was set back: nothing that had expired is valid again, and no queue or limit waits."""

from datetime import datetime, timedelta
from typing import Any

from mailbot.model.totp import time_step
from mailbot.records.applications.reminders import forget_limits_after
from mailbot.records.schema.application_tables import GrantRow
from mailbot.records.schema.desk_login_tables import DeskLoginRow, DeskSessionRow
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow, SenderCostRow
from mailbot.records.schema.secret_tables import LoginLinkRow, LoginTryRow, SessionRow


def follow_back(now: datetime, expected: datetime) -> None:
    """The clock says `now` instead of `expected`, which is later; in the caller's transaction.

    Sessions and links of log-ins end: how old they are cannot be told any more.
    """
    GrantRow.update(void_at=now).where(GrantRow.void_at.is_null() & (GrantRow.expires_at <= expected)).execute()
    SessionRow.delete().execute()
    DeskSessionRow.delete().execute()
    step = time_step(now.timestamp()) - 1
    DeskLoginRow.update(totp_step=step).where(DeskLoginRow.totp_step > step).execute()
    LoginLinkRow.delete().execute()
    forget_limits_after(now)
    LoginTryRow.update(at=now).where(LoginTryRow.at > now).execute()
    OutboxRow.update(claimed_at=now).where(OutboxRow.claimed_at > now).execute()
    _bring_forward(OutboxRow, OutboxRow.next_attempt_at, now, expected)
    _bring_forward(InboxRow, InboxRow.not_before, now, expected)
    milliseconds = round((expected - now) / timedelta(milliseconds=1))
    SenderCostRow.update(clear_at=SenderCostRow.clear_at - milliseconds).execute()


def _bring_forward(table: Any, column: Any, now: datetime, expected: datetime) -> None:
    """What was due is due; what was not waits as long as it would have waited."""
    table.update({column: now}).where((column > now) & (column <= expected)).execute()
    for row in list(table.select(table.id, column).where(column > expected)):
        at = getattr(row, column.name) - (expected - now)
        table.update({column: at}).where(table.id == row.id).execute()
