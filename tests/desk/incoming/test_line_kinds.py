"""What each line of a mail was taken for, and by what it was recognised."""

from dataclasses import replace
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from mailbot.desk.incoming.look_up import Known
from mailbot.desk.incoming.reading import read_mail
from mailbot.desk.incoming.request import Sender
from mailbot.mail.message import read
from mailbot.model.evidence import Evidence
from mailbot.model.people import Category, Reviewer
from mailbot.model.queued_mail import Envelope, InboxItem
from mailbot.notice_samples.samples import PROCEDURES

ICHIRO = Sender(
    "ichiro@desk.example",
    "審査 一郎",
    reviewer=Reviewer(name="審査 一郎", email="ichiro@desk.example", categories=frozenset(Category)),
)
TARO = Sender("taro@naxtrade.example", "通関 太郎")
NOTICE = "申込受付番号：2600001C\nお申込みを受け付けました。内容を確認します。\n結果をメールにてお知らせいたします。"

# the mail, and for each of its lines that is not blank: kind (source) name
APPLICANT = [
    (
        "お世話になっております。\n手続：パスワード初期化\n利用者コード：1ANAC\n利用者ID：\n[x] 1ANACA0A\n[ ] 1ANACA0B\n"
        "識別番弓：A0C\n月末までにお願いできると助かります。\n\n--\n通関 太郎\nTEL 03-0123-4567",
        [
            *("courtesy", "field procedure", *["field user_ids"] * 2, *["tick user_ids"] * 2, "field user_ids"),
            *("other words", *["signature (signature mark)"] * 3),
        ],
    ),
    (
        "手続：パスワード初期化\n利用者コード\t識別番号\n1ANAC\tA0A\n1ANAC\tA0B\n急ぎです",
        ["field procedure", *["field user_ids"] * 3, "other words"],
    ),
    (
        "【注意】このメールは社外から送信されています。\n\n状況\n\nナックス商事株式会社\n電話 03-0123-4567\n\niPhoneから送信",
        [
            *("banner (words about the mail)", "command (line of its own) status"),
            *(*["signature (contact data)"] * 2, "device footer (pattern)"),
        ],
    ),
    (
        "取下げをお願いします。\n\n本メールには機密情報が含まれます。誤って受信された場合は削除してください。",
        ["command (sentence) withdraw", "disclaimer (words about the mail)"],
    ),
    (
        "様式\n\n添付ファイルはサーバに保存されました。\nダウンロードURL: https://files.example/1\n有効期限: 7日",
        ["command (line of its own) form", *["links to files (words about the mail)"] * 3],
    ),
    ("ヘルプ\n\n> お申込みを受け付けました。内容を確認します。\n> 私見です", ["command (line of its own) help", "quote (our notice)", "quote (pattern)"]),
    (f"よろしく。\n{NOTICE}", ["courtesy", *["quote (pasted notice)"] * 3]),
    ("識別番号はA0Bの誤りでした。\n利用者コード：1ANAC", ["not understood", "not understood"]),
]  # fmt: skip
REVIEWER = [
    ("承認\n次回は早めにお願いします。\nよろしくお願いします。\n\n審査 一郎",
     ["keyword (line of its own) approve", "own words (通知内容)", "courtesy", "signature (contact data)"]),
    ("よいと思います。\n---- 良子さんより ----\n承認", ["own words", "own words", "keyword (in doubt) approve"]),
    ("本件、承認でお願いします。", ["keyword (sentence) approve"]),
]  # fmt: skip


def kinds(sender: Sender, mail: EmailMessage, **known: object) -> list[str]:
    mail["From"], mail["To"], mail["Subject"] = sender.address, "desk@desk.example", "x"
    raw = mail.as_bytes()
    item = InboxItem(1, Envelope(sender.address, ("desk@desk.example",)), raw, Evidence(), datetime.now(UTC))
    about = replace(Known(sender, sent=(NOTICE,)), **known)  # type: ignore[arg-type]
    own = read_mail(item, read(raw), about, PROCEDURES, "desk@desk.example").own
    shown = (line for line in own.lines if line.text.strip())
    return [f"{one.kind}{f' ({one.source})' * bool(one.source)} {one.name}".strip() for one in shown]


def plain(text: str) -> EmailMessage:
    mail = EmailMessage()
    mail.set_content(text)
    return mail


@pytest.mark.parametrize(("text", "expected"), APPLICANT)
def test_lines_of_an_applicant(text: str, expected: list[str]) -> None:
    assert kinds(TARO, plain(text)) == expected


@pytest.mark.parametrize(("text", "expected"), REVIEWER)
def test_lines_of_a_reviewer(text: str, expected: list[str]) -> None:
    assert kinds(ICHIRO, plain(text)) == expected


@pytest.mark.parametrize("beside_text", [False, True])
def test_what_the_structure_of_a_page_calls_quoted(beside_text: bool) -> None:
    page = "<p>状況</p><blockquote><p>取下げでよいです</p></blockquote>"
    mail = EmailMessage()
    if beside_text:
        mail.set_content("状況\n\n取下げでよいです")
        mail.add_alternative(page, subtype="html")
    else:
        mail.set_content(page, subtype="html")
    assert kinds(TARO, mail) == ["command (line of its own) status", "quote (HTML structure)"]


def test_lines_of_an_automatic_mail() -> None:
    mail = plain("承認\n不在にしております。")
    mail["Auto-Submitted"] = "auto-replied"
    assert kinds(TARO, mail) == ["automatic", "automatic"]
