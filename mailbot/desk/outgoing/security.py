"""Notices to the 管理責任者 about secrets: a look at a password, a pause of the log-in, a change of its password."""

from collections.abc import Mapping
from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import notices_to
from mailbot.model.contract import Office
from mailbot.notices.contents.answers import SecurityNotice
from mailbot.notices.values import Case


def notify_administrator(
    office: Office,
    topic: str,
    now: datetime,
    context: DeskContext,
    *,
    case: Case | None = None,
    params: Mapping[str, object] | None = None,
) -> None:
    """One notice, in the caller's transaction.  `topic`: password_seen, login_paused, login_link, password_changed."""
    to = recipients.administrator_of(office)
    values = {"at": now, "recipient": f"{office.company} {office.name} ({office.code})", **(params or {})}
    about = case.application if case is not None else None
    enqueue_notices(notices_to([to], SecurityNotice(topic=topic, case=case, params=values), about), now, context)
