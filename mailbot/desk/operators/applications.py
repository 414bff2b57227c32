"""What an operator may see and undo of an application: its issued passwords, each time recorded."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import notices_to
from mailbot.desk.outgoing.recipients import of_application
from mailbot.desk.outgoing.security import notify_administrator
from mailbot.errors import UsageError
from mailbot.model.application import Actor, Application
from mailbot.model.lifecycle import Event
from mailbot.model.people import APPLICANT_SIDE, Role
from mailbot.model.receipt import ReceiptNumber
from mailbot.notices.contents.answers import SecurityNotice
from mailbot.records.applications import application_store
from mailbot.records.log import audit
from mailbot.records.queues import outbox


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
    """(利用者ID, 仮パスワード) of an application within its view period.

    The access is recorded first: in the audit log, in the history, and with a notice to the 管理責任者.
    """
    with context.store.transaction():
        secrets = context.vault.open(application.id, tokyo_date(now))
        audit.append(now, who, f"looked at the passwords of {application.receipt}")
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
        audit.append(now, who, f"revoked the passwords of {application.receipt}: {', '.join(user_ids)}")
        case = case_of(revoked, context)
        content = SecurityNotice(topic="password_revoked", case=case, params={"at": now, "read": user_ids})
        enqueue_notices(notices_to(of_application(revoked, case.office), content, None), now, context)
    return user_ids


def notices_of(application: Application) -> list[dict[str, str]]:
    """Every notice about an application with what became of it, each addressee for itself."""
    rows = []
    for item in outbox.of_application(application.id):
        attempts = outbox.deliveries(item.id)
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
