"""A desk in a folder, as the command line finds it: mails are handled and notices delivered in this process."""

from collections.abc import Sequence
from email.message import EmailMessage
from pathlib import Path

from mailbot.app.context import open_desk
from mailbot.clock import Clock, SystemClock
from mailbot.config import load
from mailbot.desk.outgoing.write_notices import write_due
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, DeliveryResult, Envelope
from mailbot.records.queues import outbox
from mailbot.runners.worker import Worker
from tests.testkit.records import receive, record_result


def arrival(author: str, subject: str, text: str, clock: Clock, recipient: str = "desk@desk.example") -> Arrival:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = author, recipient, subject
    mail["Message-ID"] = f"<{hash((author, subject, text)):x}@{author.partition('@')[2]}>"
    mail.set_content(text, charset="utf-8")
    return Arrival(Envelope(author, (recipient,)), mail.as_bytes(), Evidence(), clock.now())


def take_in(
    folder: Path, mails: Sequence[tuple[str, str, str]], clock: Clock | None = None, *, delivered: bool = True
) -> list[int]:
    """Receive mails (author, subject, text) and handle everything that waits; returns the numbers of the mails."""
    clock = clock or SystemClock()
    with open_desk(load(folder / "config.toml", {})) as context:
        numbers = receive(context.store, [arrival(*mail, clock) for mail in mails])
        while Worker(context, clock, handled=lambda: None).handle_one():
            pass
        write_due(clock.now, context)
        result = DeliveryResult(
            delivered, permanent=True, code=250 if delivered else 550, reply="OK" if delivered else "no"
        )
        while items := outbox.claim(context.store, clock.now(), 50):
            for item in items:
                record_result(context.store, item.id, result, clock.now(), None)
    return numbers
