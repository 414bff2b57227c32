"""What a mail's words are when banners, signatures and footers are around them, and whose words a keyword is."""

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage

import pytest

from mailbot.desk.incoming.look_up import Known
from mailbot.desk.incoming.reading import MailReading, read_mail
from mailbot.desk.incoming.request import Sender
from mailbot.mail.message import read
from mailbot.model.evidence import Evidence
from mailbot.model.people import ApplicantContact, Category, Reviewer, Role
from mailbot.model.queued_mail import Envelope, InboxItem
from mailbot.model.register import Registration
from mailbot.notice_samples.samples import PROCEDURES
from tests.testkit.contract_forms import ABOLITION, BROKER, MAILBOX
from tests.testkit.desk import FORM
from tests.testkit.records import OFFICE
from tests.testkit.surroundings import surrounded

ICHIRO = Sender(
    "ichiro@desk.example",
    "審査 一郎",
    reviewer=Reviewer(name="審査 一郎", email="ichiro@desk.example", categories=frozenset(Category)),
)
TARO = Sender(
    "taro@naxtrade.example",
    "通関 太郎",
    (Registration(OFFICE, Role.CONTACT, ApplicantContact(name="通関 太郎", email="taro@naxtrade.example")),),
)
APPLICANTS = [FORM, ABOLITION, BROKER, MAILBOX, "修正\n備考：急ぎです", "取下げ", "状況", "様式：パスワード初期化"]
REVIEWERS = [
    "承認",
    "承認\n次回は早めにお願いします。",
    "確認依頼\nA0Bは必要でしょうか。\n・識別番号\n・希望理由",
    "保留",
    "担当",
]


def reading(sender: Sender, text: str | None = None, html: str | None = None) -> MailReading:
    """`text`, `html` or both, as the desk reads them."""
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender.address, "desk@desk.example", "x"
    if text is not None:
        mail.set_content(text)
    if html is not None and text is not None:
        mail.add_alternative(html, subtype="html")
    elif html is not None:
        mail.set_content(html, subtype="html")
    raw = mail.as_bytes()
    item = InboxItem(1, Envelope(sender.address, ("desk@desk.example",)), raw, Evidence(), datetime.now(UTC))
    known = Known(sender, colleagues=("審査 良子",) if sender.reviewer else ())
    return read_mail(item, read(raw), known, PROCEDURES, "desk@desk.example")


def meaning(read: MailReading) -> Sequence[object]:
    forms = [
        (f.reading.filled.values, [x.code for x in f.reading.findings], f.reading.unknown_lines) for f in read.forms
    ]
    command = read.command.kind if read.command else ""
    decision = (read.decision.kind, read.decision.words) if read.decision else ()
    return [forms, command, decision, read.automatic]


@pytest.mark.parametrize(("sender", "words"), [(TARO, APPLICANTS), (ICHIRO, REVIEWERS)])
def test_what_programs_add_changes_nothing(sender: Sender, words: list[str]) -> None:
    """800 mails, of 27 banners, 300 signatures in 27 frames, 36 device lines and 25 footers."""
    choice = random.Random(20)
    expected = {one: meaning(reading(sender, one)) for one in words}
    wrong = []
    for i in range(400):
        one = words[i % len(words)]
        mail = surrounded(one, choice)
        if sender is ICHIRO:  # signs with his own name
            mail = (
                mail.replace("通関太郎", "審査一郎")
                .replace("通関 太郎", "審査 一郎")
                .replace("Taro Tsukan", "審査一郎")
                .replace("Taro TSUKAN", "審査一郎")
            )
        if meaning(reading(sender, mail)) != expected[one]:
            wrong.append(mail)
    assert wrong == []


COLLEAGUE = "承認\n審査 良子"
MAY_BEGIN_A_QUOTE = [
    "-----元のメール-----", "----- Original Mail -----", "------ 転送 ------", "========", "＜良子さんのコメント＞", "*** ryoko ***",
    "2026/11/27 10:00 審査 良子", "[11/27 10:00] 良子", "2026-11-27T10:00 ryoko", "審査 良子 11/27(金) 10:00", "11月27日 10時00分 良子",
    "審査 良子 <ryoko@desk.example>", "ryoko@desk.example さん", "审查 良子 <ryoko@desk.example> 于2026年11月27日写道：", "良子 님이 작성:",
    "Am 27.11.2026 um 10:00 schrieb 審査 良子:", "Le ven. 27 nov. 2026 à 10:00, 良子 a écrit :", "El vie, 27 nov 2026, 良子 escribió:",
    "On Nov 27, 2026, at 10:00 AM, Ryoko wrote:", "Ryoko, yesterday 10:00", "差出人 審査 良子\n日時 2026/11/27 10:00", "送信者：審査 良子",
    "From: ryoko", "Von: 良子\nGesendet: Freitag", "发件人: 良子", "良子さん：", "良子さんより", "■良子さんからの返信", "【良子さんの回答】", "審査 良子",
    "良子　11/27", "良子→一郎", "↓", "以下、良子さんの返信です。", "良子さんの回答は以下のとおりです。", "良子さんからの回答を共有します。", "良子さんは問題ないとのこと",
    "まだ確認中です。", "少しお待ちください。", "判断できません。", "承認してよいでしょうか。", "もう少し検討しています。", "承認は見送りたいと思います。\nどうか？",
]  # fmt: skip


