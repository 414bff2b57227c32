"""契約内容, 新着, 状況, 申込書, 承認通知, 様式 and ヘルプ by mail: NSS's screens (S1, S4); and two procedures in one mail."""

from datetime import date

import pytest

from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import Disposition
from mailbot.records.applications import application_store
from tests.testkit.contract_forms import ABOLITION, BROKER, MAILBOX, approve, flat, on
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice, gmail


def papers(got: ReceivedNotice) -> list[str]:
    return [str(part.get_filename()) for part in got.message.iter_attachments()]


@pytest.mark.parametrize("words", ["契約内容", "contract", "ＣＯＮＴＲＡＣＴ", "「契約内容」"])
def test_the_contract_in_its_two_parts(desk: DeskUnderTest, taro: Person, words: str) -> None:
    taro.sends(words, "お願い")
    text = taro.gets("answer").text
    net, general = text.split("■ netNACCS")[1].split("■ 一般NACCS")
    assert "1ANACA0A" in net and "1BNACB0A" in net and "1ANACA01" not in net
    assert "1ANACA01" in general and "NAC00101 SMTP/POP3" in general and "1ANACA0A" not in general
    assert "1ANACD0A" not in text  # the other office's
    for shown in ("企業名（英）", "NACCS TRADE COMPANY", "業務責任者名（1ANAC）", "J.YAMADA"):
        assert shown in text  # as S1 lists them


