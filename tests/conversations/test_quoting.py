"""What a quote does to a conversation: nothing of a form is lost, and no approval comes from somebody else's words."""

import re

from mailbot.model.lifecycle import State
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice, outlook

LONG = "担当者の交代時に引き継ぎがなく、\n記録も残っておらず、\n社内のどなたにも確認できず、\n業務に支障があるため"
FORM_WITH_LONG_REASON = FORM.replace("担当者の交代時に引き継ぎがなく、失念したため", LONG)


def test_a_form_with_a_long_reason_sent_again_as_a_new_mail(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM_WITH_LONG_REASON.replace("識別番号：A0A\n", "").replace("備考：", "識別番号：ZZZ\n備考：急ぎます"))
    taro.gets("invalid-input")
    taro.sends(FORM_WITH_LONG_REASON.replace("識別番号：A0A\n", "").replace("備考：", "識別番号：A0A\n備考：急ぎます"))
    received = taro.gets("received")
    filled = desk.application(received.receipt).revision.filled
    assert filled.text("reason") == LONG
    assert filled.text("remarks") == "急ぎます"


def test_a_value_that_was_emptied_in_the_quote(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM.replace("備考：", "備考：急ぎます"))
    notice = taro.gets("received")

    def emptied(got: ReceivedNotice) -> str:
        return re.sub("(備考[ 　]*：)急ぎます", r"\1", outlook(got))

    taro.replies(notice, "引用の中を直しました。\n", emptied)
    assert desk.application(taro.gets("received").receipt).revision.filled.text("remarks") == ""


def test_a_colleagues_approval_below_a_header_block_is_none(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """T-33: the reviewer forwards the thread with a colleague's opinion in it."""
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    colleague = "\n\n差出人: 審査 涼子\n送信日時: 2026年11月20日\n宛先: 審査 一郎\n件名: RE: 審査\n\n承認\n\n> 審査をお願い\n\n承認\n"
    ichiro.replies(ichiro.gets("review-request"), "涼子さんの意見です。", lambda got: colleague + outlook(got))
    ichiro.gets("answer")
    assert desk.application(receipt).state is State.RECEIVED


def test_an_answer_right_below_the_line_it_answers(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt

    def between(got: ReceivedNotice) -> str:
        lines = [f"> {line}" for line in got.text.splitlines()]
        return "\n".join([*lines[:8], "承認", *lines[8:]])

    ichiro.replies(ichiro.gets("review-request"), "", between)
    assert desk.application(receipt).state is State.COMPLETED
