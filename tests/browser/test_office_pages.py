"""The pages of an office in a real Chromium that runs no script: what people do there."""

import re
from collections.abc import Callable

import pytest
from selenium.webdriver.common.keys import Keys

from mailbot.model.lifecycle import Event, State
from tests.testkit.chromium import PHONE, Chromium
from tests.testkit.desk import DeskUnderTest, Person
from tests.testkit.office_scenes import ENGLISH_FORM, many, people, with_long_names

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("chromium")]
LogIn = Callable[..., None]


def hanako(office: DeskUnderTest) -> Person:
    return office.person("管理 花子", "hanako@naxtrade.example")


def test_the_link_of_a_mail_leads_to_its_application(
    browser: Chromium, log_in: LogIn, receipts: dict[str, str]
) -> None:
    """Through the log-in; a wrong password on the way does not make it forget."""
    number = receipts["asked"]
    log_in(f"/applications/{number}", password="wrong")
    assert number in browser.text(".flash:not(.bad)") and "正しくありません" in browser.text(".bad")
    log_in("")
    assert browser.path() == f"/applications/{number}"
    assert number in browser.text("h1") and "までにご回答をお願いいたします" in browser.text("main")


def test_a_first_visitor_is_not_told_that_he_was_logged_out(
    browser: Chromium, base: str, receipts: dict[str, str]
) -> None:
    browser.opens(f"{base}/applications/{receipts['asked']}")
    assert "ログアウトしました" not in browser.text() and browser.text("h1") == "ログイン"


@pytest.mark.parametrize("what", ["asked", "none"])
def test_whose_application_it_is_shows_to_nobody_else(
    browser: Chromium, base: str, log_in: LogIn, receipts: dict[str, str], what: str
) -> None:
    """T-57: another office sees what it would see for a number that does not exist."""
    number = receipts.get(what, "2699999C")
    log_in(f"/applications/{number}", code="NAC002")
    assert browser.path() == f"/applications/{number}"
    assert browser.text("main").replace(number, "N") == (
        "ページが見つかりません\nお探しのページ、またはお申込みは見つかりませんでした。別の事業所のお申込みの場合は、"
        "ログアウトし、その事業所のコードでログインしてください。\n申込みの一覧へ"
    )


def test_a_paused_log_in_goes_on_with_the_link_by_mail(
    browser: Chromium, base: str, office: DeskUnderTest, log_in: LogIn, receipts: dict[str, str]
) -> None:
    """T-56: and still leads to the application that was asked for."""
    number = receipts["viewable"]
    browser.opens(f"{base}/applications/{number}")
    while "一時停止しています" not in browser.text(".bad"):
        log_in("", password="guess")
    hanako(office).forgets()
    browser.presses("form[action='/link'] button")
    assert "リンクをお送りしました" in browser.text("h1")
    link = re.search(r"(/link/\w+\?to=\w+)", hanako(office).gets("security").text)
    assert link is not None
    browser.opens(f"{base}{link[1]}")
    assert number in browser.text("main")
    browser.presses(".main")
    log_in("")
    assert browser.path() == f"/applications/{number}"


def test_the_first_page_says_what_waits_for_whom(browser: Chromium, log_in: LogIn, receipts: dict[str, str]) -> None:
    log_in()
    first = browser.text(".flash.wait")
    assert "4件" in first and first.index(receipts["viewable"]) < first.index(receipts["asked"])
    current = browser.text("#current + .scroll")
    for what, words in {"asked": "ご回答期限", "starting": "利用開始日", "received": "当デスク：審査"}.items():
        assert receipts[what] in current and words in current
    contract = browser.text("#contract + .card")
    assert (
        contract.index("netNACCS")
        < contract.index("1ANACA0A")
        < contract.index("一般NACCS")
        < contract.index("NAC00101")
    )
    assert "2026年12月25日（金）" in browser.text("#schedule + .scroll")
    browser.follows("スケジュール")
    browser.follows(receipts["in_effect"])
    assert browser.path() == f"/applications/{receipts['in_effect']}"


def test_an_application_with_all_of_its_content(browser: Chromium, log_in: LogIn, receipts: dict[str, str]) -> None:
    log_in(f"/applications/{receipts['starting']}")
    page = browser.text("main")
    for words in ("参照期間", "管轄税関", "請求先コード", "企業略称", "SMTP/POP3", "変更前", "NAC00103", "取扱量の増加のため", "【受付完了】", "hanako@naxtrade.example", "から出力できます"):  # fmt: skip
        assert words in page, words
    assert "ご希望の日（2026年12月24日（木））と異なります" in browser.text(".flash")


def test_one_password_at_a_time(
    browser: Chromium, office: DeskUnderTest, log_in: LogIn, receipts: dict[str, str]
) -> None:
    """On a telephone: the row with the password is what is on the screen afterwards."""
    browser.shows(PHONE)
    log_in(f"/applications/{receipts['starting']}")
    browser.presses("#p-NAC00103 button")
    shown = browser.driver.find_elements("css selector", ".password")
    assert len(shown) == 1 and re.fullmatch(r"\w{8}", shown[0].text)
    assert 0 <= shown[0].rect["y"] - browser.scrolled() < PHONE[1]
    assert "NAC00103" in hanako(office).gets("security").text
    assert office.application(receipts["starting"]).steps[-1].event is Event.LOOK
    browser.opens(browser.driver.current_url.partition("#")[0])
    assert browser.text(".password") == "" and "以前に表示されています" in browser.text("#p-NAC00103")


