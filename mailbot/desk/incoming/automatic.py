"""Automatic mail: reports about our notices, notices of absence, and what is quarantined."""

from collections.abc import Sequence
from dataclasses import replace

from mailbot.desk.incoming.request import Intent, Request
from mailbot.mail import bounces
from mailbot.mail.automatic import Automatic, is_absence_notice
from mailbot.model.queued_mail import InboxItem, OutboxItem
from mailbot.records.queues import outbox
from mailbot.text import fold_address


def classify_automatic(request: Request, automatic: Automatic, failures: Sequence[bounces.Failure]) -> Request:
    """Automatic mail is recorded with the notice it is about, or quarantined; it is never answered (RFC 3834 §2)."""
    about = _notice_bounced(request.item)
    if automatic.kind == "bounce" and about is not None:
        named = [f if f.recipient else replace(f, recipient=about.mail.recipient) for f in failures]
        detail = "; ".join(f"{f.recipient} {f.action} {f.status}".strip() for f in named)
        permanent = any(failure.is_permanent for failure in named)
        return replace(
            request,
            intent=Intent.RECORD,
            reason="bounce",
            detail=detail,
            bounced_notice=about.id,
            bounce_is_permanent=permanent,
        )
    if automatic.kind == "auto-reply" and request.sender.reviewer is not None and is_absence_notice(request.message):
        answers = _answers_notice(request)
        return replace(request, intent=Intent.ABSENCE, reason=automatic.reason, answers_notice=answers)
    if about is not None:
        return replace(
            request,
            intent=Intent.RECORD,
            reason="automatic-reply",
            detail=automatic.reason,
            bounced_notice=about.id,
        )
    return replace(request, intent=Intent.QUARANTINE, reason=automatic.reason)


def _answers_notice(request: Request) -> bool:
    """Whether an automatic reply answers a notice to this very person, by its Return-Path or its Message-ID."""
    item = _notice_bounced(request.item)
    if item is None:
        ids = (*request.message.in_reply_to, *reversed(request.message.references))
        item = next((found for one in ids if (found := outbox.by_message_id(one)) is not None), None)
    return item is not None and fold_address(item.mail.recipient) == request.sender.address


def _notice_bounced(item: InboxItem) -> OutboxItem | None:
    """The notice whose Return-Path the report came to: the address identifies it, not the report's text."""
    for recipient in item.envelope.recipients:
        found = outbox.by_envelope_sender(fold_address(recipient))
        if found is not None:
            return found
    return None
