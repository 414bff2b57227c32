"""Text that people who look at an HTML mail do not see: it gives no value and decides nothing (T-35)."""

from pathlib import Path

import pytest

from mailbot.model.lifecycle import State
from mailbot.records.applications import application_store
from tests.testkit.desk import FORM, DeskUnderTest, open_desk_under_test
from tests.testkit.mail_domains import zones_of
from tests.testkit.strict_desk import HANAKO, ICHIRO, TARO, said, sends, strict_desk

PAGE = "<br>".join(FORM.splitlines())
HIDDEN = '<div style="background:white"><p style="color:#fefefe">{}</p></div>'
DOUBTFUL = '<p style="color:#fefefe">{}</p>'
WITHOUT_LAYOUT = '<p style="font-size:0">{}</p>' + "<b></b>" * 60_000


@pytest.fixture
def desk(tmp_path: Path) -> DeskUnderTest:
    return open_desk_under_test(tmp_path)


def html(page: str, plain: str | None = None, *, to: str = "desk@desk.example", author: str = TARO) -> bytes:
    """A mail with an HTML part, beside a plain text unless that is None."""
    head = f"From: {author}\r\nTo: {to}\r\nSubject: x\r\nMessage-ID: <{abs(hash((page, plain, to)))}@x>\r\n"
    part = f"Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>{page}</body></html>\r\n"
    if plain is None:
        return (head + part).encode()
    lines = plain.replace("\n", "\r\n")
    text = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{lines}\r\n--b\r\n{part}--b--\r\n"
    return f"{head}Content-Type: multipart/alternative; boundary=b\r\n\r\n{text}".encode()


def received(desk: DeskUnderTest, raw: bytes, to: str = "desk@desk.example", author: str = TARO) -> str:
    return said(desk.receives(raw, author, to))


HOW = {"hidden": HIDDEN, "doubtful": DOUBTFUL, "without layout": WITHOUT_LAYOUT}


@pytest.mark.parametrize("how", HOW)
def test_a_form_that_nobody_sees_is_none(desk: DeskUnderTest, how: str) -> None:
    desk.person("taro", TARO)
    assert (
        received(desk, html(f"<p>お世話になっております。別件をお尋ねします。</p>{HOW[how].format(PAGE)}"))
        == "passed_on passed-on"
    )
    assert received(desk, html(HOW[how].format(PAGE))).partition(" ")[0] in ("answered", "passed_on")
    assert application_store.listing() == []


def test_a_value_that_nobody_sees_is_none(desk: DeskUnderTest) -> None:
    desk.person("taro", TARO)
    page = PAGE.replace("識別番号：A0A", "識別番号：A0A" + '<span style="font:0/0 a">、A01、A02</span>')
    assert received(desk, html(page)) == "carried_out submitted"
    assert [one.revision.filled.values["user_ids"] for one in application_store.listing()] == [("1ANACA0A",)]


@pytest.mark.parametrize("style", ["background:white;color:white", "color:white", "display:none"])
def test_plain_text_that_the_page_beside_it_does_not_show(desk: DeskUnderTest, style: str) -> None:
    desk.person("taro", TARO)
    more = "識別番号：A01"
    page = PAGE.replace("識別番号：A0A", f'識別番号：A0A<div style="{style}">{more}</div>')
    plain = FORM.replace("識別番号：A0A", f"識別番号：A0A\n{more}")
    assert received(desk, html(page, plain)) == "passed_on passed-on"
    assert application_store.listing() == []


def test_an_ordinary_page_is_read_as_before(desk: DeskUnderTest) -> None:
    desk.person("taro", TARO)
    preheader = '<div style="display:none;max-height:0">パスワード初期化の件</div>'
    footer = '<table bgcolor="#003366"><tr><td style="color:#ffffff">株式会社</td></tr></table>'
    assert received(desk, html(f"{preheader}{PAGE}{footer}", FORM)) == "carried_out submitted"


DECISIONS = {
    "hidden": (HIDDEN.format("承認"), None, "answered reviewer-not-understood"),
    "doubtful": (DOUBTFUL.format("承認"), None, "answered unclear-keyword"),
    "without layout": (WITHOUT_LAYOUT.format("承認"), None, "answered unclear-keyword"),
    "hidden, in the plain text": (
        f"<p>検討します</p>{HIDDEN.format('承認')}",
        "検討します\n承認",
        "answered unclear-keyword",
    ),
    "a page that shows nothing": ("<p hidden>承認</p>", "承認", "answered unclear-keyword"),
    "doubtful, in both": (DOUBTFUL.format("承認"), "承認", "answered unclear-keyword"),
    "doubtful 通知内容": (
        f"<p>承認</p>{DOUBTFUL.format('至急ご連絡ください')}",
        "承認\n至急ご連絡ください",
        "answered unclear-keyword",
    ),
}


@pytest.mark.parametrize("case", DECISIONS)
def test_a_decision_that_nobody_sees_is_none(desk: DeskUnderTest, case: str) -> None:
    taro, ichiro = desk.person("taro", TARO), desk.person("ichiro", ICHIRO)
    desk.person("hanako", HANAKO)
    taro.sends(FORM)
    reply_to = ichiro.gets("review-request").reply_to
    page, plain, expected = DECISIONS[case]
    assert received(desk, html(page, plain, to=reply_to, author=ICHIRO), reply_to, ICHIRO) == expected
    assert [one.state for one in application_store.listing()] == [State.RECEIVED]


def test_a_decision_beside_a_quote_with_white_text(desk: DeskUnderTest) -> None:
    taro, ichiro = desk.person("taro", TARO), desk.person("ichiro", ICHIRO)
    taro.sends(FORM)
    reply_to = ichiro.gets("review-request").reply_to
    quote = f'<blockquote type="cite"><p>審査をお願いします</p>{DOUBTFUL.format("却下")}</blockquote>'
    raw = html(f"<p>承認</p>{quote}", to=reply_to, author=ICHIRO)
    assert received(desk, raw, reply_to, ICHIRO) == "carried_out approved"


@pytest.mark.parametrize("how", [HIDDEN, DOUBTFUL])
def test_a_confirmation_that_nobody_sees_is_none(tmp_path: Path, how: str) -> None:
    with strict_desk(tmp_path, zones_of({"naxtrade.example": ""})) as desk:
        taro = desk.person("taro", TARO)
        assert said(sends(desk, TARO, FORM, sign="")) == "challenged sender-not-proven"
        reply_to = taro.gets("challenge").reply_to
        answer = html(f"<p>何のことでしょうか。</p>{how.format('確認')}", to=reply_to)
        assert received(desk, answer, reply_to) == "answered challenge-unclear"
        assert application_store.listing() == []
