"""A notice that was not delivered is tried again, at the address that the register has for its recipient by now."""

from datetime import datetime
from typing import Any

from mailbot.desk.context import DeskContext
from mailbot.mail.readdress import readdress
from mailbot.mail.tagged_addresses import bounce_tags_in
from mailbot.model.people import Role
from mailbot.model.queued_mail import OutboxItem
from mailbot.records.applications import application_store
from mailbot.records.log import audit, mail_log
from mailbot.records.queues import outbox, retries
from mailbot.records.register import offices
from mailbot.text import fold_address, fold_word


def retry(number: int, who: str, now: datetime, context: DeskContext) -> str:
    """Try it at once; returns the corrected address, "" when it is the old one.  `who`: the operator."""
    with context.store.transaction():
        item = outbox.get(number)
        if item is None or not outbox.retry(context.store, number, now):
            return ""
        address = present_address(item)
        corrected = fold_address(address) != fold_address(item.mail.recipient) and retries.is_readable(number)
        if corrected:
            _readdress(item, address, now, context)
        audit.append(now, who, f"retried notice n{number}{f', now to {address}' if corrected else ''}")
        return address if corrected else ""


def present_address(item: OutboxItem) -> str:
    """The register's address of the 管理責任者, or of the contact of the same name; else that of the notice."""
    mail = item.mail
    application = application_store.get(mail.application_id) if mail.application_id is not None else None
    office = offices.office(application.office) if application is not None else None
    if application is None or office is None:
        return mail.recipient
    if mail.role is Role.ADMINISTRATOR:
        return office.administrator.email
    contact, old = application.revision.contact, fold_address(mail.recipient)
    known = {fold_address(one.email) for one in office.contacts}
    if mail.role is not Role.CONTACT or old in known or old != fold_address(contact.email):
        return mail.recipient
    same = [one.email for one in office.contacts if fold_word(one.name) == fold_word(contact.name)]
    return same[0] if len(same) == 1 else mail.recipient


def _readdress(item: OutboxItem, address: str, now: datetime, context: DeskContext) -> None:
    """The stored mail or value, the reply token, and a row in the mail log, in the caller's transaction."""
    mail, value = item.mail, retries.value_of(item.id)
    raw = context.sign(readdress(mail.raw, mail.recipient, address)) if mail.raw else b""
    retries.readdress(item.id, address, raw, _value_to(value, address))
    for tag in bounce_tags_in([mail.envelope_sender], context.settings.address):
        retries.readdress_grant(tag.partition(".")[0], address)
    if value is not None:
        return  # it gets its row when it is written
    application = application_store.get(mail.application_id) if mail.application_id is not None else None
    mail_log.append(
        at=now,
        direction="out",
        sender=mail.envelope_sender,
        recipient=address,
        subject=mail.subject,
        message_id=mail.message_id,
        disposition="queued",
        reason=mail.kind.value,
        detail=f"the register's address in place of {mail.recipient}",
        office=application.office if application is not None else "",
        receipt=str(application.receipt or "") if application is not None else "",
        inbox_id=mail.caused_by,
        outbox_id=item.id,
    )


def _value_to(value: Any, address: str) -> Any:
    """The value of a notice (`notices.codec`) with another address of its recipient."""
    return value if value is None else {**value, "to": {**value["to"], "email": address}}
