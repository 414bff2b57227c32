"""What an operator may look at: how a mail would be read, and (noted for good) an issued password."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.errors import UsageError
from mailbot.model.application import Application
from mailbot.model.people import APPLICANT_SIDE
from mailbot.model.receipt import ReceiptNumber
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
    """(利用者ID, 仮パスワード) of an application within its view period.  The access is in the audit log first."""
    with context.store.transaction():
        audit.append(now, who, f"looked at the passwords of {application.receipt}")
    return [(secret.user_id, secret.password) for secret in context.vault.open(application.id, tokyo_date(now))]


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
