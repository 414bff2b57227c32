"""An operator's ten questions, each answered from 本日 in at most three clicks, in Chromium; typing is not counted."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By

from mailbot.desk.operators.applications import find_application, reveal_passwords
from mailbot.records.queues import outbox, quarantined
from mailbot.records.register import imports, offices
from tests.testkit.chromium import Chromium, chromium
from tests.testkit.desk import DeskUnderTest
from tests.testkit.desk_browser import LogIn
from tests.testkit.desk_scenes import busy_desk, logs_in, mails_to_look_at, somebody
from tests.testkit.register_scenes import changed_register, sends_file
from tests.testkit.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("chromium")]
MOST_CLICKS = 3


@pytest.fixture(scope="module")
def one_browser(chromium_is_there: None) -> Iterator[Chromium]:
    with chromium() as one:
        yield one


@dataclass
class Operator:
    """Somebody at the browser who counts the clicks since 本日."""

    browser: Chromium
    base: str
    clicks: int = 0

    def asks(self) -> None:
        self.browser.opens(f"{self.base}/desk/today")
        self.clicks = 0

    def follows(self, words: str) -> None:
        self.clicks += 1
        self.browser.follows(words)

    def presses(self, selector: str) -> None:
        self.clicks += 1
        self.browser.presses(selector)

    def types(self, field: str, text: str) -> None:
        self.browser.types(field, text)

    def reads(self, *words: str) -> None:
        """These words are on the page, after three clicks at most."""
        shown = self.browser.text("main")
        assert [one for one in words if one not in shown] == [], shown
        assert self.clicks <= MOST_CLICKS


@dataclass(frozen=True)
class Morning:
    """The desk one morning: what the questions are about."""

    desk: DeskUnderTest
    numbers: dict[str, str]  # receipt numbers by what they are
    login: LogIn


@pytest.fixture
def morning(browser: Chromium, base: str, office: DeskUnderTest, tmp_path: Path) -> Morning:
    """Yesterday's import, a look at passwords, a quarantined mail, a failed notice, and taro's mail at 10:12."""
    numbers = busy_desk(office)
    one = somebody(office)
    logs_in(browser, one, f"{base}/desk/today")
    sends_file(browser, base, changed_register(office, tmp_path))
    browser.presses("button[value=apply]")
    office.passes(days=1)
    mails_to_look_at(office)
    now = office.clock.now()
    reveal_passwords(find_application(numbers["viewable"]), "root", now, office.context)
    office.deliver()
    with office.store.transaction():
        outbox.record_bounce(1, "550 5.1.1 User unknown", now)
    office.clock.advance(now.replace(hour=1, minute=12, second=0, microsecond=0) - now)  # 10:12 in Tokyo
    office.person("通関 太郎", "taro@naxtrade.example").sends("状況", "いまの状況")
    for person in office.people.values():
        person.forgets()
    office.passes(minutes=30)
    logs_in(browser, one, f"{base}/desk/today")
    return Morning(office, numbers, one)


def who_waits_longest(one: Operator, morning: Morning) -> None:
    one.reads("最も長くお待ちの方")
    one.follows("を開く")
    one.reads("通関 太郎", "審査の回答")


def what_became_of_taros_mail(one: Operator, morning: Morning) -> None:
    one.types("f-q", "いまの状況 taro")
    one.presses("main form.filter button")
    one.reads("10:12", "自動回答", "進行状況を返信しました")
    one.presses("table.rows th a")
    one.reads("このメールに対して送ったメール", "配信済み")


def why_is_it_quarantined_and_release_it(one: Operator, morning: Morning) -> None:
    one.follows("処理していないメール")
    one.reads("物流セミナー", "一斉送信・自動送信のメールです")
    one.presses("button[name=one]")
    one.reads("1通を処理しますか")
    one.presses("main .main")
    one.reads("処理の列に戻しました")
    with morning.desk.store.reading():
        assert len(quarantined.select()) == 1


def which_notices_failed(one: Operator, morning: Morning) -> None:
    one.follows("再送中")
    one.reads("550 5.1.1 User unknown", "台帳のアドレスを直して")


def mails_of_an_office_last_month(one: Operator, morning: Morning) -> None:
    one.follows("台帳")
    one.follows("ナックス商事")
    one.follows("先月のメール")
    one.reads("NAC001", "2026-11-01", "2026-11-30", "受付完了")
    assert "12/" not in one.browser.text("table.rows")


def find_a_word(one: Operator, morning: Morning) -> None:
    one.types("f-q", "担当者交代")
    one.presses("main form.filter button")
    one.reads("担当者交代の件", "担当者へ取次ぎ")


def export_it(one: Operator, morning: Morning, folder: Path) -> None:
    one.browser.driver.execute_cdp_cmd(
        "Browser.setDownloadBehavior", {"behavior": "allow", "downloadPath": str(folder)}
    )
    find_a_word(one, morning)
    one.clicks += 1
    one.browser.driver.find_element(By.PARTIAL_LINK_TEXT, "CSV").click()
    until(lambda: bool(list(folder.glob("mail-log-*.csv"))), "the CSV file is there")
    (file,) = folder.glob("mail-log-*.csv")
    one.reads("担当者交代の件")
    text = file.read_text(encoding="utf-8")
    assert "担当者交代の件" in text and "いまの状況" not in text


def figures_of_this_week(one: Operator, morning: Morning) -> None:
    one.reads("今週（月曜日から）")
    assert re.search(r"受付 5\s承認 2\s受信したメール 14", one.browser.text("main h2 + p"))
    one.browser.driver.find_element(By.CSS_SELECTOR, ".plots summary").click()
    one.clicks += 1
    one.reads("受け付けた申込みと承認した申込み")


def who_looked_at_the_passwords(one: Operator, morning: Morning) -> None:
    one.follows("操作の記録")
    one.types("f-subject", f"application {morning.numbers['viewable']}")
    one.presses("main form.filter button")
    one.reads("root", f"looked at the passwords of {morning.numbers['viewable']}")


def undo_yesterdays_import(one: Operator, morning: Morning) -> None:
    one.follows("台帳")
    one.reads("最後の取り込み", "register-20261201.csv")
    one.follows("元に戻す")
    one.presses("button[value=apply]")
    with morning.desk.store.reading():
        done = imports.find(imports.last_finished())
        found = offices.office("NAC001")
    assert done is not None and done.undoes is not None
    assert found is not None and "緑川 遥" not in [contact.name for contact in found.contacts]
    one.reads("元に戻す")


QUESTIONS: tuple[Callable[[Operator, Morning], None], ...] = (
    who_waits_longest,
    what_became_of_taros_mail,
    why_is_it_quarantined_and_release_it,
    which_notices_failed,
    mails_of_an_office_last_month,
    find_a_word,
    figures_of_this_week,
    who_looked_at_the_passwords,
    undo_yesterdays_import,
)


def test_each_question_takes_at_most_three_clicks(
    browser: Chromium, base: str, morning: Morning, tmp_path: Path
) -> None:
    one = Operator(browser, base)
    for question in QUESTIONS:
        one.asks()
        question(one, morning)
    one.asks()
    export_it(one, morning, tmp_path)
    for person in morning.desk.people.values():
        person.forgets()
