"""The stages of a mail as threads of one process."""

import threading
from datetime import timedelta

import pytest

from mailbot.app.in_process_worker import DecidingStages
from mailbot.desk.calendar import deadlines
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from tests.testkit.desk import FORM, DeskUnderTest
from tests.testkit.records import receive

STRANGER, APPLICANT = "a@elsewhere.example", "taro@naxtrade.example"


def arrives(desk: DeskUnderTest, sender: str, number: int = 0) -> None:
    head = f"From: {sender}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    raw = (head + (FORM.replace("失念", f"失念{number}") if sender == APPLICANT else "x\r\n")).encode()
    arrival = Arrival(Envelope(sender, ("desk@desk.example",)), raw, Evidence(), desk.clock.now())
    receive(desk.store, [arrival])


@pytest.mark.parametrize(
    ("senders", "woken"),
    [([STRANGER], 0), ([APPLICANT], 1), ([STRANGER, APPLICANT, STRANGER], 1), ([APPLICANT, STRANGER, APPLICANT], 2)],
)
def test_who_writes_is_woken_for_notices_alone(desk: DeskUnderTest, senders: list[str], woken: int) -> None:
    calls: list[int] = []
    stages = DecidingStages(desk.context, desk.clock, lambda: calls.append(1))
    for number, sender in enumerate(senders):
        arrives(desk, sender, number)
        assert stages._worker.handle_one()
    assert len(calls) == woken


def test_a_thread_hands_on_its_own_notices(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another one may have queued notices in a transaction that is not committed yet."""
    calls: list[str] = []
    stages = DecidingStages(desk.context, desk.clock, lambda: calls.append(threading.current_thread().name))
    monkeypatch.setattr(deadlines, "run_due_tasks", lambda *_: 1)  # did something else than queue a notice
    arrives(desk, APPLICANT)
    handle = stages._worker._handled

    def meanwhile() -> None:  # between the commit and the call of the worker
        scheduler = threading.Thread(target=stages._scheduler._run_due_tasks)
        scheduler.start()
        scheduler.join()
        assert calls == []
        handle()

    monkeypatch.setattr(stages._worker, "_handled", meanwhile)
    desk.clock.advance(timedelta(minutes=1))
    assert stages._worker.handle_one()
    assert calls == [threading.current_thread().name]
