"""Whose words are a decision: sentences are asked about, quotes decide nothing, each line of a digest is answered."""

import pytest

from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import Disposition
from mailbot.records.applications import application_store
from tests.testkit.contract_forms import at, flat
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice, gmail, no_quote, outlook

FIRST, SECOND, THIRD = "2600001C", "2600002C", "2600003C"


@pytest.fixture
def asked(desk: DeskUnderTest, taro: Person, ichiro: Person) -> Person:
    """A reviewer with one 審査依頼."""
    taro.sends(FORM)
    taro.forgets()
    return ichiro


def test_a_sentence_is_confirmed_by_one_word(desk: DeskUnderTest, asked: Person, taro: Person) -> None:
    outcome = asked.replies(asked.gets("review-request"), "お疲れ様です。\n本件、承認でお願いします。\n\n審査 一郎\n")
    assert outcome.reason == "decision-meant"
    question = asked.gets("answer")
    assert "「承認」とだけご返信ください" in flat(question) and "本件、承認でお願いします" in question.text
    assert desk.application(FIRST).state is State.RECEIVED
    taro.gets_nothing()
    assert asked.replies(question, "承認\n").reason == "approved"
    assert taro.gets("completed").receipt == FIRST


def test_an_approval_that_goes_on_as_a_question_is_asked_about(
    desk: DeskUnderTest, asked: Person, taro: Person
) -> None:
    request = asked.gets("review-request")
    outcome = asked.replies(request, "承認\n\nでよろしいでしょうか。良子さん、ご意見をお願いします。\n")
    assert outcome.reason == "keyword-in-doubt"
    assert desk.application(FIRST).state is State.RECEIVED
    taro.gets_nothing()
    assert asked.replies(asked.gets("answer"), "承認\n").reason == "approved"


def test_an_answer_inside_the_quote_with_more_marks_reaches_the_reviewer(asked: Person, taro: Person) -> None:
    asked.replies(asked.gets("review-request"), "確認依頼\n識別番号をご確認ください。\n担当者名をお知らせください。\n")
    asked.forgets()
    question = taro.gets("confirmation-request")
    answers = {"識別番号を": ">> A0Aで間違いありません。", "担当者名を": "＞＞　通関太郎です。"}

    def between(got: ReceivedNotice) -> str:
        lines = []
        for line in gmail(got).split("\n"):
            lines += [line, *(answer for words, answer in answers.items() if words in line)]
        return "\n".join(lines)

    assert taro.replies(question, "引用の中に>>で回答いたします。\n", between).reason == "passed-on"
    passed_on = flat(asked.gets("inquiry"))
    assert "A0Aで間違いありません。" in passed_on and "通関太郎です。" in passed_on
    taro.gets("answer")
    taro.replies(question, "", between)  # nothing but answers inside
    assert "通関太郎です。" in flat(asked.gets("inquiry"))


def test_the_reason_of_a_sentence_is_in_the_ready_reply(asked: Person) -> None:
    asked.replies(asked.gets("review-request"), "差戻し：理由が不足しています。\n")
    question = asked.gets("answer")
    assert "理由が不足しています" in question.text
    assert "%E7%90%86%E7%94%B1%E3%81%8C%E4%B8%8D%E8%B6%B3" in question.html  # 理由が不足, in the mailto URI


