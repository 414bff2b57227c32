"""Every page at two widths, light and dark: axe-core finds nothing, nothing is cut off, nothing is asked from outside."""

import json
from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest

from tests.testkit.chromium import DESK, PHONE, Chromium, chromium
from tests.testkit.desk import DeskUnderTest

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("chromium")]
LOOKS = [(size, dark) for size in (DESK, PHONE) for dark in (False, True)]
# With the rules beyond WCAG 2.2 AA that axe-core calls best practice.
RUN = "axe.run(document, {resultTypes: ['violations']}).then(arguments[0])"


@pytest.fixture(scope="module")
def one_browser(chromium_is_there: None) -> Iterator[Chromium]:
    """One that runs scripts: axe-core is one."""
    with chromium() as one:
        yield one


def judged(browser: Chromium, axe: str, name: str) -> list[str]:
    """What is wrong with the page that is open, in each look."""
    found = []
    for size, dark in LOOKS:
        browser.shows(size, dark=dark)
        browser.driver.execute_script(axe)
        violations = browser.driver.execute_async_script(RUN)["violations"]
        where = f"{name} {size[0]}{' dark' if dark else ''}"
        found += [f"{where}: {one['id']}: {json.dumps([n['html'] for n in one['nodes'][:2]])}" for one in violations]
        found += [f"{where}: {browser.overflow()} px beyond the screen"] if browser.overflow() else []
    return found


def test_pages_of_an_office(
    browser: Chromium, axe: str, base: str, log_in: Callable[..., None], receipts: dict[str, str]
) -> None:
    log_in()
    number = receipts["asked"]
    paths = ["/applications", "/password", f"/applications/{number}/withdrawal", "/applications/2699999C"]
    found = []
    for path in [*paths, *(f"/applications/{one}" for one in receipts.values())]:
        browser.opens(f"{base}{path}")
        found += judged(browser, axe, path)
    browser.opens(f"{base}/applications/{receipts['viewable']}")
    browser.presses("tr button")
    found += judged(browser, axe, "a password")
    assert found == []


def test_pages_before_the_log_in(
    browser: Chromium, axe: str, base: str, office: DeskUnderTest, log_in: Callable[..., None], receipts: dict[str, str]
) -> None:
    found = []
    for path in ("/", f"/applications/{receipts['asked']}", "/link/abcdefghijklmnop", "/nowhere"):
        browser.opens(f"{base}{path}")
        found += judged(browser, axe, path)
    while "一時停止しています" not in browser.text(".bad"):
        log_in("/", password="guess")
    found += judged(browser, axe, "paused")
    office.clock.advance(timedelta(minutes=20))
    log_in("/", code="SKY001")
    found += judged(browser, axe, "in English")
    assert found == []
