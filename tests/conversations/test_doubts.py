"""What is in doubt is asked, and never gets into the register: lost characters, and the same application twice."""

import email.policy
from email.message import EmailMessage

from mailbot.model.lifecycle import State
from tests.conversations.test_contract_changes import MAILBOX, flat
from tests.desk_in_hand import FORM, Hand, Person, no_quote


def test_the_same_additions_in_another_mail(hand: Hand, taro: Person, ichiro: Person) -> None:
    taro.sends(MAILBOX)
    first = taro.gets("received").receipt
    outcome = taro.sends(MAILBOX.replace("メールボックス数（EDIFACT）：0", "メールボックス数（EDIFACT）："))
    assert outcome.application is not None and outcome.application.state is State.DRAFT
    asked = taro.gets("invalid-input")
    assert f"同じ内容のお申込み（申込受付番号 {first}）" in flat(asked)
    taro.replies(asked, "備考：別件です。もう一つ追加します。", no_quote)
    second = taro.gets("received").receipt
    assert second != first
    ichiro.forgets()


def test_it_may_be_sent_again_once_the_first_is_over(hand: Hand, taro: Person) -> None:
    taro.sends(MAILBOX)
    taro.replies(taro.gets("received"), "取下げ")
    taro.gets("withdrawn")
    taro.sends(MAILBOX)
    taro.gets("received")


def test_a_correction_is_not_compared_with_itself(hand: Hand, taro: Person) -> None:
    taro.sends(MAILBOX)
    taro.replies(taro.gets("received"), "修正\n変更する理由：別の理由", no_quote)
    taro.gets("received")


def lossy(field: str) -> bytes:
    mail = EmailMessage()
    mail["From"] = "taro@naxtrade.example"
    mail["To"] = "desk@desk.example"
    mail["Message-ID"] = "<lossy@naxtrade.example>"
    mail.set_content("x")
    raw = mail.as_bytes(policy=email.policy.SMTP).partition(b"Content-Type")[0]
    body = FORM.replace(field, f"{field}@@").encode("iso-2022-jp", "replace").replace(b"@@", b"\x1b$B\x22\x7f\x1b(B")
    return raw + b"Content-Type: text/plain; charset=iso-2022-jp\r\n\r\n" + body.replace(b"\n", b"\r\n")


def test_a_lost_character_in_a_field_is_asked_about(hand: Hand, taro: Person) -> None:
    hand.receives(lossy("失念したため"), taro.address)
    asked = taro.gets("invalid-input")
    assert "文字化けしている箇所があります" in flat(asked)
    taro.replies(asked, "パスワード初期化の希望理由：失念したため", no_quote)
    assert hand.application(taro.gets("received").receipt).revision.filled.text("reason") == "失念したため"


# A ZIP whose first entry is encrypted; the desk looks at its flag only.
LOCKED = b"PK\x03\x04\x14\x00\x01\x00\x00\x00" + b"\0" * 40


def test_a_zip_with_a_password_is_answered_with_guidance(hand: Hand, taro: Person) -> None:
    """PPAP: the form is not readable, and the password is to be sent nowhere."""
    taro.sends("申込書を添付します。パスワードは別途お送りします。", "申込", files={"申込書.zip": LOCKED})
    answer = flat(taro.gets("answer"))
    assert "パスワード付きZIPファイルは" in answer
    outcome = taro.sends(FORM, "申込", files={"申込書.zip": LOCKED})
    assert outcome.reason == "incomplete"
    assert "パスワード付きZIPファイルは" in flat(taro.gets("invalid-input"))


def test_a_zip_without_a_password_is_no_reason(hand: Hand, taro: Person) -> None:
    taro.sends(FORM, "申込", files={"資料.zip": LOCKED[:6] + b"\0" + LOCKED[7:]})
    taro.gets("received")
