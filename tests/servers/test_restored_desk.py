"""A desk that runs on from a backup, from outside: what may have been sent before is sent only when it is asked for."""

import asyncio
import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mailbot.clock import ManualClock
from mailbot.records.maintenance import consistency
from mailbot.records.queues.retries import HELD_BY_RESTORE
from tests.testkit.desk import FORM, START
from tests.testkit.outside import Outside
from tests.testkit.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]

TARO, HANAKO, CORRECTED = "taro@naxtrade.example", "hanako@naxtrade.example", "hanako.kanri@naxtrade.example"
PRICE = "費用はいくらですか。"
NOTICES = 6  # four about the application, two about the inquiry
NOBODY_LISTENS = 1  # a port on which no relay is


def before_the_loss(out: Outside, folder: Path) -> Any:
    """Notices wait because the relay is away; the backup is restored into `folder`."""
    out.sends(TARO, FORM)
    out.sends(TARO, PRICE, subject="お問い合わせ")
    until(lambda: len(out.json("outbox", "list", "--state", "waiting")) == NOTICES, "all are written")
    out.command("backup", "backup.jsonl.gz")
    asked = out.json("inquiries", "list")
    assert [(one["words"], one["state"]) for one in asked] == [(PRICE, "open")]
    base: Path = out.desk.config.base
    shutil.copytree(base / "store", folder / "store", ignore=shutil.ignore_patterns("*.sqlite3*"))
    shutil.copy(base / "backup.jsonl.gz", folder)
    out.command("restore", "backup.jsonl.gz", cwd=folder)
    return asked


def after_it(out: Outside, asked: Any) -> None:
    assert out.json("inquiries", "list") == asked
    held = out.json("outbox", "list", "--state", "failed")
    assert len(held) == NOTICES and {one["answer"] for one in held} == {HELD_BY_RESTORE}
    assert "no notice that failed or waits matches" in out.command("outbox", "retry", "--all")
    # a notice that fails by now, to an address that the register then corrects
    out.desk.sink.rejected_recipients.add(HANAKO)
    received = ("taro received", "ichiro review-request", "ryoko review-request")
    out.sends(TARO, FORM.replace("A0A", "A0B"), *received, "operator alert", "taro answer")
    base: Path = out.desk.config.base
    out.command("register", "export", "register.toml")
    register = (base / "register.toml").read_text(encoding="utf-8")
    assert HANAKO in register
    (base / "register.toml").write_text(register.replace(HANAKO, CORRECTED), encoding="utf-8")
    out.command("register", "import", "register.toml", "--yes")
    done = out.json("outbox", "retry", "--all")
    assert (done["retried"], list(done["readdressed"].values())) == (1, [CORRECTED])
    out.gets("hanako.kanri received")
    assert out.json("outbox", "list", "--state", "failed") == held
    done = out.json("outbox", "retry", "--all", "--restored")
    assert (done["retried"], list(done["readdressed"].values())) == (NOTICES, [CORRECTED])
    out.gets("hanako.kanri received", *received, "operator inquiry", "taro answer")
    for more in ((), ("--restored",)):
        assert out.json("outbox", "retry", "--all", *more)["retried"] == 0
    out.sends(TARO, "状況", "taro answer", subject="状況")  # nothing came twice


async def test_notices_of_a_restored_backup(start: Any, tmp_path: Path) -> None:
    clock = ManualClock(START - timedelta(hours=2))  # before the morning mails
    folder = tmp_path / "restored"
    lost = await start(clock=clock, relay={"port": NOBODY_LISTENS})
    asked = await asyncio.to_thread(before_the_loss, Outside(lost, clock), folder)
    await lost.stop()
    desk = await start(clock=clock, folder=folder)
    await asyncio.to_thread(after_it, Outside(desk, clock), asked)
    with desk.context.store.reading():
        assert consistency.check_consistency(desk.context.store).faults == ()