def test_by_keyboard_alone(browser: Chromium, office: DeskUnderTest, log_in: LogIn, receipts: dict[str, str]) -> None:
    log_in(f"/applications/{receipts['viewable']}")
    for _ in range(40):
        browser.driver.switch_to.active_element.send_keys(Keys.TAB)
        if browser.driver.switch_to.active_element.text == "表示する":
            break
    browser.keys(Keys.ENTER)
    assert re.fullmatch(r"\w{8}", browser.text(".password"))


def test_withdrawing(browser: Chromium, office: DeskUnderTest, log_in: LogIn, receipts: dict[str, str]) -> None:
    """Asked once more, told to everybody, and done once."""
    number = receipts["asked"]
    taro, ichiro = people(office)
    log_in(f"/applications/{number}")
    browser.follows("申込みを取り下げる")
    assert "まだ取り下げていません" in browser.text(".flash")
    assert office.application(number).state is State.NEEDS_CONFIRMATION
    stale = browser.driver.current_url
    browser.presses("button.danger")
    assert f"お申込み {number} を取り下げました" in browser.text(".flash")
    last = office.application(number).steps[-1]
    assert (last.event, last.actor.role, last.actor.name) == (Event.WITHDRAW, "office", "NAC001")
    for person, kind in ((taro, "withdrawn"), (hanako(office), "withdrawn"), (ichiro, "update")):
        assert "ウェブページにログインした方（事業所コード NAC001）" in re.sub(r"\n\s*", "", person.gets(kind).text)
    browser.opens(stale)
    assert browser.driver.find_elements("css selector", "button.danger") == []
    assert "取り下げられました" in browser.text(".flash")


def test_withdrawing_what_was_corrected_meanwhile(
    browser: Chromium, office: DeskUnderTest, log_in: LogIn, receipts: dict[str, str]
) -> None:
    log_in(f"/applications/{receipts['asked']}")
    browser.follows("申込みを取り下げる")
    taro, _ = people(office)
    taro.sends(f"修正 {receipts['asked']}\n備考：至急お願いします\n", f"修正 {receipts['asked']}")
    assert office.application(receipts["asked"]).state is State.RECEIVED
    browser.presses("button.danger")
    assert "取下げは行っていません" in browser.text(".flash.bad")
    assert office.application(receipts["asked"]).state is State.RECEIVED


def test_in_english(browser: Chromium, office: DeskUnderTest, log_in: LogIn) -> None:
    bob = office.person("Bob Broker", "bob@skyforwarding.example")
    bob.sends(ENGLISH_FORM, "Password initialisation")
    number = bob.gets("received").receipt
    log_in(code="SKY001")
    assert "There is nothing for you to do" in browser.text(".flash")
    browser.follows(number)
    assert "We are reviewing your application" in browser.text(".flash")
    assert re.search("[ぁ-ん]", browser.text("main")) is None


def test_many_applications_are_shown_page_by_page(browser: Chromium, office: DeskUnderTest, log_in: LogIn) -> None:
    numbers = many(office)
    log_in()
    seen = set(re.findall(r"\b\d{7}[ABC]\b", browser.text("#current + .scroll") + browser.text("#past + .scroll")))
    browser.follows("古いお申込み")
    older = set(re.findall(r"\b\d{7}[ABC]\b", browser.text("#past + .scroll")))
    assert seen | older == set(numbers) and not seen & older
    browser.follows("最新のお申込みへ")
    assert browser.path() == "/applications"


def test_long_names_and_no_application(browser: Chromium, office: DeskUnderTest, log_in: LogIn) -> None:
    with_long_names(office)
    browser.shows(PHONE)
    log_in()
    assert "（夜間窓口）" in browser.text("h1") and browser.overflow() == 0
    assert "お申込みは、まだありません。" in browser.text("main")


def test_the_papers_are_given_to_the_office_alone(
    browser: Chromium, office: DeskUnderTest, base: str, log_in: LogIn, receipts: dict[str, str]
) -> None:
    """What a browser downloads is in tests/runners/test_office_papers.py."""
    paper = f"/applications/{receipts['in_effect']}/approval.pdf"
    log_in(paper, code="NAC002")
    browser.opens(f"{base}{paper}")
    assert "見つかりませんでした" in browser.text("main")


def test_on_paper(browser: Chromium, log_in: LogIn, receipts: dict[str, str]) -> None:
    log_in(f"/applications/{receipts['asked']}")
    browser.shows((794, 1123), medium="print")  # A4 at 96 dpi
    for selector in (".bar nav", ".acts", "#todo"):
        assert not browser.driver.find_element("css selector", selector).is_displayed(), selector
    assert browser.overflow() == 0
