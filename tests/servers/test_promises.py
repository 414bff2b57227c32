"""What the desk has promised, from outside on both databases: who answers, once, and what happens when nobody does."""

import asyncio
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.clock import ManualClock
from mailbot.model.people import Category
from mailbot.model.register import Register
from mailbot.records.maintenance import consistency
from mailbot.records.register.offices import replace_register
from tests.testkit.desk import FORM, START, sample_offices
from tests.testkit.mail_domains import NameServer, zones_of
from tests.testkit.outside import Outside

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TARO, HANAKO = "taro@naxtrade.example", "hanako@naxtrade.example"
ICHIRO, RYOKO, OPERATOR = "ichiro@desk.example", "ryoko@desk.example", "operator@desk.example"
QUESTION, PRICE = "こちらは子会社の分も含まれますでしょうか。", "費用はいくらですか。"
ASKED = ("taro received", "hanako received", "ichiro review-request", "ryoko review-request")
READERS = ("ichiro inquiry", "ryoko inquiry")
ANSWERED = ("taro message", "hanako message", "ichiro update", "ryoko update")
EARLY = START - timedelta(hours=2)  # before the morning mails, which the desk itself would send at any moment
LATE = {"ja": "（期限を過ぎています）", "en": "overdue"}


def promise_broken(out: Outside) -> None:
    """Late inquiries are in every list, and an operator who has not got the mail of one gets and answers it."""
    late = LATE[out.desk.config.desk.language]
    out.sends(TARO, FORM, *ASKED)
    out.replies(ICHIRO, "review-request", "担当", "ichiro decision", "ryoko decision")
    out.replies(TARO, "received", QUESTION, "ichiro inquiry", "taro answer")  # to the one in charge
    assert "2026年11月24日（火）までに、担当者からご連絡いたします" in out.text(TARO, "answer")
    out.sends(TARO, PRICE, "operator inquiry", "taro answer", subject="お問い合わせ")
    out.passes("ichiro digest", "ryoko digest", "operator alert", days=4, hours=2)  # the promised day
    assert late not in out.text(ICHIRO, "digest").partition(QUESTION)[0].rpartition("#3")[2]
    assert late not in out.text(OPERATOR, "alert")
    assert QUESTION not in out.flat(OPERATOR, "alert")
    out.passes("ichiro digest", "ryoko digest", "operator alert", days=1)
    listed = out.text(OPERATOR, "alert")
    assert listed.count(late) == 2
    assert "審査 一郎" in listed and ICHIRO not in listed  # who is in charge of the late review
    assert late in out.text(ICHIRO, "digest").partition(QUESTION)[0].rpartition("#3")[2]
    out.replies(OPERATOR, "alert", "#3 送付", "operator answer", "operator inquiry")
    assert QUESTION in out.flat(OPERATOR, "inquiry")
    told = ("taro message", "hanako message", "operator update", "ichiro update")
    out.replies(OPERATOR, "inquiry", "含まれます。", *told)
    out.replies(ICHIRO, "inquiry", "含まれません。", "ichiro answer")  # too late
    out.replies(OPERATOR, "alert", "#3 送付", "operator answer")


def two_readers(out: Outside) -> None:
    """Two replies at one moment: one answer, and the other reader is told who was first."""
    out.sends(TARO, FORM, *ASKED)
    for number in range(3):
        out.replies(TARO, "received", f"{QUESTION}（{number}）", *READERS, "taro answer")
        together = threading.Barrier(2)
        mails = {
            one: (out.reply(one, "inquiry", f"{one}の回答です。"), out.reply_to(one, "inquiry"))
            for one in (ICHIRO, RYOKO)
        }

        def answers(person: str, mail: tuple[str, dict[str, str]], together: threading.Barrier = together) -> None:
            together.wait()
            Outside(out.desk, seen=-1).submits(person, mail[0], **mail[1])

        threads = [threading.Thread(target=answers, args=one) for one in mails.items()]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        out.gets_one_of((*ANSWERED, "ichiro answer"), (*ANSWERED, "ryoko answer"))


def deputies(out: Outside) -> None:
    """What waits for a reviewer who goes away is passed on to who stands in, and what comes later too."""
    everybody = sample_offices().reviewers
    people = tuple(
        replace(one, deputy=RYOKO) if one.email == ICHIRO else replace(one, categories=frozenset({Category.BROKER_ID}))
        for one in everybody
    )
    with out.desk.context.store.transaction():
        replace_register(Register((), people))
    out.sends(TARO, FORM, "taro received", "hanako received", "ichiro review-request")
    asked = ("taro confirmation-request", "hanako confirmation-request", "ichiro decision")
    out.replies(ICHIRO, "review-request", "確認依頼\n理由を教えてください。", *asked)
    out.replies(TARO, "confirmation-request", "前任者の退職です。", "ichiro inquiry", "taro answer")
    away = {"to": out.return_paths[ICHIRO, "review-request"], "envelope_sender": "", "Auto_Submitted": "auto-replied"}
    out.sends(ICHIRO, "本日は休暇をいただいております。", "ryoko inquiry", subject="不在: 審査依頼", **away)
    assert "前任者の退職です。" in out.flat(RYOKO, "inquiry")
    out.replies(RYOKO, "inquiry", "承知しました。", *ANSWERED)
    out.replies(TARO, "confirmation-request", QUESTION, *READERS, "taro answer")


PLAYS: dict[str, Callable[[Outside], None]] = {one.__name__: one for one in (promise_broken, two_readers, deputies)}


@pytest.mark.parametrize("play", PLAYS.values(), ids=PLAYS)
async def test_promises(database: str, start: Any, play: Callable[[Outside], None]) -> None:
    clock = ManualClock(EARLY)
    desk = await start(clock=clock, store={"url": database})
    await asyncio.to_thread(play, Outside(desk, clock))
    with desk.context.store.reading():
        assert consistency.check_consistency(desk.context.store).faults == ()


async def test_a_broken_promise_in_english(start: Any) -> None:
    clock = ManualClock(EARLY)
    desk = await start(clock=clock, desk={"language": "en"})
    await asyncio.to_thread(promise_broken, Outside(desk, clock))


@pytest.fixture
def dns() -> Iterator[str]:
    server = NameServer(zones_of({"naxtrade.example": "v=DMARC1; p=none"}))
    yield server.address
    server.close()


def late_challenge(out: Outside) -> None:
    """Answered after its last day nothing is done, and it is said so; sent again it is asked about again."""
    out.sends(TARO, PRICE, "taro challenge", subject="お問い合わせ")
    assert "2026年11月24日（火）" in out.text(TARO, "challenge")
    out.passes(days=5)
    out.replies(TARO, "challenge", "確認", "taro answer")
    assert "この確認は無効になっています" in out.flat(TARO, "answer").replace("ご確認", "確認")
    out.sends(TARO, f"{PRICE}もう一度", "taro challenge", subject="お問い合わせ")
    out.replies(TARO, "challenge", "確認", "operator inquiry", "taro answer")
    assert [row["reason"] for row in out.json("log", "list", "--direction", "in")][1] == "challenge-expired"


async def test_a_late_answer_to_a_challenge(start: Any, dns: str) -> None:
    clock = ManualClock(EARLY)
    desk = await start(clock=clock, auth={"require": "dmarc", "nameservers": [dns]})
    await asyncio.to_thread(late_challenge, Outside(desk, clock))
