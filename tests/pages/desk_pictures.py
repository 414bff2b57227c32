"""Pictures of the desk's own pages: `python -m tests.pages.desk_pictures FOLDER`."""

import sys
import tempfile
from pathlib import Path

from selenium.webdriver.common.by import By

from tests.pages.page_pictures import draw_page, shoot
from tests.testkit.chromium import DESK, Chromium, chromium
from tests.testkit.desk import DeskUnderTest, open_desk_under_test
from tests.testkit.desk_scenes import busy_desk, logs_in, somebody
from tests.testkit.office_scenes import QUESTION, served
from tests.testkit.register_scenes import changed_register, sends_file


def draw(browser: Chromium, into: Path) -> None:
    """Log-in, today, queue, an application and its last look, audit log, log-ins and the register, at both widths; some also dark."""
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
            draw_register(browser, desk, base, into)


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
