"""Consistency of what people behind the desk do: inquiries and their answers, the audit log, kept readings."""

import re
from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Any

from peewee import fn

from mailbot.model.audit import AuditKind
from mailbot.model.inquiry import InquiryState
from mailbot.model.lifecycle import Event
from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import Disposition
from mailbot.records.database import Store
from mailbot.records.queues import received
from mailbot.records.schema.application_tables import ApplicationRow, StepRow
from mailbot.records.schema.inquiry_tables import InquiryRow, LoginPauseRow
from mailbot.records.schema.log_tables import AuditRow, MailLogRow
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow, ReadLinesRow

_TOLD_AT_ONCE = ("passed-on", "concern", "concern-not-proven")  # above the limit, one notice an hour and the daily list
_DECISIONS = (Event.APPROVE.value, Event.ASK.value)
_AUDITED = (Event.LOOK.value, Event.REVOKE.value, Event.REOPEN.value)
_ABOUT_INQUIRY = re.compile(r"^inquiry ([0-9]+)$", re.MULTILINE)  # in the detail of a log row (desk/inquiries/replies)
_ABOUT_MAIL = re.compile(r"^(?:released|discarded) mail #([0-9]+),")  # in the audit log (desk/operations/quarantine)
_CLOSED = re.compile(r"^inquiry ([0-9]+) closed$")  # likewise (desk/inquiries/replies)
_PAUSED = re.compile(r"^log-in of (.+) paused: ")  # likewise (desk/inquiries/login_pause)


def inquiry_counts() -> dict[str, int]:
    """How many inquiries are in which state: together as many as there are mails that were passed on."""
    count = fn.COUNT(InquiryRow.mail_id)
    found: Any = InquiryRow.select(InquiryRow.state, count).group_by(InquiryRow.state).tuples()
    numbers = {str(state): int(number) for state, number in found}
    return {f"inquiries {state.value}": numbers.get(state.value, 0) for state in InquiryState}


def faults(store: Store) -> dict[str, list[Any]]:
    """Every check: what is wrong → the mails, inquiries, steps or offices.  In the caller's `Store.reading`."""
    return {
        "mails that were passed on and are no inquiry": _without_inquiry(),
        "inquiries whose mail was not passed on": _without_mail(),
        "inquiries that nobody was told about": _nobody_told(),
        "inquiries that are open and answered, or done by nobody": _contradicting(),
        **_answers(),
        **_audit_log(),
        "kept readings of mails that were not handled, or whose raw mail is deleted": _readings_kept(store),
    }


# ── inquiries ────────────────────────────────────────────────────────────────────────────────────────────────────────
def _passed_on() -> Any:
    return (InboxRow.state == "done") & (InboxRow.disposition == Disposition.PASSED_ON.value)


def _without_inquiry() -> list[int]:
    inquiry = InquiryRow.select().where(InquiryRow.mail_id == InboxRow.id)
    return _ids(InboxRow.select(InboxRow.id).where(_passed_on() & ~fn.EXISTS(inquiry)).order_by(InboxRow.id))


def _without_mail() -> list[int]:
    mail = InboxRow.select().where((InboxRow.id == InquiryRow.mail_id) & _passed_on())
    rows = InquiryRow.select(InquiryRow.mail_id).where(~fn.EXISTS(mail)).order_by(InquiryRow.mail_id)
    return [int(row.mail_id) for row in rows]


def _nobody_told() -> list[int]:
    of_mail = (OutboxRow.caused_by == InboxRow.id) & (OutboxRow.kind == NoticeKind.INQUIRY.value)
    at_once = _passed_on() & InboxRow.reason.in_(_TOLD_AT_ONCE)
    notice = OutboxRow.select().where(of_mail)
    return _ids(InboxRow.select(InboxRow.id).where(at_once & ~fn.EXISTS(notice)).order_by(InboxRow.id))


def _contradicting() -> list[int]:
    is_open = InquiryRow.state == InquiryState.OPEN.value
    is_signed: Any = (InquiryRow.answered_by != "") & InquiryRow.answered_at.is_null(is_null=False)
    is_unsigned: Any = (InquiryRow.answered_by == "") & InquiryRow.answered_at.is_null()
    wrong = (is_open & ~is_unsigned) | (~is_open & ~is_signed)
    rows = InquiryRow.select(InquiryRow.mail_id).where(wrong).order_by(InquiryRow.mail_id)
    return [int(row.mail_id) for row in rows]


