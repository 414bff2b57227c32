"""Contact details change only when that is meant: each row is one mail, and what becomes of the application."""

import pytest

from mailbot.model.common_fields import contact_of
from mailbot.model.lifecycle import State
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice, gmail, no_quote, outlook
from tests.testkit.records import without_inquiries

SIGNATURE = "通関 太郎\nナックス商事株式会社\nTEL：03-7777-1234\nFAX：03-7777-1235\nE-mail：taro@naxtrade.example"
THANKS = [
    "ありがとうございました。\n事業所：第一営業所\n電話：03-7777-1234",
    "了解しました。\n\n***\n連絡先電話番号：03-7777-1234\n備考：水曜定休\n***",
    "よろしくお願いします。\n\n株式会社ナックス商事　通関太郎　TEL 03-7777-1234　FAX 03-7777-1235",
    f"ご連絡ありがとうございます。\nよろしくお願いいたします。\n\n{SIGNATURE}",
    f"受付のご連絡ありがとうございました。\n\n{SIGNATURE}",
    f"承知いたしました。\n\n{SIGNATURE}",
    f"ありがとうございます。\n{SIGNATURE}",
    f"{SIGNATURE}",
    "TEL：03-7777-1234",
    "電話番号：03-7777-1234\nFAX番号：03-7777-1235",
    "ご連絡ありがとうございます。\n\n+------------------+\n 通関 太郎\n 電話番号：03-7777-1234\n+------------------+",
    "了解です。\n\n―――――――――\n通関 太郎\n電話　03-7777-1234\n―――――――――",
    "よろしくお願いします。\n\n◇◆◇◆◇◆◇\n通関太郎\n【電話】03-7777-1234\n【FAX】03-7777-1235\n◇◆◇◆◇◆◇",
    "社内で確認のうえ、改めてご連絡いたします。\n\n港南 次郎\nTEL：03-7777-1234",
    "ご不明な点は下記までお電話ください。\n電話：090-7777-1234",
    "不在の場合は下記の連絡先へお願いします。\n電話番号：090-7777-1234\nメールアドレス：tsukan-ka@naxtrade.example",
    "お世話になっております。\n氏名：通関 太郎\n所属：第二営業部\n役職：部長\n電話：03-7777-1234",
    "急ぎません。\n\nTel 03-7777-1234  Fax 03-7777-1235",
    "ありがとうございます。\n\nTEL:03-7777-1234/FAX:03-7777-1235",
    "Thank you.\n\nBest regards,\nTaro Tsukan\nPhone: 03-7777-1234\nFax: 03-7777-1235",
    "Thanks!\nTel: 03-7777-1234",
    "わかりました。\n\n-- \n通関 太郎\n電話番号：03-7777-1234",
    "承知しました。\n\n■■■■■■■■\n通関 太郎\n電話番号 → 03-7777-1234\n■■■■■■■■",
    "お待ちしております。\n\n担当者：通関太郎\n電話番号：03-7777-1234\nFAX番号：03-7777-1235",
    "かしこまりました。\n\n通関 太郎（つうかん たろう）\n電話番号：03-7777-1234（直通）",
    "よろしくお願いします。\n\n氏名\t通関 太郎\n電話番号\t03-7777-1234",
    "よろしくお願いします。\n\n氏名：通関 太郎　電話番号：03-7777-1234　FAX番号：03-7777-1235",
]  # fmt: skip


def asked_back(desk: DeskUnderTest) -> tuple[str, ReceivedNotice]:
    """The number of an application, and the notice to taro that a reviewer asks for a confirmation."""
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    ichiro = desk.person("審査 一郎", "ichiro@desk.example")
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    ichiro.replies(ichiro.gets("review-request"), "確認依頼\n識別番号はA0Aで合っていますか。")
    return receipt, taro.mails[-1]


@pytest.mark.parametrize("text", THANKS)
def test_a_signature_changes_nothing(desk: DeskUnderTest, taro: Person, text: str) -> None:
    """Whatever is quoted below it."""
    receipt, asked = desk.after(asked_back)
    before = desk.application(receipt)
    assert before.state is State.NEEDS_CONFIRMATION
    for quote in (gmail, outlook, no_quote):
        taro.replies(asked, text, quote)
        assert without_inquiries(desk.application(receipt)) == before, quote


