"""A notice that did not reach its reader, refused by the relay or bounced: operators and the other side are told."""

from datetime import datetime

from mailbot.desk import addressees
from mailbot.desk.alerts import alert
from mailbot.desk.outcome import Owed, owed_to
from mailbot.desk.posting import post
from mailbot.desk.tools import Tools
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.post import OutboxItem
from mailbot.records import applications, contracts
from mailbot.text import fold_address

_BOTH_SIDES = frozenset({Role.CONTACT, Role.ADMINISTRATOR})


def undelivered(item: OutboxItem, server_answer: str, tools: Tools) -> tuple[Owed, ...]:
    """The alert to each operator, and the word to the other side of the application: two addressees, two truths.

    None about an alert, nor about such a word: both would go round in circles.
    """
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
    told = alert("undelivered", tools, params=params)
    if application is None or item.mail.role not in _BOTH_SIDES or item.mail.kind is NoticeKind.ANSWER:
        return told
    office = contracts.office(application.office)
    sides = addressees.of_application(application, office) if office is not None else ()
    others = [to for to in sides if fold_address(to.email) != fold_address(item.mail.recipient)]
    return told + owed_to(
        NoticeKind.ANSWER,
        others,
        application,
        lambda to, _reply_to: tools.writer.answer("other_undelivered", to, params=params),
    )


def tell_operators(item: OutboxItem, server_answer: str, now: datetime, tools: Tools) -> None:
    """The alert, in a transaction of its own: the relay refused the notice for good, or it was given up."""
    with tools.store.transaction():
        for owed in undelivered(item, server_answer, tools):
            post(owed, now, tools)
