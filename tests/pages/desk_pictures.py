"""Pictures of the desk's own pages: `python -m tests.pages.desk_pictures FOLDER`."""

import sys
import tempfile
from pathlib import Path
from urllib.parse import quote

from selenium.webdriver.common.by import By

from mailbot.model.inquiry import InquiryState
from mailbot.records.inquiries import inquiries
from mailbot.records.queues import outbox, quarantined
from tests.pages.page_pictures import draw_page, shoot
from tests.testkit.chromium import DESK, Chromium, chromium
from tests.testkit.desk import DeskUnderTest, open_desk_under_test
from tests.testkit.desk_scenes import busy_desk, logs_in, mails_to_look_at, somebody
from tests.testkit.office_scenes import QUESTION, served
from tests.testkit.register_scenes import changed_register, sends_file


def draw(browser: Chromium, into: Path) -> None:
    """Every page at both widths: log-in, today, queue, an application, mails, audit log, log-ins, register; some also dark."""
    with tempfile.TemporaryDirectory() as name:
        desk = open_desk_under_test(Path(name))
        numbers = busy_desk(desk)
        one = somebody(desk)
        with served(desk) as base:
            application = f"{base}/desk/applications/{numbers['received']}"
            draw_page(browser, application, into / "log-in")
            browser.shows(DESK)
            logs_in(browser, one, application)
            draw_page(browser, application, into / "application", dark=True)
            draw_page(browser, f"{base}/desk/today", into / "today", dark=True)
            for what in ("queue", "audit", "log-ins", "account"):
                draw_page(browser, f"{base}/desk/{what}", into / what)
            browser.shows(DESK)
            browser.opens(application)
            browser.driver.find_element(By.CSS_SELECTOR, "input[value=ask]").click()
            browser.types("words", QUESTION)
            browser.presses("aside .main")
            shoot(browser, into / "confirm")
            draw_mails(browser, desk, base, into)
            draw_register(browser, desk, base, into)


def draw_mails(browser: Chromium, desk: DeskUnderTest, base: str, into: Path) -> None:
    """The mail log with a search, a mail, quarantine and newcomers with what would be done, failed notices, inquiries."""
    mails_to_look_at(desk)
    desk.person("通関 五郎", "goro@naxtrade.example").sends("担当者が代わりました。", "担当者交代のご連絡（NAC001）")
    with desk.store.transaction():
        outbox.record_bounce(2, "550 5.1.1 User unknown", desk.clock.now())
    with desk.store.reading():
        waiting = quarantined.select()
        (inquiry, *_) = inquiries.listing(InquiryState.OPEN)
    newcomer = next(one.number for one in waiting if one.office)
    pages = {
        "log": "log",
        "log-search": f"log?q={quote('担当者交代')}",
        "mail": "mails/1",
        "quarantine": "quarantine",
        "newcomers": "quarantine/newcomers",
        "newcomer": f"quarantine/newcomers/{newcomer}",
        "outbox": "outbox",
        "inquiries": "inquiries",
        "inquiry": f"inquiries/{inquiry.mail_id}",
    }
    for what, path in pages.items():
        draw_page(browser, f"{base}/desk/{path}", into / what, dark=what in ("log", "mail"))
    for what, path, button in (
        ("quarantine-preview", "quarantine", "button[name=one]"),
        ("outbox-stop", "mails/n2", "button.danger"),
    ):
        browser.shows(DESK)
        browser.opens(f"{base}/desk/{path}")
        browser.presses(button)
        shoot(browser, into / what)


def draw_register(browser: Chromium, desk: DeskUnderTest, base: str, into: Path) -> None:
    """Offices, one of them, and an import: its form, its differences, and what it has changed."""
    for what, path in {"register": "", "office": "/offices/NAC001", "import": "/import"}.items():
        draw_page(browser, f"{base}/desk/register{path}", into / what)
    with tempfile.TemporaryDirectory() as name:
        sends_file(browser, base, changed_register(desk, Path(name)))
    shoot(browser, into / "import-differences")
    browser.presses("button[value=apply]")
    shoot(browser, into / "import-done")


if __name__ == "__main__":
    with chromium() as one:
        draw(one, Path(sys.argv[1]))
