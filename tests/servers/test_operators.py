"""What operators do on a running desk, from outside on both databases: each command once, told to whom it concerns."""

import asyncio
import mailbox
import subprocess
import urllib.error
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from mailbot.clock import ManualClock
from mailbot.commands.common import operator_name
from mailbot.demo.browser import Browser
from mailbot.model.register import Register
from mailbot.records.maintenance import consistency
from mailbot.records.register.offices import replace_register
from tests.testkit.contract_forms import BROKER
from tests.testkit.desk import FORM, START, sample_offices
from tests.testkit.outside import Outside
from tests.testkit.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TARO, HANAKO = "taro@naxtrade.example", "hanako@naxtrade.example"
ICHIRO, OPERATOR = "ichiro@desk.example", "operator@desk.example"
ASKED = ("taro received", "hanako received", "ichiro review-request", "ryoko review-request")
DECIDED = ("taro completed", "hanako completed", "ichiro decision", "ryoko decision")
EARLY = START - timedelta(hours=2)  # before the morning mails
HALF = "一時保存\n手続：パスワード初期化\n事業所コード：NAC001\n利用者コード：1ANAC\n"
REASON = "通関士証票番号の確認が済んでいませんでした。"


def log_in(out: Outside) -> Browser:
    pages = out.desk.service.pages
    assert pages is not None
    browser = Browser(f"http://{pages.host}:{pages.port}")
    browser.log_in("NAC001", "sample-NAC001")
    return browser


def audited(out: Outside) -> list[tuple[str, str]]:
    return [(row["who"], row["what"]) for row in out.json("audit", "list")]


def looked_at_and_revoked(out: Outside) -> None:
    """Each look at a password is in the history, the audit log and a mail; after the revocation nobody sees it."""
    out.sends(TARO, FORM, *ASKED)
    out.replies(ICHIRO, "review-request", "承認", *DECIDED)
    (secret,) = out.json("applications", "show", "2600001C", "--secrets")["passwords"]
    out.gets("hanako security")
    assert secret["user_id"] in out.flat(HANAKO, "security") and "運用担当者" in out.flat(HANAKO, "security")
    assert secret["password"] not in out.latest[HANAKO, "security"].as_string()
    shown = out.json("applications", "show", "2600001C")
    assert "passwords" not in shown
    last = shown["steps"][-1]
    assert (last["event"], last["by"]["name"], last["words"]) == ("look", operator_name(), secret["user_id"])
    assert audited(out) == [(operator_name(), "looked at the passwords of 2600001C")]
    browser = log_in(out)
    assert secret["password"] in browser.show_password("2600001C", secret["user_id"])
    out.gets("hanako security")
    assert out.json("applications", "revoke", "2600001C") == {"revoked": [secret["user_id"]]}
    out.gets("taro revoked", "hanako revoked")
    page = browser.show_password("2600001C", secret["user_id"])
    assert secret["password"] not in page and "取り消しました" in page
    assert out.json("applications", "show", "2600001C", "--secrets")["passwords"] == []  # nobody is told of nothing
    assert "has no passwords" in out.command("applications", "revoke", "2600001C", code=2)
    assert audited(out)[2] == (operator_name(), f"revoked the passwords of 2600001C: {secret['user_id']}")
    assert out.json("applications", "show", "2600001C")["steps"][-1]["event"] == "revoke"


