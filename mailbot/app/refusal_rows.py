"""Writes what the SMTP server has refused into the mail log."""

from collections.abc import Sequence

from mailbot.logs import get_logger
from mailbot.records.database import Store
from mailbot.records.log import mail_log
from mailbot.runners.smtp.refusals import Refusal

log = get_logger("mailbot")


def record_refusals(refusals: Sequence[Refusal], store: Store) -> None:
    """One row for each, in one transaction.  A failure is only logged: the clients have had their replies."""
    try:
        with store.transaction():
            for refusal in refusals:
                times = f"; {refusal.count} times" if refusal.count > 1 else ""
                mail_log.append(
                    at=refusal.at,
                    direction="in",
                    sender=refusal.sender,
                    recipient=refusal.recipient,
                    disposition="refused",
                    reason=refusal.reason,
                    detail=f"client: {refusal.peer}{times}",
                )
    except Exception:
        log.exception("refusals-not-logged", reasons=sorted({refusal.reason for refusal in refusals}))
