"""メールボックスパスワード issued again through パスワード初期化, from the mail to the page and after its end (S4)."""

import re
from collections.abc import AsyncIterator
from datetime import date
from html import unescape
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from mailbot.desk.operators.applications import revoke_passwords
from mailbot.model.effects import IssueMailboxPassword, IssuePassword
from mailbot.model.lifecycle import State
from mailbot.records.applications.effects import effects_of
from tests.testkit.browser import Browser
from tests.testkit.contract_forms import MAILBOX, approve, flat, on
from tests.testkit.desk import DeskUnderTest, Person, gmail

HEAD = "手続：パスワード初期化\n事業所コード：NAC001\n"
REASON = "パスワード初期化の希望理由：失念したため\n"
ONE = f"{HEAD}メールボックスID：NAC00101\n{REASON}"
BOTH = f"{HEAD}利用者コード：1ANAC\n識別番号：A0A\nメールボックスID：NAC00101\n{REASON}"
MAILBOXES = "メールボックスのパスワード初期化"
ALL = "利用者IDとメールボックスのパスワード初期化"
TWO_MORE = MAILBOX.replace("（EDIFACT）：0", "（EDIFACT）：1")

# As people write it: (mail, title of the application, 利用者ID, メールボックスID).
WRITTEN = {
    "the form": (ONE, MAILBOXES, (), ("NAC00101",)),
    "both kinds": (BOTH, ALL, ("1ANACA0A",), ("NAC00101",)),
    "user ids alone": (BOTH.replace("メールボックスID：NAC00101\n", ""), "パスワード初期化", ("1ANACA0A",), ()),
    "full width, lower case": (ONE.replace("NAC00101", "ｎａｃ００１０１"), MAILBOXES, (), ("NAC00101",)),
    "another label": (ONE.replace("メールボックスID：", "再発行するメールボックスID："), MAILBOXES, (), ("NAC00101",)),
    "a label of both kinds": (ONE.replace("メールボックスID：", "対象ID："), MAILBOXES, (), ("NAC00101",)),
    "as a user id": (ONE.replace("メールボックスID：", "利用者ID："), MAILBOXES, (), ("NAC00101",)),
    "among user ids": (
        f"{HEAD}対象ID：1ANACA0A、NAC00101\n{REASON}",
        ALL,
        ("1ANACA0A",),
        ("NAC00101",),
    ),
    "in brackets": (
        ONE.replace("メールボックスID：NAC00101", "【メールボックスID】NAC00101"),
        MAILBOXES,
        (),
        ("NAC00101",),
    ),
    "with the value below": (
        ONE.replace("メールボックスID：", "■メールボックスID\n"),
        MAILBOXES,
        (),
        ("NAC00101",),
    ),
    "ticked": (
        f"{HEAD}利用者ID：\n[ ] 1ANACA0A（net）\nメールボックスID：\n[x] NAC00101（SMTP/POP3）\n{REASON}",
        MAILBOXES,
        (),
        ("NAC00101",),
    ),
    "a table beside": (
        "手続\tパスワード初期化\n事業所コード\tNAC001\nメールボックスID\tNAC00101\n希望理由\t失念したため\n",
        MAILBOXES,
        (),
        ("NAC00101",),
    ),
    "a table of records": (
        f"{HEAD}| 利用者ID | メールボックスID | 理由 |\n| --- | --- | --- |\n| 1ANACA0A | NAC00101 | 失念したため |\n",
        ALL,
        ("1ANACA0A",),
        ("NAC00101",),
    ),
    "prose above": (f"メールボックスのパスワードを忘れました。\n\n{ONE}", MAILBOXES, (), ("NAC00101",)),
    "by its own title": (
        ONE.replace("パスワード初期化\n", "メールボックスパスワードの再発行\n", 1),
        MAILBOXES,
        (),
        ("NAC00101",),
    ),
    "without a procedure": ("メールボックスID：NAC00101\n希望理由：失念したため\n", MAILBOXES, (), ("NAC00101",)),
    "English": (
        "Procedure: Password initialisation\nMailbox IDs: NAC00101\nReason for initialisation: forgotten\n",
        MAILBOXES,
        (),
        ("NAC00101",),
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_as_people_write_it(desk: DeskUnderTest, taro: Person, ichiro: Person, name: str) -> None:
    text, title, user_ids, mailboxes = WRITTEN[name]
    taro.sends(text, "お願い" if "手続" not in text else "パスワードの件")
    got = taro.gets("received")
    application = desk.application(got.receipt)
    assert application.revision.filled.codes("user_ids") == user_ids
    assert application.revision.filled.codes("mailboxes") == mailboxes
    assert f"【受付完了】{title}の申込を受け付けました" in flat(got)
    assert all(one in flat(got) and one in flat(ichiro.mails[-1]) for one in (*user_ids, *mailboxes))


# What is asked about: (mail, what the answer says).
REFUSED = {
    "neither kind": (f"{HEAD}{REASON}", "利用者IDとメールボックスIDのうち、少なくとも一方は必須です"),
    "nothing ticked": (
        f"{HEAD}利用者ID：\n[ ] 1ANACA0A\nメールボックスID：\n[ ] NAC00101\n{REASON}",
        "利用者IDとメールボックスIDのうち、少なくとも一方は必須です",
    ),
    "another office's": (
        ONE.replace("NAC00101", "SKY00101"),
        "メールボックスID SKY00101 は、この事業所に登録がありません",
    ),
    "unknown": (ONE.replace("NAC00101", "NAC00155"), "メールボックスID NAC00155 は、この事業所に登録がありません"),
    "letter O for zero": (ONE.replace("NAC00101", "NACOO1O1"), "NAC00101ではありませんか"),
    "one of two": (ONE.replace("NAC00101", "NAC00101、NAC00155"), "メールボックスID NAC00155 は"),
    "unclear tick": (
        f"{HEAD}メールボックスID：\n[?] NAC00101\n{REASON}",
        "この行が選ばれているかどうか、読み取れませんでした",
    ),
    "no reason": (f"{HEAD}メールボックスID：NAC00101\n", "必須の項目です"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_asked_about(desk: DeskUnderTest, taro: Person, ichiro: Person, name: str) -> None:
    text, says = REFUSED[name]
    assert taro.sends(text).reason == "incomplete"
    assert flat(taro.gets("invalid-input")).count(says) == 1
    ichiro.gets_nothing()


def test_a_second_application_for_the_same_mailbox(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(ONE)
    first = taro.gets("received").receipt
    taro.sends(BOTH)
    assert f"NAC00101 について、審査中のお申込み（申込受付番号 {first}）がすでにあります" in flat(
        taro.gets("invalid-input")
    )
    ichiro.gets("review-request")


def test_a_mailbox_that_is_gone_cannot_be_approved(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """It is checked against the register again at the approval."""
    taro.sends(MAILBOX.replace("：1\n", "：0\n", 1).replace("メールボックスID：", "メールボックスID：NAC00101"))
    approve(desk, ichiro)
    on(desk, date(2026, 12, 9))
    taro.sends(ONE)
    receipt = next(m.receipt for m in reversed(taro.mails) if m.kind == "received")
    on(desk, date(2026, 12, 10), 11)
    approve(desk, ichiro)
    assert desk.last is not None and desk.last.reason == "checks-failed"
    assert desk.application(receipt).state is State.RECEIVED


def test_a_correction_names_the_mailboxes_anew(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(BOTH)
    received = taro.gets("received")
    taro.replies(received, "修正\n識別番号：A0B\n")
    filled = desk.application(received.receipt).revision.filled
    assert (filled.codes("user_ids"), filled.codes("mailboxes")) == (("1ANACA0B",), ("NAC00101",))
    taro.replies(taro.gets("received"), "修正\nメールボックスID：なし\n")
    again = taro.gets("received")
    assert desk.application(received.receipt).revision.filled.codes("mailboxes") == ()
    assert "【受付完了】パスワード初期化の申込の修正" in flat(again)


@pytest.fixture
async def browser(desk: DeskUnderTest) -> AsyncIterator[Browser]:
    one = Browser(desk)
    yield one
    await one.client.aclose()


# What 確認完了 and the page say: (mail, notices say, and do not say, IDs with the name of their password).
SAID = {
    "mailboxes": (
        ONE,
        (
            "今回発行したパスワードの確認可能期間は、本メール受信日から3営業日となります。",
            "メールボックスパスワードを、「ID通知内容」でご確認ください。",
        ),
        ("仮パスワード", "URY"),
        {"NAC00101": "メールボックスパスワード"},
    ),
    "both": (
        BOTH,
        (
            "今回発行したパスワードの確認可能期間は",
            "再発行したパスワードはそのまま使用せず、必ずNACCSの「利用者情報登録(URY)」",
        ),
        (),
        {"1ANACA0A": "仮パスワード", "NAC00101": "メールボックスパスワード"},
    ),
    "user ids": (
        BOTH.replace("メールボックスID：NAC00101\n", ""),
        (
            "今回発行したパスワードの確認可能期間は",
            "再発行したパスワードはそのまま使用せず、必ずNACCSの",
            "仮パスワードを、「ID通知内容」でご確認ください。",
        ),
        ("メールボックスパスワード",),
        {"1ANACA0A": "仮パスワード"},
    ),
}


@pytest.mark.parametrize("name", SAID)
async def test_from_the_approval_to_the_page(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, browser: Browser, name: str
) -> None:
    text, says, not_said, passwords = SAID[name]
    taro.sends(text)
    receipt = taro.gets("received").receipt
    approve(desk, ichiro)
    told = taro.gets("completed")
    assert all(words in flat(told) for words in says)
    assert not any(words in flat(told) for words in not_said)
    application = desk.application(receipt)
    assert application.view_period is not None and application.view_period.last == date(2026, 11, 25)
    await browser.logs_in()
    hanako.forgets()
    for one, password_name in passwords.items():
        shown = (await browser.looks(receipt, one)).text
        secret = next(s for s in desk.context.vault.open(application.id, date(2026, 11, 20)) if s.user_id == one)
        row = shown[shown.index(f'id="p-{one}"') :]
        assert secret.password in row[: row.index("</tr>")]
        assert f'<th scope="col">{password_name}</th>' in shown
        assert ("URY" in shown) is ("仮パスワード" in passwords.values())
        assert one in hanako.gets("security").text


def test_the_effects_of_both_kinds(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    taro.sends(BOTH)
    receipt = taro.gets("received").receipt
    approve(desk, ichiro)
    application = desk.application(receipt)
    assert effects_of(application.id) == (IssuePassword("1ANACA0A"), IssueMailboxPassword("NAC00101"))
    taro.forgets()
    taro.sends(f"状況 {receipt}", "状況")
    assert "NAC00101（SMTP/POP3）" in flat(taro.gets("answer"))


@pytest.mark.parametrize("text", [ONE, BOTH, TWO_MORE], ids=["mailbox", "both", "added mailboxes"])
async def test_after_the_view_period_there_is_a_way(
    desk: DeskUnderTest, taro: Person, ichiro: Person, browser: Browser, text: str
) -> None:
    """The page has the application for new passwords ready to send; it is received as it is."""
    taro.sends(text)
    receipt = taro.gets("received").receipt
    approve(desk, ichiro)
    on(desk, date(2026, 12, 16))
    taro.forgets()
    await browser.logs_in()
    page = (await browser.get(f"/applications/{receipt}")).text
    assert "参照期間を過ぎたため表示できません。改めてパスワード再発行の手続きをお願いします" in page
    link = re.search(r'href="(mailto:[^"]+)"', page)
    assert link is not None
    ready = urlsplit(unescape(link[1]))
    fields = parse_qs(ready.query)
    assert unquote(ready.path) == desk.config.desk.address
    assert taro.sends(fields["body"][0].replace("\r\n", "\n"), fields["subject"][0]).reason == "submitted"
    again = desk.application(taro.gets("received").receipt).revision.filled
    wanted = {ONE: ("NAC00101",), BOTH: ("NAC00101",), TWO_MORE: ("NAC00102", "NAC00103")}
    assert again.codes("mailboxes") == wanted[text]
    assert again.codes("user_ids") == (("1ANACA0A",) if text == BOTH else ())


def test_words_without_a_form_get_the_right_one(desk: DeskUnderTest, taro: Person) -> None:
    """Clues of two procedures occur; the password decides."""
    taro.sends("メールボックス NAC00101 のパスワードを忘れました。", "お願い")
    form = taro.gets("answer").text
    assert "手続：パスワード初期化" in form and "[ ] NAC00101（SMTP/POP3）" in form


def test_the_form_that_is_sent_back(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends("様式：メールボックスパスワードの再発行", "様式")
    blank = taro.gets("answer")
    ticked = blank.text.replace("[ ] NAC00101", "[x] NAC00101").replace("希望理由：", "希望理由：失念")
    form = ticked.partition("手続：")[1] + ticked.partition("手続：")[2].partition("─")[0]
    assert taro.sends(form).reason == "submitted"
    assert desk.application(taro.gets("received").receipt).revision.filled.codes("mailboxes") == ("NAC00101",)


def test_a_reply_to_the_notice_that_the_period_ends_asks_for_the_form(
    desk: DeskUnderTest, taro: Person, ichiro: Person
) -> None:
    taro.sends(ONE)
    approve(desk, ichiro)
    on(desk, date(2026, 11, 24))
    ending = taro.mails[-1]
    assert ending.kind == "view-ending"
    assert "再発行は、「パスワード初期化」のお申込みで承ります（メールボックスID：NAC00101）。" in flat(ending)
    taro.forgets()
    taro.replies(ending, "様式：パスワード初期化\n", gmail)
    assert "[ ] NAC00101（SMTP/POP3）" in taro.gets("answer").text


def test_the_copy_of_the_administrator_says_who_applied(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    taro.sends(MAILBOX)
    approve(desk, ichiro)
    on(desk, date(2026, 12, 10))
    row = re.compile(r"^申込担当者\s*：通関 太郎$", re.M)
    assert [mail.kind for mail in hanako.mails] == ["received", "completed", "in-effect"]
    assert all(row.search(mail.text) for mail in hanako.mails), [mail.text for mail in hanako.mails]


@pytest.mark.parametrize("revoked", [False, True])
def test_the_start_leads_to_the_passwords_that_wait(
    desk: DeskUnderTest, taro: Person, ichiro: Person, *, revoked: bool
) -> None:
    taro.sends(MAILBOX)
    approve(desk, ichiro)
    if revoked:
        revoke_passwords(desk.application("2600001A"), "ops", desk.clock.now(), desk.context)
    on(desk, date(2026, 12, 10))
    started = taro.mails[-1]
    assert started.kind == "in-effect"
    assert (desk.context.settings.page_url in started.text) is not revoked
    assert (desk.context.settings.page_url in started.html) is not revoked


def test_the_hint_about_ury_stands_once(taro: Person) -> None:
    taro.sends(ONE.replace("メールボックスID：NAC00101", "対象ID：1ANACA0A、1ANACA01、1CNACC01"))
    told = flat(taro.gets("received"))
    assert told.count("URY業務の「I」") == 1 and "1ANACA0A、1ANACA01" in told
    assert told.count("自社システム用です") == 1