def taken_back(out: Outside) -> None:
    """Before the 利用開始日 an approval is taken back with its reason, and the reviewer decides anew; later it is not."""
    out.sends(TARO, BROKER, "taro received", "hanako received", "ichiro review-request")
    decided = ("taro completed", "hanako completed", "ichiro decision")
    out.replies(ICHIRO, "review-request", "承認", *decided)
    issued = [one["user_id"] for one in out.json("applications", "show", "2600001B", "--secrets")["passwords"]]
    out.gets("hanako security")
    assert "the reason is empty" in out.command("applications", "reopen", "2600001B", "--reason", " ", code=2)
    back = out.json("applications", "reopen", "2600001B", "--reason", REASON)
    assert back == {"number": "2600001B", "state": "received", "erased": issued}
    out.gets("taro taken-back", "hanako taken-back", "ichiro review-request")
    for person, kind in ((TARO, "taken-back"), (HANAKO, "taken-back"), (ICHIRO, "review-request")):
        assert REASON in out.flat(person, kind)
    shown = out.json("applications", "show", "2600001B")
    assert (shown["state"], shown["start_date"], shown["contract"]) == ("received", None, [])
    assert (shown["steps"][-1]["event"], shown["steps"][-1]["words"]) == ("reopen", REASON)
    assert audited(out)[-1] == (operator_name(), f"took the approval of 2600001B back: {REASON}")
    assert "there is no approval" in out.command("applications", "reopen", "2600001B", "--reason", "x", code=2)
    log_in(out)
    out.replies(ICHIRO, "review-request", "承認", *decided)
    assert out.json("applications", "show", "2600001B")["start_date"] == "2026-12-10"
    assert out.clock is not None
    out.clock.advance(timedelta(days=20))
    assert "so it is in effect" in out.command("applications", "reopen", "2600001B", "--reason", "x", code=2)


def log_in_paused(out: Outside) -> None:
    """A paused log-in is refused, and its sessions are ended, until it is resumed; a concern pauses it likewise."""
    out.sends(TARO, FORM, *ASKED)
    everybody = ("ichiro inquiry", "ryoko inquiry", "operator inquiry", "taro answer")
    pauses: tuple[tuple[str, Callable[[], object]], ...] = (
        ("by an operator", lambda: out.command("office", "pause", "nac001")),
        ("mail #2", lambda: out.replies(TARO, "received", "この申込をした心当たりがありません。", *everybody)),
    )
    for reason, pause in pauses:
        browser = log_in(out)
        pause()
        (row,) = out.json("office", "paused")
        assert (row["office"], row["reason"]) == ("NAC001", reason)
        for attempt in (partial(log_in, out), partial(browser.show_password, "2600001C", "1ANACA0A")):
            with pytest.raises(urllib.error.HTTPError) as refused:
                attempt()
            with closing(refused.value):
                assert refused.value.code == 403
        out.command("office", "resume", "NAC001")
        assert out.json("office", "paused") == []
        log_in(out)
        assert "is not paused" in out.command("office", "resume", "NAC001", code=2)


def drafts(out: Outside) -> None:
    """一時保存 in its own words, listed with what is missing, submitted or withdrawn."""
    out.sends(TARO, HALF, "taro saved", subject="申込")
    saved = out.flat(TARO, "saved")
    assert "入力不備" not in saved and "まだ提出されていません" in saved
    assert str(out.latest[TARO, "saved"]["Subject"]).startswith("【一時保存】")
    out.sends(TARO, "状況", "taro answer", subject="状況")
    missing = out.flat(TARO, "answer").partition("提出までにご記入")[2].partition("──")[0]
    assert "利用者ID" in missing and "希望理由" in missing and "備考" not in missing
    (kept,) = out.json("applications", "list")
    assert (kept["number"], kept["state"]) == ("#1", "draft")
    out.replies(TARO, "saved", "取下げ", "taro withdrawn")
    assert "破棄しました" in out.flat(TARO, "withdrawn")
    assert out.json("applications", "show", "#1")["state"] == "withdrawn"
    out.sends(TARO, HALF, "taro saved", subject="申込")
    out.replies(TARO, "saved", FORM, *ASKED)
    assert [one["state"] for one in out.json("applications", "list")] == ["withdrawn", "received"]


def one_number(out: Outside) -> None:
    """A mail has one number: in the SMTP answer, in the alert, in the log and in the quarantine."""
    out.sends(TARO, FORM, *ASKED)
    raw = f"From: {TARO}\r\nSubject: 自動応答: 休暇\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n休暇をいただいております。\r\n"
    answer = out.hands_over(raw.encode(), TARO, out.desk.config.desk.address)
    number = answer.rpartition("#")[2]
    assert number == "2"
    out.gets("operator alert")
    assert f"#{number}" in out.text(OPERATOR, "alert")
    assert out.json("quarantine", "show", number)["number"] == 2
    assert [row["number"] for row in out.json("log", "show", number)["rows"]] == [number]
    assert "休暇をいただいております。" in out.command("quarantine", "show", f"#{number}", "--raw")
    assert out.json("explain", f"#{number}")["mail"] == f"#{number}"