def _answers() -> dict[str, list[Any]]:
    """An inquiry is done once: by a reply, by a decision on its application, or by an operator's command or line."""
    replied = list(_replies("inquiry-answered"))
    answered = [number for number, _ in replied]
    closed = [number for number, _ in _replies("inquiry-closed")]
    closed += [int(found[1]) for row in AuditRow.select(AuditRow.what) if (found := _CLOSED.match(row.what))]
    done = answered + closed
    return {
        "inquiries that are answered without a reply or a decision": [
            row.mail_id
            for row in _inquiries(InquiryState.ANSWERED)
            if row.mail_id not in set(answered) and not _decided(row)
        ],
        "inquiries that are closed by nobody": [
            row.mail_id for row in _inquiries(InquiryState.CLOSED) if row.mail_id not in set(closed)
        ],
        "inquiries that were answered or closed more than once": sorted(_repeated(done)),
        "replies to inquiries that were not sent on": sorted(_not_sent_on(reply for _, reply in replied)),
    }


def _replies(reason: str) -> Iterator[tuple[int, int]]:
    """(number of the inquiry, number of the reply) of every reply with this reason."""
    columns = (MailLogRow.inbox_id, MailLogRow.detail)
    rows: Any = MailLogRow.select(*columns).where((MailLogRow.direction == "in") & (MailLogRow.reason == reason))
    for row in rows:
        if found := _ABOUT_INQUIRY.search(row.detail):
            yield int(found[1]), int(row.inbox_id)


def _inquiries(state: InquiryState) -> Any:
    return InquiryRow.select().where(InquiryRow.state == state.value).order_by(InquiryRow.mail_id)


def _decided(row: Any) -> bool:
    """Whether a reviewer has decided on its application at that moment."""
    of_application = (StepRow.application == row.application_id) & (StepRow.at == row.answered_at)
    return bool(StepRow.select().where(of_application & StepRow.event.in_(_DECISIONS)).exists())


def _repeated(numbers: Collection[int]) -> set[int]:
    seen: set[int] = set()
    return {number for number in numbers if number in seen or seen.add(number)}  # type: ignore[func-returns-value]


def _not_sent_on(replies: Iterator[int]) -> set[int]:
    sent = OutboxRow.select(OutboxRow.caused_by).where(OutboxRow.kind == NoticeKind.MESSAGE.value)
    return set(replies) - {row.caused_by for row in sent}


# ── audit log, kept readings ─────────────────────────────────────────────────────────────────────────────────────────
def _audit_log() -> dict[str, list[Any]]:
    """Each look at passwords, each undoing and each pause has a row there, of the same moment."""
    audit = [(row.at, row.what) for row in AuditRow.select().where(AuditRow.kind == AuditKind.ACT.value)]
    mails = {(at, int(found[1])) for at, what in audit if (found := _ABOUT_MAIL.match(what))}
    undone = (Disposition.RELEASED.value, Disposition.DISCARDED.value)
    logged: Any = MailLogRow.select(MailLogRow.at, MailLogRow.inbox_id).where(MailLogRow.disposition.in_(undone))
    paused = {found[1] for _, what in audit if (found := _PAUSED.match(what))}
    pauses = LoginPauseRow.select().order_by(LoginPauseRow.office)
    return {
        "mails released or discarded without a row in the audit log": sorted(
            {int(row.inbox_id) for row in logged if (row.at, row.inbox_id) not in mails}
        ),
        "passwords displayed or revoked, and approvals taken back, without a row in the audit log": sorted(
            _steps_not_audited(audit)
        ),
        "paused log-ins without a row in the audit log": [row.office for row in pauses if row.office not in paused],
    }


def _steps_not_audited(audit: Collection[tuple[datetime, str]]) -> set[str]:
    """The receipt numbers of the applications."""
    at_moment: dict[datetime, str] = {}
    for at, what in audit:
        at_moment[at] = f"{at_moment.get(at, '')}\n{what}"
    columns = (StepRow.at, ApplicationRow.receipt.alias("receipt"))
    steps: Any = StepRow.select(*columns).join(ApplicationRow).where(StepRow.event.in_(_AUDITED)).objects()
    return {row.receipt for row in steps if row.receipt not in at_moment.get(row.at, "")}


def _readings_kept(store: Store) -> list[int]:
    """They are made when a mail is handled, and deleted with its raw mail."""
    numbers = [int(row.mail_id) for row in ReadLinesRow.select(ReadLinesRow.mail_id)]
    done = {int(row.id) for row in InboxRow.select(InboxRow.id).where(InboxRow.state == "done")}
    return sorted(set(numbers) - (done & received.numbers_with_content(store)))


def _ids(rows: Any) -> list[int]:
    return [int(row.id) for row in rows]
