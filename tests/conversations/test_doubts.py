"""What is in doubt is asked, and never gets into the register: lost characters, and the same application twice."""

import base64
import email.policy
from email.message import EmailMessage

import pytest

from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import Disposition
from mailbot.records.queues import inbox
from tests.testkit.contract_forms import MAILBOX, flat
from tests.testkit.desk import FORM, DeskUnderTest, Person, no_quote


def test_the_same_additions_in_another_mail(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
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


def test_it_may_be_sent_again_once_the_first_is_over(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(MAILBOX)
    taro.replies(taro.gets("received"), "取下げ")
    taro.gets("withdrawn")
    taro.sends(MAILBOX)
    taro.gets("received")


def test_a_correction_is_not_compared_with_itself(desk: DeskUnderTest, taro: Person) -> None:
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


def test_a_lost_character_in_a_field_is_asked_about(desk: DeskUnderTest, taro: Person) -> None:
    desk.receives(lossy("失念したため"), taro.address)
    asked = taro.gets("invalid-input")
    assert "文字化けしている箇所があります" in flat(asked)
    taro.replies(asked, "パスワード初期化の希望理由：失念したため", no_quote)
    assert desk.application(taro.gets("received").receipt).revision.filled.text("reason") == "失念したため"


# A ZIP whose first entry is encrypted; the desk looks at its flag only.
LOCKED = b"PK\x03\x04\x14\x00\x01\x00\x00\x00" + b"\0" * 40


def test_a_zip_with_a_password_is_answered_with_guidance(desk: DeskUnderTest, taro: Person) -> None:
    """PPAP: the form is not readable, and the password is to be sent nowhere."""
    taro.sends("申込書を添付します。パスワードは別途お送りします。", "申込", files={"申込書.zip": LOCKED})
    answer = flat(taro.gets("answer"))
    assert "パスワード付きZIPファイルは" in answer
    outcome = taro.sends(FORM, "申込", files={"申込書.zip": LOCKED})
    assert outcome.reason == "incomplete"
    assert "パスワード付きZIPファイルは" in flat(taro.gets("invalid-input"))


def test_a_zip_without_a_password_is_no_reason(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM, "申込", files={"資料.zip": LOCKED[:6] + b"\0" + LOCKED[7:]})
    taro.gets("received")


PASSWORDS = [
    ("パスワードのお知らせ", "先ほどお送りした添付ファイルのパスワードをお知らせします。\n\nパスワード：Zx9!kQ2p\n"),
    ("Re: 申込", "先程のメールに添付いたしましたZIPファイルの解凍パスワードは下記の通りです。\n\n「Zx9!kQ2p」\n"),
    ("【自動送信】添付ファイルのパスワード通知", "このメールは自動送信です。\nファイル名：申込書.zip\nPW = Zx9!kQ2p\n"),
    ("Password", "The password for the attached archive is as follows.\nPassword: Zx9!kQ2p\n"),
    ("復号パスワードのご連絡", "圧縮ファイルを開くパスワードはＺｘ９！ｋＱ２ｐです。\nパスワード：Ｚｘ９！ｋＱ２ｐ\n"),
]


def everything_kept(desk: DeskUnderTest) -> bytes:
    """The database as it lies on the disk, with what waits to be written into it."""
    folder = desk.config.resolve("store")
    return b"".join(path.read_bytes() for path in sorted(folder.glob("mailbot*")))


@pytest.mark.parametrize(("subject", "text"), PASSWORDS)
@pytest.mark.parametrize("automatic", [False, True])
def test_the_password_of_a_zip_is_kept_nowhere(
    desk: DeskUnderTest, taro: Person, subject: str, text: str, automatic: bool
) -> None:
    """PPAP's second mail: recognised, its password neither used nor kept nor said back."""
    headers = {"Auto_Submitted": "auto-generated"} if automatic else {}
    outcome = taro.sends(text, subject, **headers)
    if automatic:
        assert outcome.disposition is Disposition.QUARANTINED
        taro.gets_nothing()
    elif "自動送信" not in subject:
        assert outcome.reason == "archive-password"
        answer = taro.gets("answer")
        assert "パスワードは不要です" in answer.subject
        assert "Zx9" not in answer.text and "Ｚｘ９" not in answer.text
    stored = everything_kept(desk)
    for secret in ("Zx9!kQ2p", "Ｚｘ９！ｋＱ２ｐ"):
        assert secret.encode() not in stored
    assert base64.b64encode(text.encode()[:57]) not in stored  # a line of the mail as it came
    item = inbox.get(desk.store, 1)
    assert item is not None and b"The text was removed" in item.raw and b"taro@naxtrade.example" in item.raw


def test_an_application_that_speaks_of_passwords_and_files_is_none(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM.replace("失念したため", "添付ファイルで控えていたパスワード：A0A1の内容が失われたため"))
    taro.gets("received")
    taro.sends("添付ファイルのパスワードはどうすればよいですか。", "質問")
    assert "archive" not in desk.last.reason
