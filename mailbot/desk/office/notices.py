"""What the 管理責任者 is told about the office's log-in: a look at a password, a pause, a change."""

from collections.abc import Mapping
from datetime import datetime

from mailbot.desk import addressees
from mailbot.desk.outcome import owed_to
from mailbot.desk.posting import post
from mailbot.desk.tools import Tools
from mailbot.model.contract import Office
from mailbot.model.notice import NoticeKind
from mailbot.notices.write import Case


def tell_administrator(
    office: Office,
    topic: str,
    now: datetime,
    tools: Tools,
    *,
    case: Case | None = None,
    params: Mapping[str, object] | None = None,
) -> None:
    """One notice, in the caller's transaction.  `topic`: password_seen, login_paused, password_changed."""
    to = addressees.administrator_of(office)
    said = {"at": now, "recipient": f"{office.company} {office.name} ({office.code})", **(params or {})}
    for owed in owed_to(
        NoticeKind.SECURITY, [to], None, lambda one, _: tools.writer.answer(topic, one, case=case, params=said)
    ):
        post(owed, now, tools)
