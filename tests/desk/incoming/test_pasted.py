"""Our notices copied into a reply without quote marks: what was not written anew changes nothing."""

import re
from collections.abc import Callable

import pytest

from mailbot.model.application import Application
from mailbot.model.reply_token import find_tokens
from tests.testkit.desk import FORM, DeskUnderTest, Person, ReceivedNotice, no_quote
from tests.testkit.records import without_inquiries

Pasted = Callable[[str], str]


def without_links(text: str) -> str:
    return re.sub(r"→ .*\n\s*<mailto[^>]*>\n", "", text)


def content(text: str) -> str:
    return text[text.find("■ 申込内容") :].split("■ 今後の流れ", maxsplit=1)[0]


def between(start: str, end: str) -> Pasted:
    return lambda text: text[text.find(start) :].split(end)[0]


def with_gap(text: str) -> str:
    return f"前略\n{between('■ 申込内容', '■ 申込担当者')(text)}\n（中略）\n{between('■ 申込担当者', '■ 今後の流れ')(text)}"


PASTED: list[Pasted] = [
    lambda text: text,
    without_links,
    content,
    lambda text: content(text) + "\n以上です。",
    lambda text: f"下記の件、まだ終わりませんでしょうか。\n\n{content(text)}",
    lambda text: f"内容を確認しました。\n{content(text)}\nこのまま進めてください。",
    between("■ 申込担当者", "■ 今後の流れ"),
    between("申込受付年月日", "■ 今後の流れ"),
    between("【受付完了】", "・内容を修正"),
    between("■ 申込内容", "■ 申込担当者"),
    lambda text: content(text).replace("\n\n", "\n"),
    lambda text: content(text).replace("\n", "\n\n"),
    lambda text: content(text).replace("：", ": "),
    lambda text: content(text).replace("：", " ："),
    lambda text: "\n".join(f"　{line}" for line in content(text).splitlines()),
    lambda text: "\n".join(line.rstrip() + "  " for line in content(text).splitlines()),
    lambda text: f"通関さん\nこの件、確認しました。\n\n{text}",
    lambda text: f"【転送】\n{without_links(text)}\n\n管理",
    lambda text: f"{content(text)}\n\n通関 太郎\nTEL：03-7777-1234",
    with_gap,
    lambda text: content(text).replace("■ ", "■"),
    lambda text: f"確認です。\n{content(text)}\n{content(text)}",
]


def corrected(desk: DeskUnderTest) -> tuple[ReceivedNotice, ReceivedNotice, Application]:
    """受付完了 of the first revision, that of the second, and the application."""
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    taro.sends(FORM.replace("備考：", "備考：急ぎではありません"))
    first = taro.gets("received")
    taro.replies(first, "修正\n識別番号：A0B\n備考：急ぎます\n希望理由：退職のため", no_quote)
    second = taro.gets("received")
    return first, second, desk.application(first.receipt)


@pytest.mark.parametrize("paste", PASTED)
@pytest.mark.parametrize("which", [0, 1])
def test_a_pasted_notice_changes_nothing(
    desk: DeskUnderTest, taro: Person, hanako: Person, paste: Pasted, which: int
) -> None:
    *notices, before = desk.after(corrected)
    theirs = [got for got in hanako.mails if got.kind == "received"][which]
    hanako.forgets()
    hanako.sends(paste(theirs.text), f"{before.receipt}について")
    assert without_inquiries(desk.application(str(before.receipt))) == before
    said = "".join(got.text for got in (*hanako.mails, *taro.mails))
    secrets = {token.secret for got in (theirs, *notices) for token in find_tokens(got.reply_to)}
    assert secrets.isdisjoint(token.secret for token in find_tokens(said))


def test_the_notice_of_another_person_changes_nothing_and_is_not_repeated(
    desk: DeskUnderTest, taro: Person, hanako: Person
) -> None:
    first, _, before = desk.after(corrected)
    hanako.forgets()
    hanako.sends(first.text, f"{before.receipt}について")
    assert without_inquiries(desk.application(str(before.receipt))) == before
    (token,) = find_tokens(first.reply_to)
    assert all(token.secret not in got.text + got.html for got in hanako.mails)


@pytest.mark.parametrize("paste", [lambda text: text, without_links, between("申込受付年月日", "■ 今後の流れ")])
@pytest.mark.parametrize("which", [0, 1])
def test_a_pasted_notice_is_no_new_application(
    desk: DeskUnderTest, taro: Person, ichiro: Person, paste: Pasted, which: int
) -> None:
    notices = desk.after(corrected)[:2]
    ichiro.forgets()
    taro.sends(
        f"お世話になっております。\n念のため、受付のメールをお送りします。\n先日の件です。\n以下です。\n。\n{paste(notices[which].text)}",
        "確認",
    )
    taro.gets("answer")
    ichiro.gets_nothing()


def test_a_form_of_ones_own_with_headings_like_ours_is_read(desk: DeskUnderTest, taro: Person) -> None:
    desk.after(corrected)
    own = "■ 申込内容\n手続：パスワード初期化\n事業所コード：NAC001\n利用者ID：1ANACA02\nパスワード初期化の希望理由：退職のため\n"
    taro.sends(f"{own}\n■ 申込担当者\n氏名：通関　太郎\n電話番号：0301234567\n", "申込")
    assert desk.application(taro.gets("received").receipt).revision.filled.codes("user_ids") == ("1ANACA02",)


# Of a 受付完了 with the whole content: that of a correction names the changes alone.
EDITED: list[tuple[Pasted, str]] = [
    (lambda text: content(text).replace("急ぎます", "至急です"), "至急です"),
    (lambda text: "修正します。\n" + content(text).replace("急ぎます", "至急です"), "至急です"),
    (lambda text: content(text).replace("急ぎます", "（記入なし）"), ""),
    (lambda text: content(text).replace("急ぎます", "(blank)"), ""),
]


@pytest.mark.parametrize(("edit", "remarks"), EDITED)
def test_what_is_changed_in_a_pasted_notice_is_corrected(
    desk: DeskUnderTest, taro: Person, edit: Pasted, remarks: str
) -> None:
    taro.sends(FORM.replace("備考：", "備考：急ぎます"))
    got = taro.gets("received")
    before = desk.application(got.receipt).revision.filled
    taro.replies(got, edit(got.text), no_quote)
    after = desk.application(got.receipt).revision.filled
    assert after.text("remarks") == remarks
    assert after.codes("user_ids") == before.codes("user_ids")


@pytest.mark.parametrize("blank", ["（記入なし）", "(blank)", " （記入なし） "])
def test_a_shown_blank_is_a_blank(desk: DeskUnderTest, taro: Person, blank: str) -> None:
    taro.sends(FORM.replace("備考：", f"備考：{blank}\nNACCS登録希望日：{blank}\n電話番号：{blank}"))
    filled = desk.application(taro.gets("received").receipt).revision.filled
    assert (filled.text("remarks"), filled.text("wished_day"), filled.text("contact_phone")) == ("", "", "0301234567")