@pytest.mark.parametrize("line", MAY_BEGIN_A_QUOTE)
def test_a_keyword_below_what_may_begin_a_quote_is_asked_about(line: str) -> None:
    decision = reading(ICHIRO, f"お疲れさまです。一郎です。\n\n{line}\n{COLLEAGUE}\n").decision
    assert decision is not None and decision.event is None
    command = reading(
        TARO, f"お世話になっております。\n\n{line.replace('承認', '取下げ')}\n取下げ\n審査 良子\n"
    ).command
    if (
        "良子" not in line or "さん" in line or any(c in line for c in "0123456789:：<")
    ):  # no colleague of the applicant
        assert command is not None and command.kind != "withdraw"


@pytest.mark.parametrize(
    "above",
    [
        "お疲れ様です。本日良子さんが不在のため、私のほうで確認しました。", "確認しました。", "内容に問題ありませんでした。", "お待たせしました。",
        "下記のとおり回答いたします。", "⚠ 注意：このメールは組織外から届きました。", "審査担当の一郎です。", "12月1日までに処理します。",
    ],
)  # fmt: skip
def test_a_keyword_below_the_reviewers_own_sentences_decides(above: str) -> None:
    decision = reading(ICHIRO, f"{above}\n\n承認\n").decision
    assert decision is not None and decision.kind == "approve"


def test_words_that_are_signed_by_a_colleague_are_asked_about() -> None:
    decision = reading(ICHIRO, "承認\n理由は確認済みです。\n審査 良子\n").decision
    assert decision is not None and decision.kind == "in_doubt"


QUOTE = "<div>承認</div><div>審査 良子</div>"
STRUCTURES = {
    "blockquote": f"<blockquote>{QUOTE}</blockquote>",
    "gmail": f'<div class="gmail_quote"><div class="gmail_attr">良子</div>{QUOTE}</div>',
    "gmail container": f'<div class="gmail_quote gmail_quote_container">{QUOTE}</div>',
    "thunderbird": f'<div class="moz-cite-prefix">良子</div><blockquote type="cite">{QUOTE}</blockquote>',
    "thunderbird forward": f'<div class="moz-forward-container">{QUOTE}</div>',
    "yahoo": f'<div class="yahoo_quoted" id="yahoo_quoted_1">{QUOTE}</div>',
    "proton": f'<div class="protonmail_quote">{QUOTE}</div>',
    "tutanota": f'<div class="tutanota_quote">{QUOTE}</div>',
    "outlook": f'<div style="border:none;border-top:solid #E1E1E1 1.0pt"><b>差出人:</b> 良子<br><b>送信日時:</b> 2026</div>{QUOTE}',
    "outlook german": f'<div style="border-top:solid #E1E1E1 1.0pt"><b>Von:</b> a<br><b>Gesendet:</b> b</div>{QUOTE}',
    "outlook web": f'<hr><div id="divRplyFwdMsg"><b>From:</b> a</div>{QUOTE}',
    "outlook web again": f'<div id="x_divRplyFwdMsg">a</div>{QUOTE}',
    "append on send": f'<div id="appendonsend"></div>{QUOTE}',
    "outlook mobile": f'<div class="ms-outlook-mobile-reference-message">{QUOTE}</div>',
    "new outlook": f'<div id="mail-editor-reference-message-container">{QUOTE}</div>',
    "rule and header": f"<hr>差出人: 良子<br>日時: 2026<br>{QUOTE}",
    "rule": f"<hr>{QUOTE}",
    "zimbra": f'<hr data-marker="__DIVIDER__"><div data-marker="__QUOTED_TEXT__">{QUOTE}</div>',
    "netease": f'<div id="isReplyContent">{QUOTE}</div>',
    "qq": f'<div class="qmbox"><div>--- 原始邮件 ---</div>{QUOTE}</div>',
    "left border": f'<div style="margin-left:1ex;border-left:2px solid #ccc">{QUOTE}</div>',
    "cite attribute": f'<div cite="mid:1@x.example">{QUOTE}</div>',
    "apple": f'<blockquote type="cite"><div>2026/11/27、良子のメール：</div>{QUOTE}</blockquote>',
    "nested": f"<div><div><blockquote><blockquote>{QUOTE}</blockquote></blockquote></div></div>",
    "cell": f"<table><tr><td><blockquote>{QUOTE}</blockquote></td></tr></table>",
    "header only": f"<p><b>From:</b> a<br><b>Sent:</b> b<br><b>To:</b> c<br><b>Subject:</b> d</p>{QUOTE}",
}


