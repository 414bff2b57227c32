"""What an operator may look at: how a mail would be read, and (noted for good) an issued password."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk import reception
from mailbot.desk.alerts import alert_at_most
from mailbot.desk.outcome import Outcome
from mailbot.desk.posting import post
from mailbot.desk.request import Request
from mailbot.desk.tools import Tools
from mailbot.desk.trust import evidence_in_words
from mailbot.errors import UsageError
from mailbot.mail.message import read
from mailbot.mail.threading import is_desk_address
from mailbot.model.application import Application
from mailbot.model.evidence import Evidence
from mailbot.model.post import Arrival, Disposition, Envelope, InboxItem
from mailbot.model.receipt import ReceiptNumber
from mailbot.records import applications, audit, inbox, mail_log, outbox
from mailbot.text import one_line


def find_application(text: str) -> Application:
    """The application with receipt number `text` (any width or case), or with the internal number of a draft (`#12`).

    Raises UsageError, saying what was read and what is expected.
    """
    if text.startswith("#") and text[1:].isdigit():
        found = applications.get(int(text[1:]))
    else:
        try:
            found = applications.by_receipt(ReceiptNumber.parse(text))
        except ValueError as error:
            raise UsageError(str(error)) from error
    if found is None:
        raise UsageError(f"no application {text}; `mailbot applications list` shows those there are")
    return found


def reveal_passwords(application: Application, who: str, now: datetime, tools: Tools) -> list[tuple[str, str]]:
    """(利用者ID, 仮パスワード) of an application within its view period; the look is noted before anything is shown."""
    with tools.store.transaction():
        audit.note(now, who, f"looked at the passwords of {application.receipt}")
    return [(secret.user_id, secret.password) for secret in tools.vault.open(application.id, tokyo_date(now))]


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
    latest = {row["recipient"]: row["state"] for row in notices if row["role"] in ("contact", "administrator")}
    return bool(latest) and all(state == "sent" for state in latest.values())


MOST_SHUNTS_AN_HOUR = 10  # that the operators are told of


@dataclass(frozen=True)
class Explanation:
    """How a mail would be read, and what would be done."""

    request: Request
    outcome: Outcome

    def as_dict(self) -> dict[str, str | list[str]]:
        """For printing: name → words."""
        request, outcome = self.request, self.outcome
        message = request.message
        return {
            "from": request.sender.address or f"unusable ({message.author_problem})",
            "subject": message.subject,
            "charset": message.charset,
            "read as": message.text_from,
            "evidence": list(evidence_in_words(request)),
            "assumed": list(request.notes),
            "own words": request.own.text.splitlines(),
            "inside quote": list(request.own.inline),
            "about": _about(request.application or outcome.application),
            "asks for": request.ask.value,
            "would be": f"{outcome.disposition.value} ({outcome.reason})",
            "would send": [f"{owed.kind.value} → {owed.to.email}" for owed in outcome.notices],
        }


def explain_mail(raw: bytes, recipients: Sequence[str], sender: str | None, now: datetime, tools: Tools) -> Explanation:
    """Read `raw` as if it had just arrived; nothing is kept."""
    message = read(raw)
    own = [a for a in message.to if is_desk_address(a, tools.settings.address)]
    envelope = Envelope(
        message.author.address if sender is None else sender,
        tuple(recipients) or tuple(own) or (tools.settings.address,),
    )
    arrival = Arrival(envelope, raw, Evidence(details=("explained, not received",)), now, door="explain")
    return Explanation(*reception.explain(arrival, now, tools))


def shunt(item: InboxItem, reason: str, detail: str, now: datetime, tools: Tools) -> None:
    """Keep a mail that could not be handled for the operators: raw, with the reason, in the log, and they are told.

    It is not read again: reading it may be what went wrong.  Raises inbox.Finished when another process was first.
    """
    sender = one_line(item.envelope.sender)
    with tools.store.transaction():
        inbox.require_waiting(item.id)
        inbox.finish(item.id, Disposition.QUARANTINED, reason, now, detail=detail)
        mail_log.append(
            at=now,
            direction="in",
            sender=sender,
            recipient=", ".join(item.envelope.recipients),
            disposition=Disposition.QUARANTINED.value,
            reason=reason,
            detail=detail,
            inbox_id=item.id,
        )
        params = {"reason": reason, "sender": sender, "inbox_id": item.id}
        for owed in alert_at_most(MOST_SHUNTS_AN_HOUR, "alert", params, now, tools):
            post(owed, now, tools, caused_by=item.id)


def _about(application: Application | None) -> str:
    if application is None:
        return "no application"
    return f"{application.receipt or 'a draft'} ({application.state.value}, revision {application.revision.number})"