def released_by_two(out: Outside) -> None:
    """Of two operators who release a mail at once one does; the mail is handled once, and the other is told of it."""
    office = sample_offices().offices[0]
    without_taro = replace(office, contacts=tuple(one for one in office.contacts if one.email != TARO))
    forms = [FORM.replace("A0A", user_id) for user_id in ("A0A", "A0B", "A01")]
    with out.desk.context.store.transaction():
        replace_register(Register((without_taro,), ()), prune=False)
    for number, form in enumerate(forms):
        out.sends(TARO, form, *["operator alert"] * (not number), subject="申込")
    until(lambda: len(out.json("quarantine", "list")) == len(forms), "all are quarantined")
    with out.desk.context.store.transaction():
        replace_register(Register((office,), ()), prune=False)
    for number in range(1, len(forms) + 1):
        both: list[subprocess.Popen[str]] = [out.starts("quarantine", "release", str(number)) for _ in range(2)]
        said = sorted((one.communicate(timeout=120)[0], one.returncode) for one in both)
        out.desk.service.wake_worker()
        assert said[0] == (f"#{number} released\n", 0)
        assert said[1][0].startswith(f"#{number} was not released: it is not quarantined, but ")
        assert f"; {operator_name()} released it already, at 2026-11-20T08:00:00+09:00" in said[1][0]
        assert said[1][1] == 1
        out.gets(*ASKED)
    assert [one["state"] for one in out.json("applications", "list")] == ["received"] * len(forms)
    rows = out.json("log", "list", "--direction", "in")
    assert sorted(row["reason"] for row in rows) == sorted(["newcomer", "released-by-operator", "submitted"] * 3)
    assert len([what for _, what in audited(out) if what.startswith("released mail")]) == len(forms)


def at_work(out: Outside) -> None:
    """A mail is released after its sender has left; a notice fails; backup, export and figures."""
    base: Path = out.desk.config.base
    out.sends(TARO, "休暇をいただいております。", "operator alert", subject="自動応答: 休暇")
    office = sample_offices().offices[0]
    with out.desk.context.store.transaction():
        replace_register(Register((replace(office, contacts=office.contacts[1:]),), ()), prune=False)
    out.command("quarantine", "release", "--reason", "absence-subject")
    out.desk.sink.rejected_recipients.add(HANAKO)
    out.sends("jiro@naxtrade.example", FORM, "jiro received", *ASKED[2:], "operator alert", "jiro answer")
    rows = [row for row in out.json("log", "list", "--direction", "in") if row["number"] == "1"]
    assert rows[-1]["disposition"] == "quarantined" and rows[-1]["office"] == ""  # of nobody any more: not answered
    out.command("backup", "backup.jsonl.gz")
    out.command("log", "export", "--output", "all.mbox")
    with closing(mailbox.mbox(base / "all.mbox")) as kept:
        subjects = [str(one["Subject"]) for one in kept]
    assert len(subjects) == len({row["number"] for row in out.json("log", "list")})
    counted = out.json("stats")
    assert counted["applications"] == [{"procedure": "password_reset", "state": "received", "count": 1}]


PLAYS: dict[str, Callable[[Outside], None]] = {
    one.__name__: one
    for one in (looked_at_and_revoked, taken_back, log_in_paused, drafts, one_number, released_by_two, at_work)
}


@pytest.mark.parametrize("play", PLAYS.values(), ids=PLAYS)
async def test_operators(database: str, start: Any, play: Callable[[Outside], None]) -> None:
    clock = ManualClock(EARLY)
    roles = ("smtp", "worker", "sender", "web")
    desk = await start(clock=clock, store={"url": database}, roles=roles)
    await asyncio.to_thread(play, Outside(desk, clock))
    with desk.context.store.reading():
        assert consistency.check_consistency(desk.context.store).faults == ()