@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES)
@pytest.mark.parametrize("above", ["<div>お疲れさまです。</div>", "<p>添えておきます。</p><br>"])
def test_what_html_calls_quoted_decides_nothing(structure: str, above: str) -> None:
    decision = reading(ICHIRO, html=f"<html><body>{above}{structure}</body></html>").decision
    assert decision is not None and decision.event is None


@pytest.mark.parametrize("structure", STRUCTURES.values(), ids=STRUCTURES)
def test_a_decision_above_a_quote_in_html_decides(structure: str) -> None:
    decision = reading(
        ICHIRO, html=f"<div>確認依頼</div><div>A0Bは？</div>{structure.replace('承認', '保留')}"
    ).decision
    assert decision is not None and (decision.event is None or decision.words == "A0Bは？")


@pytest.mark.parametrize("structure", ["blockquote", "gmail", "thunderbird", "yahoo", "proton", "outlook web"])
def test_a_text_part_is_checked_against_the_html_beside_it(structure: str) -> None:
    html = f"<div>お疲れさまです。</div>{STRUCTURES[structure]}"
    decision = reading(ICHIRO, "お疲れさまです。\n\n承認\n審査 良子\n", html).decision
    assert decision is not None and decision.event is None


def test_a_word_that_is_written_and_quoted_counts_once() -> None:
    html = f"<div>承認</div>{STRUCTURES['blockquote']}"
    decision = reading(ICHIRO, "承認\n\n承認\n審査 良子\n", html).decision
    assert decision is not None and decision.kind == "approve" and decision.words == ""


WITH_SIGNATURE = [  # a reviewer's mail, its 通知内容
    ("確認依頼\n次の番号でよろしいですか。\n電話番号：03-1111-2222\n\n審査 一郎\n内線 55", "次の番号でよろしいですか。\n電話番号：03-1111-2222"),
    ("確認依頼\nご不明な点は下記までお電話ください。\n電話 03-1111-2222\n\n審査 一郎", "ご不明な点は下記までお電話ください。\n電話 03-1111-2222"),
    ("承認\n\n審査一郎\n電話番号：03-1111-2222\nメールアドレス：ichiro@desk.example", ""),
    ("承認\n\n--\n担当：審査 一郎\n電話番号：03-1111-2222（平日9時～17時）\nFAX番号：03-1111-2223", ""),
    ("承認\n\n審査 一郎\n適格請求書発行事業者登録番号：T1234567890123\n電話：03-1111-2222", ""),
    ("承認\n\nスマホから送信しています。誤字脱字はご容赦ください。", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "words"), WITH_SIGNATURE)
def test_what_a_reviewer_signs_with_is_no_word_for_the_applicant(text: str, words: str) -> None:
    decision = reading(ICHIRO, text).decision
    assert decision is not None and decision.event is not None and decision.words == words


@pytest.mark.parametrize(
    "line", ["良子さんへ：A0Bの件もお願いします。", "良子さん、A0Bの件もお願いします。", "良子様宛て"]
)
def test_words_to_a_colleague_are_no_words_for_the_applicant(line: str) -> None:
    decision = reading(ICHIRO, f"承認\n{line}\n").decision
    assert decision is not None and decision.kind == "in_doubt"


def test_a_signature_mark_and_a_list_of_a_page_are_lines() -> None:
    page = "<p>承認</p><p>--<br>審査 一郎<br>審査課<br>Tel 03-1111-2222</p>"
    decision = reading(ICHIRO, html=page).decision
    assert decision is not None and (decision.kind, decision.words) == ("approve", "")
    page = "<dl><dt>手続</dt><dd>パスワード初期化</dd><dt>利用者コード</dt><dd>1ANAC</dd><dt>識別番号</dt><dd>A0A</dd></dl>"
    (form,) = reading(TARO, html=page).forms
    assert form.reading.filled.codes("user_ids") == ("1ANACA0A",)
