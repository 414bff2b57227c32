"""A notice that did not reach its reader: the operators are told, if the relay refused it or a bounce came back."""

from datetime import datetime

from mailbot.desk import addressees
from mailbot.desk.outcome import Owed, owed_to
from mailbot.desk.posting import post
from mailbot.desk.tools import Tools
from mailbot.model.notice import NoticeKind
from mailbot.model.post import OutboxItem
from mailbot.records import applications


def undelivered(item: OutboxItem, server_answer: str, tools: Tools) -> tuple[Owed, ...]:
    """The alert to each operator; none about an alert, which would go round in circles."""
    if item.mail.kind is NoticeKind.ALERT:
        return ()
    application = applications.get(item.mail.application_id) if item.mail.application_id is not None else None
    params = {
        "recipient": item.mail.recipient,
        "notice": item.mail.subject,
        "receipt": str(application.receipt or "") if application is not None else "",
        "server_answer": server_answer,
        "outbox_id": item.id,
    }
    return owed_to(
        NoticeKind.ALERT,
        addressees.operators(tools),
        None,
        lambda to, _reply_to: tools.writer.answer("undelivered", to, params=params),
    )


def tell_operators(item: OutboxItem, server_answer: str, now: datetime, tools: Tools) -> None:
    """The alert, in a transaction of its own: the relay refused the notice for good, or it was given up."""
    with tools.store.transaction():
        for owed in undelivered(item, server_answer, tools):
            post(owed, now, tools)