MEANT = [  # reply, telephone, FAX
    ("修正\n電話番号：03-7777-1234", "0377771234", "0398765432"),
    ("修正\nTEL：03-7777-1234\nFAX：03-7777-1235", "0377771234", "0377771235"),
    ("修正\n電話番号が変わりました。\n電話番号：03-7777-1234\n\nよろしくお願いします。", "0377771234", "0398765432"),
    ("お世話になっております。\n修正\n電話番号　03-7777-1234\nよろしくお願いいたします。", "0377771234", "0398765432"),
    ("修正\n【電話番号】03-7777-1234", "0377771234", "0398765432"),
    ("訂正\nFAX番号\n03-7777-1235", "0301234567", "0377771235"),
    ("【申込担当者】\n電話番号：03-7777-1234", "0377771234", "0398765432"),
    ("■連絡先の変更\n電話番号：03-7777-1234\nFAX番号：03-7777-1235", "0377771234", "0377771235"),
    ("■ 申込担当者\n\n電話番号：03-7777-1234", "0377771234", "0398765432"),
    ("識別番号：A0B\n電話番号：03-7777-1234", "0377771234", "0398765432"),
    ("電話番号：03-7777-1234\n識別番号：A0B", "0377771234", "0398765432"),
    ("希望理由：退職のため\nTEL：03-7777-1234\nFAX：03-7777-1235", "0377771234", "0377771235"),
    # The signature below a correction is none.
    (f"修正\n識別番号：A0B\n\nよろしくお願いいたします。\n\n{SIGNATURE}", "0301234567", "0398765432"),
    (f"識別番号：A0B\n\nよろしくお願いいたします。\n\n{SIGNATURE}", "0301234567", "0398765432"),
    ("修正\n識別番号：A0B\n\n----------\n通関 太郎\n電話番号：03-7777-1234\n----------", "0301234567", "0398765432"),
    (f"修正\n識別番号：A0B\n\n{SIGNATURE}", "0301234567", "0398765432"),
]  # fmt: skip


def applied(desk: DeskUnderTest) -> ReceivedNotice:
    """受付完了 of an application of taro."""
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    taro.sends(FORM)
    return taro.gets("received")


@pytest.mark.parametrize(("text", "phone", "fax"), MEANT)
def test_what_is_meant_is_corrected(desk: DeskUnderTest, taro: Person, text: str, phone: str, fax: str) -> None:
    received = desk.after(applied)
    taro.replies(received, text)
    taro.gets("received")
    contact = contact_of(desk.application(received.receipt).revision.filled)
    assert (contact.phone, contact.fax) == (phone, fax)


NEW = [  # what stands below a new application, telephone
    ("", "0301234567"),
    ("電話番号：03-7777-1234", "0377771234"),
    ("【申込担当者】\n電話番号：03-7777-1234", "0377771234"),
    ("\n■ご担当者\n氏名：通関 太郎\n電話番号：03-7777-1234（直通）", "0377771234"),
    (f"\nよろしくお願いいたします。\n\n{SIGNATURE}", "0301234567"),
    ("\nよろしくお願いします。\n\nTEL: 03-7777-1234（直通）\n携帯: 090-1111-2222\nE-mail: other@naxtrade.example", "0301234567"),
    ("\n---------------\n氏名：別の 名前\n部署：営業第3課\n電話番号：03-7777-1234（平日9:00～17:30）\n---------------", "0301234567"),
    ("\n以上\n\nメール：tsukan-ka@naxtrade.example\nURL：http://www.naxtrade.example/", "0301234567"),
]  # fmt: skip


@pytest.mark.parametrize(("below", "phone"), NEW)
def test_a_new_application(desk: DeskUnderTest, taro: Person, below: str, phone: str) -> None:
    taro.sends(f"{FORM}{below}")
    receipt = taro.gets("received").receipt
    assert desk.application(receipt).revision.filled.text("contact_phone") == phone


def test_what_a_draft_lacks_may_stand_anywhere(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(f"{FORM}電話番号：でんわ")
    taro.replies(
        taro.gets("invalid-input"), "失礼しました。\n電話番号は以下のとおりです。\n電話番号：03-7777-1234", no_quote
    )
    assert desk.application(taro.gets("received").receipt).revision.filled.text("contact_phone") == "0377771234"


def test_a_detail_that_is_edited_inside_the_quoted_form_is_meant(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    received = taro.gets("received")
    taro.replies(received, "お願いします。", lambda got: gmail(got).replace("：0301234567", "：0377771234"))
    assert desk.application(taro.gets("received").receipt).revision.filled.text("contact_phone") == "0377771234"
