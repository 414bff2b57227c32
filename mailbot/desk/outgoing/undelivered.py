"""A notice that did not reach its reader, refused by the relay or bounced: operators and the other side are told."""

from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.alerts import alert
from mailbot.desk.outgoing.enqueue import enqueue_notice
from mailbot.desk.outgoing.outcome import Notice, notices_to
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.queued_mail import OutboxItem
from mailbot.records.applications import applications
from mailbot.records.register import offices
from mailbot.text import fold_address

_BOTH_SIDES = frozenset({Role.CONTACT, Role.ADMINISTRATOR})


def undelivered(item: OutboxItem, server_answer: str, context: DeskContext) -> tuple[Notice, ...]:
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
    told = alert("undelivered", context, params=params)
    if application is None or item.mail.role not in _BOTH_SIDES or item.mail.kind is NoticeKind.ANSWER:
        return told
    office = offices.office(application.office)
    sides = recipients.of_application(application, office) if office is not None else ()
    others = [to for to in sides if fold_address(to.email) != fold_address(item.mail.recipient)]
    return told + notices_to(
        NoticeKind.ANSWER,
        others,
        application,
        lambda to, _reply_to: context.writer.answer("other_undelivered", to, params=params),
    )


def tell_operators(item: OutboxItem, server_answer: str, now: datetime, context: DeskContext) -> None:
    """The alert, in a transaction of its own: the relay refused the notice for good, or it was given up."""
    with context.store.transaction():
        for owed in undelivered(item, server_answer, context):
            enqueue_notice(owed, now, context)
