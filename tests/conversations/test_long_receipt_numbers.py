"""The 100,000th application of a year, and those after it: a receipt number with six digits, from end to end."""

import json
from pathlib import Path

import pytest

from mailbot.model.desk_login import DeskRole
from mailbot.model.lifecycle import State
from mailbot.records.applications import application_store
from mailbot.records.schema.application_tables import ReceiptSequenceRow
from tests.testkit.command_line import mailbot
from tests.testkit.contract_forms import at
from tests.testkit.desk import FORM, DeskUnderTest, Person, open_desk_under_test
from tests.testkit.desk_browser import ICHIRO, logged_in, words
from tests.testkit.desk_folder import init

LAST, FIRST, SECOND = "2699999C", "26100000C", "26100001C"


@pytest.fixture
def desk(tmp_path: Path) -> DeskUnderTest:
    init(tmp_path, "--sample")
    desk = open_desk_under_test(tmp_path)
    with desk.store.transaction():
        ReceiptSequenceRow.create(year=2026, last=99_998)
    return desk


@pytest.fixture
def taro(desk: DeskUnderTest) -> Person:
    return desk.person("通関 太郎", "taro@naxtrade.example")


@pytest.fixture
def ichiro(desk: DeskUnderTest) -> Person:
    return desk.person("審査 一郎", ICHIRO)


@pytest.fixture(autouse=True)
def three(desk: DeskUnderTest, taro: Person) -> None:
    """The last application with five digits, and two with six."""
    for number in ("A0A", "A0B", "A01"):
        taro.sends(FORM.replace("識別番号：A0A", f"識別番号：{number}"))


def states(desk: DeskUnderTest) -> dict[str, State]:
    return {str(one.receipt): one.state for one in application_store.listing()}


def test_notices_have_it_and_mails_are_about_it(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    assert [got.receipt for got in taro.mails] == [LAST, FIRST, SECOND]
    for got in taro.mails:
        assert f"申込受付番号　：{got.receipt}" in got.text and got.receipt in got.html
    requests = {got.receipt: got for got in ichiro.mails if got.kind == "review-request"}
    assert all(f"[{receipt}]" in got.subject for receipt, got in requests.items()), list(requests)
    taro.forgets()
    for text, subject in (
        ("状況\n", FIRST),
        ("状況\n", "Re: 【受付完了】２６１０００００ｃ"),
        (f"{FIRST}の状況\n", "お尋ね"),
        ("100000番の状況\n", "お尋ね"),
        ("100000Cの状況\n", "お尋ね"),
    ):
        taro.sends(text, subject)
        answer = taro.gets("answer").text
        assert FIRST in answer and LAST not in answer and SECOND not in answer, (text, subject)
    ichiro.replies(requests[FIRST], "確認依頼\n理由は？\n")
    assert states(desk) == {LAST: State.RECEIVED, FIRST: State.NEEDS_CONFIRMATION, SECOND: State.RECEIVED}
    taro.sends("取下げ\n", f"{SECOND} の取下げ")
    assert states(desk)[SECOND] is State.WITHDRAWN
    assert taro.mails[-1].receipt == SECOND


def test_lines_of_the_digest_decide_about_it(desk: DeskUnderTest, ichiro: Person) -> None:
    at(desk, 2026, 11, 20, 23, 0)
    digest = next(got for got in ichiro.mails if got.kind == "digest")
    assert all(receipt in digest.text for receipt in (LAST, FIRST, SECOND))
    ichiro.replies(digest, f"{FIRST} 承認\n{SECOND} 確認依頼 理由は？\n")
    assert states(desk) == {LAST: State.RECEIVED, FIRST: State.COMPLETED, SECOND: State.NEEDS_CONFIRMATION}


async def test_pages_show_it_and_decide_about_it(desk: DeskUnderTest) -> None:
    async with logged_in(desk, ICHIRO, *DeskRole) as browser:
        for path in (
            "/desk/queue",
            f"/desk/applications/{FIRST}",
            f"/desk/log?q={FIRST}",
            f"/desk/log?receipt={FIRST}",
        ):
            assert FIRST in words(await browser.get(path)), path
        found = words(await browser.get(f"/desk/log?receipt={FIRST}"))
        assert LAST not in found and SECOND not in found
        await browser.sends(f"/desk/applications/{FIRST}/decide", do="approve", revision="1")
        shown = words(await browser.sends("/desk/queue/several", receipt=[f"{LAST}:1", f"{SECOND}:1"], do="approve"))
        assert LAST in shown and SECOND in shown
        await browser.sends("/desk/queue/decide", receipt=[f"{LAST}:1", f"{SECOND}:1"], do="approve")
    assert set(states(desk).values()) == {State.COMPLETED}


def test_commands_take_it(desk: DeskUnderTest) -> None:
    folder = desk.config.base
    desk.store.close()
    assert json.loads(mailbot(folder, "--json", "applications", "show", FIRST))["number"] == FIRST
    listed = json.loads(mailbot(folder, "--json", "applications", "list"))
    assert [one["number"] for one in listed] == [LAST, FIRST, SECOND]
    logged = json.loads(mailbot(folder, "--json", "log", "list", "--receipt", FIRST))
    assert logged and {row["receipt"] for row in logged} == {FIRST}
    assert FIRST in mailbot(folder, "log", "search", FIRST)
