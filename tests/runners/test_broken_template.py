"""An operator's template with a typo, while applications come in by SMTP: nothing is lost, quarantined or out of order."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.desk.outgoing import write_notices
from mailbot.model.queued_mail import OutboxState
from mailbot.model.register import Register
from mailbot.notices import render
from mailbot.notices.folder import templates_folder
from mailbot.records.applications import application_store
from mailbot.records.maintenance.consistency import check_consistency
from mailbot.records.queues import inbox, outbox
from mailbot.records.register.offices import replace_register
from mailbot.records.schema.queue_tables import OutboxRow
from tests.testkit.desk import FORM, sample_offices
from tests.testkit.desk_process import send
from tests.testkit.running_desk import Running
from tests.testkit.waiting import until

NAME = "notices/received.ja.j2"
IDS = [f"B{number:02}" for number in range(10)]  # one for each application
APPLICATIONS = len(IDS)
APPLICANTS = ("taro@naxtrade.example", "hanako@naxtrade.example")


class Arrived:
    """The mails that have reached the relay."""

    def __init__(self, running: Running) -> None:
        self._sink = running.sink
        self._read: list[tuple[Sequence[str], EmailMessage]] = []  # recipients and mail, read once

    def receipts(self, kind: str, recipient: str) -> list[str]:
        """The receipt numbers of the notices of a kind, in the order in which they arrived."""
        return [str(mail["X-Mailbot-Receipt"]) for mail in self.mails(kind, recipient)]

    def mails(self, kind: str, recipient: str) -> list[EmailMessage]:
        for got in self._sink.wait_for(0, 0)[len(self._read) :]:
            mail = message_from_bytes(got.raw, policy=policy.default)
            assert isinstance(mail, EmailMessage)
            self._read.append((got.recipients, mail))
        return [mail for to, mail in self._read if mail["X-Mailbot-Notice"] == kind and recipient in to]

    def count(self) -> int:
        return len(self._sink.wait_for(0, 0))


def with_more_ids(register: Register) -> Register:
    """With IDS in the first office."""
    office, *others = register.offices
    (code, *codes) = office.user_codes
    more = tuple(replace(code.user_ids[0], number=user_id) for user_id in IDS)
    code = replace(code, user_ids=code.user_ids + more)
    return replace(register, offices=(replace(office, user_codes=(code, *codes)), *others))


async def test_a_typo_in_a_template_holds_its_notices_and_nothing_else(
    start: Callable[..., "asyncio.Future[Running]"], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(write_notices, "RETRY_EVERY", timedelta(hours=1))
    monkeypatch.setattr(render, "_LOOK_EVERY", 0.0)
    template = tmp_path / "templates" / NAME
    template.parent.mkdir(parents=True)
    words = (templates_folder() / NAME).read_text(encoding="utf-8")
    line = words.count("\n") + 2
    template.write_text(words + "\n{% if %}\n", encoding="utf-8")
    running = await start()
    with running.context.store.transaction():
        replace_register(with_more_ids(sample_offices()))
    arrived, store = Arrived(running), running.context.store

    acknowledged: list[str] = []
    for number, user_id in enumerate(IDS):
        await send(running.port, number, acknowledged, FORM.replace("A0A", user_id))
    assert len(acknowledged) == APPLICATIONS

    def decided() -> bool:
        return len(arrived.mails("review-request", "ichiro@desk.example")) == APPLICATIONS

    await asyncio.to_thread(until, decided, "requests to review")
    await asyncio.to_thread(until, lambda: arrived.mails("alert", "operator@desk.example"), "the alert")
    with store.reading():
        assert inbox.counts() == {"waiting": 0, "carried_out": APPLICATIONS}
        receipts = [str(one.receipt) for one in sorted(application_store.listing(), key=lambda one: one.id)]
        assert len(outbox.listing(OutboxState.UNWRITTEN)) == APPLICATIONS * len(APPLICANTS)
        assert check_consistency(store).faults == ()
    assert receipts == sorted(set(receipts)) and len(receipts) == APPLICATIONS
    assert arrived.receipts("review-request", "ichiro@desk.example") == receipts
    assert not any(arrived.mails("received", applicant) for applicant in APPLICANTS)

    template.write_text(words, encoding="utf-8")  # the operator mends it, and the hour is over
    with store.transaction():
        OutboxRow.update(next_attempt_at=OutboxRow.created_at).where(
            OutboxRow.state == OutboxState.UNWRITTEN.value
        ).execute()

    def everything_has_arrived() -> bool:
        running.service.wake_worker()
        with store.reading():
            return all(item.state is OutboxState.SENT for item in outbox.listing())

    await asyncio.to_thread(until, everything_has_arrived, "the notices that were held")
    with store.reading():
        assert arrived.count() == len(outbox.listing())  # each once
        assert check_consistency(store).faults == ()
    for applicant in APPLICANTS:
        assert arrived.receipts("received", applicant) == receipts
    (alert,) = arrived.mails("alert", "operator@desk.example")
    part = alert.get_body(("plain",))
    assert part is not None
    assert f"templates/{NAME}:{line}" in part.get_content().replace("\r\n", "\n").replace("\n", "")
