"""Two operators answer the same daily list, and the worker is killed in the middle of both answers: each line once."""

import multiprocessing
import signal
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.app.context import make_context
from mailbot.clock import ManualClock
from mailbot.config import Config
from mailbot.desk.calendar import daily_list
from mailbot.desk.operations import quarantine
from mailbot.desk.outgoing.write_notices import write_due
from mailbot.records.database import open_store
from mailbot.records.log import audit, mail_log
from mailbot.records.maintenance import consistency
from mailbot.records.queues import outbox
from mailbot.runners.worker import Worker
from tests.durability.test_quarantine_races import die_in_transaction, quarantined_mails
from tests.testkit.desk import START, open_desk_under_test
from tests.testkit.races import _mail
from tests.testkit.records import audited, receive

pytestmark = pytest.mark.slow

MAILS = 40
OPERATORS = ("first@desk.example", "second@desk.example")
IN_FIRST, IN_SECOND, NEVER = "first answer", "second answer", "never"  # where a process dies


@pytest.mark.timeout(300)
def test_each_line_is_carried_out_once(tmp_path: Path, database: str) -> None:
    desk = open_desk_under_test(tmp_path, url=database)
    section = desk.config.desk.model_copy(update={"admin": list(OPERATORS)})
    config = desk.config.model_copy(update={"desk": section})
    desk.context = make_context(config, desk.store)
    numbers = quarantined_mails(desk, MAILS)
    answers = [
        "\n".join(f"#{number} {'破棄' if (number + i) % 2 else '処理'}" for number in numbers)
        for i in range(len(OPERATORS))
    ]
    daily_list.send_due(START, desk.context)
    write_due(desk.clock.now, desk.context)
    lists = {item.mail.recipient: item.mail for item in outbox.listing()}
    receive(
        desk.store,
        [_mail(desk, to, reply_address(lists[to].raw), words) for to, words in zip(OPERATORS, answers, strict=True)],
    )
    desk.store.close()
    codes = [run(config, death) for death in (IN_FIRST, IN_SECOND, NEVER)]
    assert codes == [-signal.SIGKILL, -signal.SIGKILL, 0]
    desk.store = open_store(database, tmp_path)
    try:
        with desk.store.reading():
            rows = [row for row in mail_log.listing(10 * MAILS) if row.disposition in ("released", "discarded")]
            assert sorted(row.inbox_id or 0 for row in rows) == numbers
            assert {row.detail.partition("\n")[0] for row in rows} == {f"by {OPERATORS[0]}"}
            assert len(audited()) == MAILS
            assert consistency.check_consistency(desk.store).faults == ()
            told = [item.mail for item in outbox.listing() if item.mail.kind.value == "answer"]
            assert sorted(mail.recipient for mail in told) == sorted(OPERATORS)  # one answer each
    finally:
        desk.store.close()


def reply_address(raw: bytes) -> str:
    head = raw.decode("ascii", "replace").replace("\r\n ", " ")
    return head.partition("Reply-To:")[2].partition("\r\n")[0].strip().rpartition("<")[2].rstrip(">")


def run(config: Config, death: str) -> int | None:
    process = multiprocessing.get_context("spawn").Process(target=work, args=(config, death))
    process.start()
    process.join(120)
    return process.exitcode


def work(config: Config, death: str) -> None:
    """Handle what waits; the process is killed in the middle of the transaction of an answer."""
    store = open_store(config.store.url, config.base)
    if death == IN_FIRST:
        audit.append = die_in_transaction(7)
    if death == IN_SECOND:  # each of its lines was done before
        quarantine.done_before = die_in_transaction(9, quarantine.done_before)
    context, now = make_context(config, store), START + timedelta(hours=1)
    worker = Worker(context, ManualClock(now), lambda: None)
    while worker.handle_one():
        pass
    write_due(lambda: now, context)
    store.close()
