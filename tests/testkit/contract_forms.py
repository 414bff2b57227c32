"""Forms of the procedures that change the contract, and the steps of their conversations."""

import re
from datetime import date, datetime

from mailbot.clock import TOKYO
from tests.testkit.desk import DeskUnderTest, Person, ReceivedNotice

ABOLITION = """\
手続：利用者IDの廃止
事業所コード：NAC001
廃止する利用者ID：1ANACA0A 1ANACA0B
利用開始希望日：20261210
変更する理由：担当者の退職に伴い、使用しなくなったため
"""
BROKER = """\
手続：通関士IDの追加
事業所コード：NAC001
利用者コード：１ＡＮＡＣ
追加数（net）：1
追加数（インタ）：1
通関士証票番号：12-7896
利用開始希望日：2026年12月10日
"""
MAILBOX = """\
手続：メールボックスの追加・廃止
事業所コード：NAC001
メールボックス数（SMTP/POP3）：1
メールボックス数（EDIFACT）：0
廃止するメールボックスID：
利用開始希望日：20261210
変更する理由：取扱量の増加のため
"""


def flat(got: ReceivedNotice) -> str:
    return re.sub(r"\n *", "", got.text)


def approve(desk: DeskUnderTest, ichiro: Person) -> None:
    ichiro.replies(next(m for m in reversed(ichiro.mails) if m.kind == "review-request"), "承認\n")


def on(desk: DeskUnderTest, day: date, hour: int = 10) -> None:
    """Let the clock go on to a day, running the due tasks each morning."""
    while desk.clock.now().date() < day:
        desk.passes(days=1)
        desk.run_due_tasks()


def at(desk: DeskUnderTest, *when: int) -> None:
    """Set the clock forward to an instant in Tokyo and run the due tasks."""
    now = datetime(*when, tzinfo=TOKYO)  # type: ignore[misc]
    assert now >= desk.clock.now()
    desk.clock.advance(now - desk.clock.now())
    desk.run_due_tasks()
