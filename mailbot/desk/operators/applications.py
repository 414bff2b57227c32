"""What an operator may see and undo of an application: its issued passwords, each time recorded."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.blank_forms import content_back
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import notices_to
from mailbot.desk.outgoing.recipients import of_application
from mailbot.desk.outgoing.security import notify_administrator
from mailbot.desk.review.review_requests import ask_all_again
from mailbot.errors import UsageError
from mailbot.model.application import Actor, Application
from mailbot.model.audit import application_subject
from mailbot.model.calendar_entry import changed
from mailbot.model.lifecycle import Event, State
from mailbot.model.people import APPLICANT_SIDE, Role
from mailbot.model.receipt import ReceiptNumber
from mailbot.notices.contents.answers import PasswordRevoked
from mailbot.notices.contents.applicant import TakenBack
from mailbot.records.applications import application_store, grants
from mailbot.records.log import audit
from mailbot.records.queues import outbox
from mailbot.records.queues.attempts import attempts_of
from mailbot.text import one_line


def find_application(text: str) -> Application:
    """The application with receipt number `text` (any width or case), or with the internal number of a draft (`#12`).

    Raises UsageError, saying what was read and what is expected.
    """
    if text.startswith("#") and text[1:].isdigit():
        found = application_store.get(int(text[1:]))
    else:
        try:
            found = application_store.by_receipt(ReceiptNumber.parse(text))
        except ValueError as error:
            raise UsageError(str(error)) from error
    if found is None:
        raise UsageError(f"no application {text}; `mailbot applications list` shows those there are")
    return found


def reveal_passwords(application: Application, who: str, now: datetime, context: DeskContext) -> list[tuple[str, str]]:
    """(利用者ID or メールボックスID, password) of an application within its view period.

    The access is recorded first: in the audit log, in the history, and with a notice to the 管理責任者.
    """
    with context.store.transaction():
        secrets = context.vault.open(application.id, tokyo_date(now))
        about = application_subject(application.receipt)
        audit.append(now, who, f"looked at the passwords of {application.receipt}", about)
        if secrets:
            _record_look(application, [one.user_id for one in secrets], who, now, context)
    return [(secret.user_id, secret.password) for secret in secrets]


def _record_look(application: Application, read: list[str], who: str, now: datetime, context: DeskContext) -> None:
    actor = Actor(Role.OPERATOR, name=who)
    seen = application_store.apply_event(application, Event.LOOK, now, actor, words="\n".join(read))
    case = case_of(seen, context)
    notify_administrator(case.office, "password_seen", now, context, case=case, params={"read": read, "by": actor})


def revoke_passwords(application: Application, who: str, now: datetime, context: DeskContext) -> list[str]:
    """Erase the issued passwords at once, and tell both people; returns the IDs.

    Raises UsageError when there is none (any more).
    """
    with context.store.transaction():
        user_ids = context.vault.erase(application.id)
        if not user_ids:
            raise UsageError(f"{application.receipt} has no passwords: none issued, seen to their end, or revoked")
        actor = Actor(Role.OPERATOR, name=who)
        application_store.set_view_period(application.id, None)
        revoked = application_store.apply_event(application, Event.REVOKE, now, actor, words="\n".join(user_ids))
        about = application_subject(application.receipt)
        audit.append(now, who, f"revoked the passwords of {application.receipt}: {', '.join(user_ids)}", about)
        case = case_of(revoked, context)
        gone = changed(application, revoked)
        content = PasswordRevoked(case=case, params={"at": now, "read": user_ids}, calendar=gone)
        enqueue_notices(notices_to(of_application(revoked, case.office), content, None), now, context)
    return user_ids


def take_approval_back(
    application: Application, reason: str, who: str, now: datetime, context: DeskContext
) -> tuple[Application, list[str]]:
    """Undo an approval before its 利用開始日: the application is reviewed again, as if it had just been submitted.

    Its passwords are erased, its effects dropped, both people and the reviewers told why.  The numbers that it has
    allocated stay used: people have read them, and no number means two things.  Returns the application as it is now,
    and the IDs whose passwords were erased.  Raises UsageError, saying what to do instead, when it is not possible.
    """
    words = one_line(reason)
    if not words:
        raise UsageError("the reason is empty; expected why the approval is taken back: both people read it")
    with context.store.transaction():
        application = application_store.get(application.id) or application  # as it is by now
        if problem := _why_not_reopened(application, now):
            raise UsageError(problem)
        erased = context.vault.erase(application.id)
        content = (application.revision.filled, application.revision.contact)
        actor = Actor(Role.OPERATOR, name=who)
        reopened = application_store.apply_event(application, Event.REOPEN, now, actor, words=words, revision=content)
        grants.void(application.id, now, role=Role.REVIEWER)
        about = application_subject(application.receipt)
        audit.append(now, who, f"took the approval of {application.receipt} back: {words}", about)
        case = case_of(reopened, context)
        told = TakenBack(
            case=case,
            words=words,
            erased=erased,
            calendar=changed(application, reopened),
            correction=content_back(case),
        )
        notices = notices_to(of_application(reopened, case.office), told, reopened)
        enqueue_notices(notices + ask_all_again(case, now, context), now, context)
    return reopened, erased


def _why_not_reopened(application: Application, now: datetime) -> str:
    """Why an approval cannot be taken back, and what to do instead; "" when it can."""
    name, start = application.receipt or f"#{application.id}", application.start_date
    if application.state is not State.COMPLETED:
        return f"{name} is not approved, but {application.state.value}; there is no approval to take back"
    revoke = f"`mailbot applications revoke {name}` erases its passwords"
    if start is None:
        return f"{name} has no 利用開始日: it took effect when it was approved; {revoke}"
    if application.in_effect or start <= tokyo_date(now):
        instead = "a new application changes the contract"
        return f"the 利用開始日 of {name} was {start}, so it is in effect; {revoke}, {instead}"
    return ""


def notices_of(application: Application) -> list[dict[str, str]]:
    """Every notice about an application with what became of it, each addressee for itself."""
    rows = []
    for item in outbox.of_application(application.id):
        attempts = attempts_of(item.id)
        reply = attempts[-1].reply if attempts else ""
        rows.append(
            {
                "kind": item.mail.kind.value,
                "recipient": item.mail.recipient,
                "role": item.mail.role.value,
                "state": item.state.value,
                "server": reply,
            }
        )
    return rows


def notified(notices: Sequence[Mapping[str, str]]) -> bool:
    """Whether the applicant side knows: the latest notice to each of its addressees is settled, and none has failed."""
    latest = {row["recipient"]: row["state"] for row in notices if row["role"] in APPLICANT_SIDE}
    return bool(latest) and all(state == "sent" for state in latest.values())
