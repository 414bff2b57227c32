"""A desk in a folder, as the command line finds it: mails are handled and notices delivered in this process."""

import os
from collections.abc import Sequence
from email.message import EmailMessage
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from mailbot.app.context import open_desk
from mailbot.clock import Clock, SystemClock
from mailbot.config import load
from mailbot.desk.outgoing.write_notices import write_due
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, DeliveryResult, Envelope
from mailbot.records.queues import outbox
from mailbot.runners.worker import Worker
from tests.testkit.command_line import mailbot
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


def init(folder: Path, *options: str) -> None:
    """What `mailbot init OPTIONS` writes, in `folder`.  It runs once in a process; migrations take their time."""
    settings = frozenset((name, value) for name, value in os.environ.items() if name.startswith("MAILBOT_"))
    for name, mode, content in _initial(options, settings):
        path = folder / name
        if content is None:
            path.mkdir(exist_ok=True)
        else:
            path.write_bytes(content)
        path.chmod(mode)


@cache
def _initial(options: tuple[str, ...], _: frozenset[tuple[str, str]]) -> list[tuple[str, int, bytes | None]]:
    """Path, mode and content (None: a folder) of what it writes; a folder is before what is in it."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        mailbot(folder, "init", *options)
        return [
            (str(path.relative_to(folder)), path.stat().st_mode & 0o777, None if path.is_dir() else path.read_bytes())
            for path in sorted(folder.rglob("*"))
        ]
