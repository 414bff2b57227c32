"""Applicant and reviewer use mutt, with Postfix in both directions (ISO-2022-JP, quoting by mutt)."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.model.lifecycle import State
from mailbot.records.applications import application_store
from mailbot.records.queues import inbox
from tests.servers.test_postfix import Server, Start, both_ways
from tests.testkit.desk import FORM
from tests.testkit.mutt import Mutt

pytestmark = pytest.mark.slow


async def test_an_application_a_question_a_correction_and_an_approval(
    start: Start, postfix: Server, tmp_path: Path
) -> None:
    running, mx = await both_ways(start, postfix)
    taro = Mutt(tmp_path / "taro", "通関 太郎", "taro@naxtrade.example", mx.port)
    ichiro = Mutt(tmp_path / "ichiro", "審査 一郎", "ichiro@desk.example", mx.port)
    people = {"taro@naxtrade.example": taro, "ichiro@desk.example": ichiro}
    delivered = 0

    async def types(deed: Callable[[], None], notices: int) -> None:
        """Type at mutt, then wait for the notices that follow in both mailboxes."""
        nonlocal delivered
        await asyncio.to_thread(deed)
        mails = await asyncio.to_thread(running.sink.wait_for, delivered + notices, 60)
        for mail in mails[delivered:]:
            for recipient in mail.recipients:
                if recipient in people:
                    people[recipient].receives(mail.raw)
        delivered += notices

    await types(lambda: taro.writes("desk@desk.example", "パスワード初期化の申込", FORM), 4)
    await types(
        lambda: ichiro.replies_to_the_latest("お世話になっております。\n修正\n理由を詳しくご記入ください。\n"), 4
    )
    asked = application_store.listing()[0]
    assert asked.state is State.NEEDS_CONFIRMATION
    assert asked.steps[-1].words == "理由を詳しくご記入ください。"
    reason = "パスワード初期化の希望理由：①担当者の交代　②引き継ぎ漏れ～失念"
    await types(lambda: taro.replies_to_the_latest(f"{reason}\n"), 4)
    corrected = application_store.listing()[0]
    assert corrected.state is State.RECEIVED
    assert corrected.revision.filled.text("reason") == reason.partition("：")[2]
    await types(lambda: ichiro.replies_to_the_latest("承認\n"), 4)
    assert application_store.listing()[0].state is State.COMPLETED
    store = running.context.store
    first, last = inbox.get(store, 1), inbox.get(store, 4)
    assert first is not None and b"iso-2022-jp" in first.raw
    assert last is not None and b"User-Agent" not in last.raw and b"> " in last.raw
