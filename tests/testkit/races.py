"""Several reviewers decide at once, in several processes: exactly one decision counts, the others are told (T-95)."""

import multiprocessing
import random
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from mailbot.app.context import make_context
from mailbot.clock import ManualClock
from mailbot.config import Config
from mailbot.desk.outgoing.write_notices import write_due
from mailbot.errors import Temporary
from mailbot.logs import set_up_logging
from mailbot.model.application import Actor
from mailbot.model.evidence import Evidence
from mailbot.model.lifecycle import Event
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.records.applications import application_store
from mailbot.records.database import open_store
from mailbot.records.database.sqlite import SqliteStore
from mailbot.records.log import mail_log
from mailbot.records.maintenance import consistency
from mailbot.records.queues import inbox, outbox
from mailbot.runners.worker import Worker
from tests.testkit.desk import FORM, DeskUnderTest, open_desk_under_test
from tests.testkit.kills import FORMS
from tests.testkit.records import receive

PROCESSES = 4
DECIDED = ("ask", "approve")
WORDS = ("承認\n", "修正\n理由をお知らせください。\n", "お世話になっております。\n承認\n")


@dataclass
class Races:
    """What came of it."""

    rounds: int = 0
    decisions: int = 0  # mails that decide
    winners: int = 0
    extend_view_period: int = 0  # losers who were answered, or whose second mail was recorded
    faults: list[str] = field(default_factory=list)

    @property
    def is_well(self) -> bool:
        return self.rounds == self.winners and not self.faults


def race(folder: Path, url: str, rounds: int, seed: int) -> Races:
    """`rounds` applications, each decided by two to eight mails at once."""
    chance = random.Random(seed)
    result = Races()
    desk = open_desk_under_test(folder, url=url)
    config = desk.config.model_copy(
        update={
            "desk": desk.config.desk.model_copy(
                update=dict.fromkeys(("answers_per_hour", "answers_per_day", "changes_per_day"), 10**9)
            )
        }
    )
    desk.context = make_context(config, desk.store)
    try:
        with _workers(config, desk.clock.now()):
            while result.rounds < rounds and not result.faults:
                _batch(desk, chance, result)
        with desk.store.reading():
            result.faults += consistency.check_consistency(desk.store).faults
            if mail_log.verify()[1] is not None:
                result.faults.append("the mail log does not verify")
    finally:
        desk.store.close()
    return result


def _batch(desk: DeskUnderTest, chance: random.Random, result: Races) -> None:
    """One application for each ID that can be open, all decided at the same time."""
    before = outbox.listing()[-1].id if outbox.listing() else 0
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    receive(desk.store, [_mail(desk, taro.address, desk.config.desk.address, FORM.replace("A0A", i)) for i in FORMS])
    _until_done(desk)
    write_due(desk.clock.now, desk.context)
    with desk.store.reading():
        requests = [item for item in _since(before) if item.mail.kind is NoticeKind.REVIEW_REQUEST]
    numbers = {item.mail.application_id for item in requests}
    mails = []
    for number in numbers:
        to_them = [item for item in requests if item.mail.application_id == number]
        for _ in range(chance.randint(2, 8)):
            request = chance.choice(to_them)
            notice = message_from_bytes(request.mail.raw, policy=policy.default)
            address = str(notice["Reply-To"].addresses[0].addr_spec)
            mails.append(_mail(desk, request.mail.recipient, address, chance.choice(WORDS)))
    receive(desk.store, mails)
    _until_done(desk)
    result.decisions += len(mails)
    with desk.store.transaction():
        for number in sorted(filter(None, numbers)):
            _check(desk, number, result)
    if len(numbers) != len(FORMS):
        result.faults.append(f"{len(numbers)} applications of {len(FORMS)}")


def _check(desk: DeskUnderTest, number: int, result: Races) -> None:
    application = application_store.get(number)
    assert application is not None
    winners = [step for step in application.steps if step.event.value in DECIDED]
    result.rounds += 1
    result.winners += len(winners) == 1
    if application.state.value == "needs_confirmation":  # let the next round have the ID
        actor = Actor(Role.CONTACT, "taro@naxtrade.example", "通関 太郎")
        application_store.apply_event(application, Event.WITHDRAW, desk.clock.now(), actor)


_numbers = iter(range(10**9))


def _mail(desk: DeskUnderTest, sender: str, recipient: str, text: str) -> Arrival:
    mail = EmailMessage(policy=policy.SMTP)
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, "Re:"
    mail["Message-ID"] = f"<{next(_numbers)}.race@{sender.partition('@')[2]}>"
    mail.set_content(text, charset="utf-8")
    return Arrival(Envelope(sender, (recipient,)), mail.as_bytes(), Evidence(), desk.clock.now())


def _since(number: int) -> list[Any]:
    return [item for item in outbox.listing() if item.id > number]


def _until_done(desk: DeskUnderTest) -> None:
    while inbox.counts()["waiting"]:
        time.sleep(0.005)  # the workers are at it


@contextmanager
def _workers(config: Config, now: Any) -> Iterator[None]:
    context = multiprocessing.get_context("spawn")
    stop = context.Event()
    running = [context.Process(target=_work, args=(config, now, number, stop)) for number in range(1, PROCESSES + 1)]
    for process in running:
        process.start()
    try:
        yield
    finally:
        stop.set()
        for process in running:
            process.join(60)
            process.kill()
            process.close()


def _work(config: Config, now: Any, number: int, stop: Any) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    set_up_logging("error")
    store = open_store(config.store.url, config.base)
    if isinstance(store, SqliteStore):  # one process serves there; for once several do, and all of them live
        store.owner = number
        SqliteStore.live_owners = lambda _: range(1, PROCESSES + 1)  # type: ignore[method-assign]
    worker = Worker(make_context(config, store), ManualClock(now), lambda: None)
    while not stop.is_set():
        with suppress(Temporary):  # the others were faster again and again: it is tried again, as `poll` does
            if not worker.handle_one():
                stop.wait(0.002)
    store.close()