def test_the_contract_shows_what_is_to_come(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(ABOLITION)
    approve(desk, ichiro)
    taro.forgets()
    taro.sends("契約内容", "契約内容")
    assert "2026年12月10日（木） [2600001A]" in taro.gets("answer").text
    on(desk, date(2026, 12, 10))
    taro.forgets()
    taro.sends("契約内容", "契約内容")
    assert "1ANACA0A" not in taro.gets("answer").text


def test_an_office_in_english(desk: DeskUnderTest) -> None:
    bob = desk.person("Bob Broker", "bob@skyforwarding.example")
    bob.sends("contract", "contract")
    text = bob.gets("answer").text
    assert "2ASKYS0A: net" in text and "NAC001" not in text


def test_the_latest_news(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends("新着", "新着")
    assert "新着情報はありません" in taro.gets("answer").text
    taro.sends(MAILBOX)
    approve(desk, ichiro)
    taro.forgets()
    taro.sends("news", "news")
    lines = [line for line in flat(taro.gets("answer")).split("2026/11/20") if "2600001A" in line]
    assert "審査を終了しました" in lines[0] and "受け付けました" in lines[1]  # newest first


def test_the_application_form_at_any_time(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(MAILBOX)
    received = taro.gets("received")
    taro.replies(received, "申込書\n")
    assert papers(taro.gets("answer")) == ["申込書_2600001A.pdf"]
    taro.sends("申込書 2600001A", "お願い")
    assert papers(taro.gets("answer")) == ["申込書_2600001A.pdf"]


def test_the_approval_from_the_start_day_on(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(MAILBOX)
    receipt = taro.gets("received").receipt
    taro.sends("承認通知", f"[{receipt}]")
    assert papers(taro.gets("answer")) == []
    approve(desk, ichiro)
    taro.forgets()
    taro.sends("承認通知", "承認通知")
    early = taro.gets("answer")
    assert papers(early) == []
    assert "2026年12月10日（木）にお送りします" in early.subject
    on(desk, date(2026, 12, 10))
    taro.forgets()
    taro.sends("承認通知", "承認通知")  # the only one there is
    assert papers(taro.gets("answer")) == ["承認通知_2600001A.pdf"]


def test_another_office_gets_no_paper(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(MAILBOX)
    bob = desk.person("Bob Broker", "bob@skyforwarding.example")
    bob.sends("申込書 2600001A", "[2600001A]")
    answer = bob.gets("answer")
    assert papers(answer) == [] and "2600001A" not in answer.text


def test_which_paper_of_several(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(MAILBOX)
    taro.sends(FORM)
    taro.forgets()
    taro.sends("申込書", "申込書")
    answer = taro.gets("answer")
    assert papers(answer) == [] and "2600001A" in answer.text and "2600002C" in answer.text


@pytest.mark.parametrize("words", ["様式：通関士IDの追加", "通関士IDの追加の様式", "form: broker id addition"])
def test_the_form_of_a_procedure(desk: DeskUnderTest, taro: Person, words: str) -> None:
    taro.sends(words, "お願い")
    text = taro.gets("answer").text
    assert "手続：通関士IDの追加" in text and "[ ] 1ANAC（通関業）" in text and "追加数（net）：" in text


@pytest.mark.parametrize("subject", ["form", "様式", "申込書", "パスワード初期化の様式"])
def test_a_subject_over_a_form_that_is_filled_in_asks_for_nothing(
    desk: DeskUnderTest, taro: Person, subject: str
) -> None:
    assert taro.sends(FORM, subject).reason == "submitted"


def test_which_form_is_asked_for(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends("様式", "様式")
    answer = taro.gets("answer")
    assert "「様式：メールボックスの追加・廃止」" in answer.text
    assert "mailto:desk@desk.example?subject=" in answer.html


def test_a_form_without_its_procedure_is_taken_where_only_one_fits(desk: DeskUnderTest, taro: Person) -> None:
    outcome = taro.sends(BROKER.replace("手続：通関士IDの追加\n", ""), "お願い")
    assert outcome.reason == "submitted"
    assert taro.gets("received").receipt == "2600001B"


def test_a_form_that_may_be_several_comes_back_with_a_line_to_name_it(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends("事業所コード：NAC001\n利用開始希望日：20261210\n変更する理由：増設\n", "お願い")
    asked = taro.gets("answer")
    assert application_store.listing() == []
    filled = gmail(asked).replace("> 手続：", "> 手続：メールボックスの追加・廃止\n> メールボックス数（EDIFACT）：1")
    taro.replies(asked, "", lambda _: filled)
    assert desk.application(taro.gets("received").receipt).revision.filled.number("edifact") == 1


def test_the_help_names_every_procedure_and_command(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends("ヘルプ", "ヘルプ")
    text = flat(taro.gets("answer"))
    for procedure in desk.context.procedures.values():
        assert procedure.titles["ja"] in text  # type: ignore[index]
    for word in ("様式", "修正", "取下げ", "一時保存", "状況", "契約内容", "新着", "承認通知", "申込書"):
        assert f"「{word}」" in text, word


def test_two_procedures_in_one_mail(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> None:
    outcome = taro.sends(f"お世話になっております。\n\n{MAILBOX}\n{FORM}\nよろしくお願いいたします。", "二件の申込")
    assert (outcome.disposition, outcome.reason) == (Disposition.CARRIED_OUT, "submitted")
    for person in (taro, hanako):
        first, second = person.mails
        assert [first.receipt, second.receipt] == ["2600001A", "2600002C"]
        assert first.message["Message-ID"] in str(second.message["References"])
    assert desk.application("2600001A").revision.filled.number("mail") == 1
    assert desk.application("2600002C").revision.filled.codes("user_ids") == ("1ANACA0A",)
    approve(desk, ichiro)
    assert desk.application("2600001A").state is State.RECEIVED
    assert desk.application("2600002C").state is State.COMPLETED


def test_of_two_procedures_one_may_be_incomplete(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(f"{MAILBOX.replace('：1', '：0', 1)}\n{FORM}", "二件の申込")
    taro.gets("invalid-input", "received")


def test_a_paper_that_cannot_be_printed_is_made_by_a_person_and_said_so(
    desk: DeskUnderTest, taro: Person, ichiro: Person
) -> None:
    """The font has no such character: no box is printed, no decision waits, and whoever asked is told."""
    taro.sends(MAILBOX.replace("取扱量の増加のため", "取扱量の増加のため😀"))
    received = taro.gets("received")
    taro.replies(received, "申込書\n")
    answer = taro.gets("answer")
    assert papers(answer) == []
    assert "担当者が作成し、あらためてお送りいたします" in flat(answer)
    approve(desk, ichiro)
    assert papers(taro.gets("completed")) == ["予定_2600001A.ics"]
    assert "😀" in desk.person("Operator", "operator@desk.example").gets("alert").text
