"""The desk's own pages in Chromium: at two widths, light and dark, and what somebody does there without a mouse."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from mailbot.model.lifecycle import State
from tests.browser.test_accessibility import judged
from tests.testkit.chromium import PHONE, Chromium, chromium
from tests.testkit.desk import DeskUnderTest
from tests.testkit.desk_scenes import busy_desk, logs_in, somebody
from tests.testkit.register_scenes import changed_register, sends_file

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("chromium")]
ASKED = "今回も必要か、ご確認をお願いいたします。"


@pytest.fixture(scope="module")
def one_browser(chromium_is_there: None) -> Iterator[Chromium]:
    """One that runs scripts: axe-core is one."""
    with chromium() as one:
        yield one


@pytest.fixture
def numbers(office: DeskUnderTest) -> dict[str, str]:
    return busy_desk(office)


def test_every_page_can_be_used_by_everybody(
    browser: Chromium, axe: str, base: str, office: DeskUnderTest, numbers: dict[str, str], tmp_path: Path
) -> None:
    one, found = somebody(office), []
    page = f"/desk/applications/{numbers['received']}"
    browser.opens(f"{base}{page}")
    found += judged(browser, axe, "log-in")
    logs_in(browser, one, f"{base}{page}")
    assert browser.path() == page
    paths = ["/desk/today", "/desk/queue", "/desk/queue?who=asked", "/desk/queue?office=SKY001", "/desk/audit"]
    paths += ["/desk/log-ins", "/desk/account", "/desk/applications/2699999C"]
    for path in [*paths, *(f"/desk/applications/{number}" for number in numbers.values())]:
        browser.opens(f"{base}{path}")
        found += judged(browser, axe, path)
    browser.opens(f"{base}{page}")
    browser.driver.find_element(By.CSS_SELECTOR, "input[value=ask]").click()
    browser.types("words", ASKED)
    browser.presses("aside .main")
    found += judged(browser, axe, "confirm")
    browser.presses("main .main")
    found += judged(browser, axe, "done")
    browser.opens(f"{base}/desk/queue")
    browser.presses("button[value=approve]")
    found += judged(browser, axe, "nothing ticked")
    for path in ("", "/offices/NAC001", "/reviewers", "/schedule", "/imports", "/import"):
        browser.opens(f"{base}/desk/register{path}")
        found += judged(browser, axe, f"register{path}")
    sends_file(browser, base, changed_register(office, tmp_path))
    found += judged(browser, axe, "differences")
    browser.presses("button[value=look]")
    browser.presses("button[value=apply]")
    found += judged(browser, axe, "imported")
    browser.presses("main .acts a")
    found += judged(browser, axe, "undo")
    browser.presses("button[value=apply]")
    assert "元に戻す" in browser.text("h1")
    browser.opens(f"{base}/desk/register/imports")
    found += judged(browser, axe, "imports")
    broken = tmp_path / "broken.csv"
    broken.write_text("entry\n", encoding="utf-8")
    sends_file(browser, base, broken)
    found += judged(browser, axe, "mistakes")
    assert found == []


def test_an_application_is_decided_with_the_keyboard_alone(
    browser: Chromium, base: str, office: DeskUnderTest, numbers: dict[str, str]
) -> None:
    """On a telephone's width: the link to the answer, the choice, the words, the last look."""
    browser.shows(PHONE)
    number = numbers["received"]
    logs_in(browser, somebody(office), f"{base}/desk/applications/{number}")
    browser.keys(Keys.ENTER, into=".jump a")
    assert browser.path().endswith(number) and browser.scrolled() > 0
    browser.driver.find_element(By.CSS_SELECTOR, "input[value=ask]").send_keys(Keys.SPACE)
    browser.driver.switch_to.active_element.send_keys(Keys.TAB, ASKED, Keys.TAB)
    browser.keys(Keys.ENTER)
    assert "確認を依頼します" in browser.text("h1")
    assert "taro@naxtrade.example" in browser.text("main") and ASKED in browser.text(".words")
    assert office.application(number).state is State.RECEIVED
    browser.keys(Keys.ENTER, into="main .main")
    assert "確認を依頼しました" in browser.text(".flash")
    assert office.application(number).state is State.NEEDS_CONFIRMATION
    for person in office.people.values():
        person.forgets()
