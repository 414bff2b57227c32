"""What the 管理責任者 is told about the office's log-in: a look at a password, a pause, a change."""

from collections.abc import Mapping
from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.enqueue import enqueue_notice
from mailbot.desk.outgoing.outcome import notices_to
from mailbot.model.contract import Office
from mailbot.model.notice import NoticeKind
from mailbot.notices.write import Case


def tell_administrator(
    office: Office,
    topic: str,
    now: datetime,
    context: DeskContext,
    *,
    case: Case | None = None,
    params: Mapping[str, object] | None = None,
) -> None:
    """One notice, in the caller's transaction.  `topic`: password_seen, login_paused, password_changed."""
    to = recipients.administrator_of(office)
    said = {"at": now, "recipient": f"{office.company} {office.name} ({office.code})", **(params or {})}
    for owed in notices_to(
        NoticeKind.SECURITY, [to], None, lambda one, _: context.writer.answer(topic, one, case=case, params=said)
    ):
        enqueue_notice(owed, now, context)