def test_a_withdrawal_in_a_sentence_is_confirmed_by_one_word(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    assert taro.replies(taro.gets("received"), "取下げをお願いします。\n").reason == "withdrawal-meant"
    assert desk.application(FIRST).state is State.RECEIVED
    assert taro.replies(taro.gets("answer"), "取下げ\n").reason == "withdrawn"


@pytest.mark.parametrize(
    "text", ["例えば\n備考：急ぎです\nのように書けばよいですか。", "希望理由：退職のため、でよろしいでしょうか。"]
)
def test_a_field_in_a_question_goes_to_the_reviewer(
    desk: DeskUnderTest, taro: Person, ichiro: Person, text: str
) -> None:
    taro.sends(FORM)
    ichiro.forgets()
    assert taro.replies(taro.gets("received"), text).disposition is Disposition.PASSED_ON
    assert desk.application(FIRST).revision.number == 1
    assert text.rpartition("\n")[2] in ichiro.gets("inquiry").text


def test_a_colleagues_words_in_a_blockquote_change_nothing(desk: DeskUnderTest, asked: Person, taro: Person) -> None:
    request = asked.gets("review-request")
    html = "<p>良子さんのメールを添えます。</p><blockquote>承認<br>審査 良子</blockquote>"
    outcome = asked.replies(request, "良子さんのメールを添えます。\n\n承認\n審査 良子\n", no_quote, html=html)
    assert outcome.disposition is Disposition.ANSWERED
    assert asked.gets("answer")
    outcome = asked.replies(request, "確認中です。\n\n良子さんより\n承認\n", no_quote)
    assert outcome.reason == "keyword-in-doubt"
    assert desk.application(FIRST).state is State.RECEIVED
    taro.gets_nothing()


@pytest.mark.parametrize("quote", [gmail, outlook, no_quote])
def test_a_signature_is_no_word_for_the_applicant(asked: Person, taro: Person, quote: object) -> None:
    footer = "━━━━━━━━━━\n審査 一郎\n通関情報センター 審査課\n━━━━━━━━━━\n\niPhoneから送信\n\nウイルス フリー。www.avast.com\n"
    asked.replies(asked.gets("review-request"), f"承認\n\n{footer}", quote)  # type: ignore[arg-type]
    completed = taro.gets("completed")
    assert "審査課" not in completed.text and "avast" not in completed.text and "iPhone" not in completed.text


def test_thanks_with_contact_data_correct_nothing(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    received = taro.gets("received")
    ichiro.forgets()
    taro.replies(
        received, "ありがとうございました。\n\n通関 太郎\nナックス商事\nTEL：03-7777-1234\nFAX：03-7777-1235\n"
    )
    taro.replies(received, "ありがとうございました。\n\n+------+\n 通関 太郎\n 電話番号：03-7777-1234\n+------+\n")
    assert desk.application(FIRST).revision.number == 1
    ichiro.gets_nothing()


def test_an_approval_beside_an_absence_is_no_absence(desk: DeskUnderTest, asked: Person) -> None:
    text = "承認\n本日午後から出張のため不在にします。\n"
    assert asked.replies(asked.gets("review-request"), text).reason == "approved"
    assert desk.application(FIRST).state is State.COMPLETED


def test_an_absence_without_headers_is_noted(asked: Person) -> None:
    text = "ただいま不在にしております。12月1日以降に改めてご連絡いたします。\n"
    outcome = asked.replies(asked.gets("review-request"), text, no_quote)
    assert (outcome.disposition, outcome.reason) == (Disposition.RECORDED, "reviewer-absent")


@pytest.mark.parametrize("address", ["Ichiro@desk.example", "ICHIRO@DESK.EXAMPLE"])
def test_the_mailbox_name_is_compared_without_case(desk: DeskUnderTest, asked: Person, address: str) -> None:
    request = asked.gets("review-request")
    asked.address = address
    assert asked.replies(request, "承認\n").reason == "approved"


def test_each_line_of_a_reply_to_the_digest_is_answered(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    for number in ("A0A", "A0B", "A01"):
        taro.sends(FORM.replace("識別番号：A0A", f"識別番号：{number}"))
    at(desk, 2026, 11, 20, 23, 0)
    digest = next(got for got in ichiro.mails if got.kind == "digest")
    ichiro.forgets()
    taro.forgets()
    lines = f"{FIRST} 承認\n・{SECOND}：確認依頼 番号をご確認ください。\n{THIRD} 承認でお願いします\n2600099C 承認\n\n審査 一郎\n"
    ichiro.replies(digest, lines)
    states = {str(a.receipt): a.state for a in application_store.listing()}
    assert states == {FIRST: State.COMPLETED, SECOND: State.NEEDS_CONFIRMATION, THIRD: State.RECEIVED}
    answers = [got.text for got in ichiro.mails if got.kind == "answer"]
    assert [number for number in (THIRD, "2600099C") if any(number in text for text in answers)] == [THIRD, "2600099C"]
    told = "\n".join(got.text for got in taro.mails)
    assert THIRD not in told and "審査 一郎\n" not in told


def test_words_about_another_company_of_the_digest_are_not_mailed(
    desk: DeskUnderTest, taro: Person, ichiro: Person
) -> None:
    bob = desk.person("Bob", "bob@skyforwarding.example")
    taro.sends(FORM)
    bob.sends(FORM.replace("NAC001", "SKY001").replace("1ANAC", "2ASKY").replace("A0A", "S0A"))
    at(desk, 2026, 11, 20, 23, 0)
    digest = next(got for got in ichiro.mails if got.kind == "digest")
    for person in (taro, bob, ichiro):
        person.forgets()
    about = "番号をご確認ください。\n\nスカイ・フォワーディング様の件は確認中です。"
    ichiro.replies(digest, f"{FIRST} 差戻し\n{about}\n")
    taro.gets_nothing()
    assert "確認中です" in ichiro.gets("answer").text
    ichiro.replies(digest, f"{FIRST} 差戻し\n番号をご確認ください。\n")
    assert "番号をご確認ください" in taro.gets("confirmation-request").text
    bob.gets_nothing()
