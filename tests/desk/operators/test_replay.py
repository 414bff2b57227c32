"""Replay: the same code reads the same again; another code is told by what it would read differently."""

from datetime import timedelta

import pytest

from mailbot.desk.incoming import reading
from mailbot.desk.operators.replay import replay
from mailbot.forms.decision import Decision
from mailbot.forms.keyword_lines import NoKeyword
from mailbot.records.log import mail_log
from tests.testkit.contract_forms import BROKER, MAILBOX
from tests.testkit.desk import FORM, DeskUnderTest, Person, gmail, outlook


def play(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """Mails of many kinds, one after another."""
    taro.sends(FORM.replace("A0A", "AOA"))
    taro.replies(taro.gets("invalid-input"), "修正\n識別番号：A0A\n")
    desk.passes(minutes=5)
    received = taro.gets("received")
    ichiro.replies(ichiro.gets("review-request"), "確認依頼\n理由は？", gmail)
    desk.passes(minutes=5)
    taro.replies(taro.mails[-1], "修正\n備考：追記", outlook)
    taro.sends("状況", "状況")
    taro.replies(received, "何でしょうか")
    taro.sends(f"{MAILBOX}\n{BROKER}", "二件")
    desk.passes(minutes=5)
    ichiro.replies(ichiro.mails[-1], "承認", outlook)
    desk.receives(b"From: x@y.example\r\nAuto-Submitted: auto-replied\r\n\r\naway", "")
    taro.sends("", "表", files={"a.csv": "利用者コード,識別番号\r\n1ANAC,A0B\r\n".encode("cp932")})


def test_the_same_code_reads_the_same(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    play(desk, taro, ichiro)
    before = mail_log.listing(10_000)
    found = list(replay(desk.clock.now() - timedelta(days=30), desk.context))
    assert len(found) >= 9
    assert [one for one in found if one is not None] == []
    assert mail_log.listing(10_000) == before


def test_other_code_is_told(desk: DeskUnderTest, taro: Person, ichiro: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    play(desk, taro, ichiro)
    monkeypatch.setattr(reading, "reviewer_decision", lambda *_, **__: Decision(NoKeyword.NONE))
    changed = [one.changed for one in replay(desk.clock.now() - timedelta(days=1), desk.context) if one is not None]
    assert [one["decision"] for one in changed] == [("ask", "none"), ("approve", "none")]


def test_only_what_is_asked_for(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    desk.passes(days=2)
    assert list(replay(desk.clock.now() - timedelta(days=1), desk.context)) == []
