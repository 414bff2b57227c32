"""`mailbot inquiries` and `mailbot office`: what an operator sees and does after a mail was passed on."""

import json
import re
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.clock import ManualClock
from mailbot.commands import inquiries, stats
from mailbot.commands.common import operator_name
from mailbot.records.inquiries import login_pauses
from tests.testkit.command_line import mailbot
from tests.testkit.desk import START, open_desk_under_test
from tests.testkit.desk_folder import init


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a desk that has passed on a question (mail 1) and a concern (mail 2)."""
    folder = tmp_path_factory.mktemp("desk")
    init(folder, "--sample")
    desk = open_desk_under_test(folder)
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    taro.sends("費用はいくらですか。", "お問い合わせ")
    taro.sends("不正ログインがありました。", "至急")
    with desk.store.reading():
        assert login_pauses.is_paused("NAC001")
    desk.store.close()
    return folder


def test_inquiries(folder: Path) -> None:
    rows = json.loads(mailbot(folder, "inquiries", "list", "--json"))
    assert [(row["number"], row["state"], row["concern"], row["audience"]) for row in rows] == [
        (1, "open", False, "desk"),
        (2, "open", True, "everybody"),
    ]
    assert (rows[0]["sender"], rows[0]["office"], rows[0]["promised_on"]) == (
        "taro@naxtrade.example",
        "NAC001",
        "2026-11-24",
    )
    assert "費用はいくらですか。" in mailbot(folder, "inquiries", "show", "1")
    assert json.loads(mailbot(folder, "inquiries", "show", "2", "--json"))["words"] == "不正ログインがありました。"
    assert "no inquiry 9" in mailbot(folder, "inquiries", "show", "9", code=2)
    assert "is closed" in mailbot(folder, "inquiries", "close", "1")
    assert "no open inquiry 1" in mailbot(folder, "inquiries", "close", "1", code=2)
    assert [row["number"] for row in json.loads(mailbot(folder, "inquiries", "list", "--state", "open", "--json"))] == [
        2
    ]
    shown = json.loads(mailbot(folder, "inquiries", "show", "1", "--json"))
    assert (shown["state"], shown["answered_by"]) == ("closed", operator_name())


@pytest.mark.parametrize(("days", "late"), [(4, False), (5, True)])
def test_what_is_late(folder: Path, monkeypatch: pytest.MonkeyPatch, days: int, *, late: bool) -> None:
    """In the list, for one, and in the figures: from the day after the promised one."""
    for module in (inquiries, stats):
        monkeypatch.setattr(module, "SystemClock", lambda: ManualClock(START + timedelta(days=days)))
    names, *_, concern = (re.split("  +", line)[2:6] for line in mailbot(folder, "inquiries", "list").splitlines())
    assert names == ["state", "concern", "promised_on", "late"]
    assert concern == ["open", "yes", "2026-11-24", "yes" if late else "no"]
    assert json.loads(mailbot(folder, "inquiries", "show", "2", "--json"))["late"] is late
    counted = json.loads(mailbot(folder, "stats", "--json"))["inquiries"]
    assert counted["late"] == (counted["open"] if late else 0)
    assert (counted["open"] + counted["closed"], counted["answered"], counted["median_hours"]) == (2, 0, None)
    assert "inquiries: open  late  answered  closed  hours: median" in mailbot(folder, "stats")


def test_office(folder: Path) -> None:
    (row,) = json.loads(mailbot(folder, "office", "paused", "--json"))
    assert (row["office"], row["reason"]) == ("NAC001", "mail #2")
    assert json.loads(mailbot(folder, "office", "resume", "nac001", "--json")) == {"office": "NAC001", "paused": False}
    assert "is not paused" in mailbot(folder, "office", "resume", "NAC001", code=2)
    assert "resume it with" in mailbot(folder, "office", "pause", "NAC001")
    assert "no office XYZ999" in mailbot(folder, "office", "pause", "XYZ999", code=2)
    assert "NAC001" in mailbot(folder, "office", "paused")
