"""Mails on the desk's pages in Chromium: what a hostile one can do (nothing), and whether everybody can use the pages."""

import socket
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass

import pytest
from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By

from mailbot.records.queues import outbox
from tests.browser.test_accessibility import judged
from tests.testkit.chromium import PHONE, Chromium, chromium
from tests.testkit.desk import DeskUnderTest
from tests.testkit.desk_scenes import busy_desk, hostile_mails, logs_in, mails_to_look_at, somebody

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("chromium")]


@pytest.fixture(scope="module")
def one_browser(chromium_is_there: None) -> Iterator[Chromium]:
    """One that runs scripts: those of a mail would run, too."""
    with chromium() as one:
        yield one


@dataclass(frozen=True)
class Elsewhere:
    """Another server that the browser can reach: whoever connects is in its backlog, whatever is asked for."""

    socket: socket.socket

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.socket.getsockname()[1]}"

    def heard(self) -> list[bytes]:
        """What each connection has asked for, b"" for one that was only opened in advance."""
        found: list[bytes] = []
        self.socket.settimeout(0.5)
        with suppress(TimeoutError):
            while True:
                connection, _ = self.socket.accept()
                with connection:
                    connection.settimeout(0.2)
                    found.append(b"")
                    with suppress(TimeoutError):
                        found[-1] = connection.recv(1_000)
        return found


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    with socket.create_server(("127.0.0.1", 0), backlog=100) as listening:
        yield Elsewhere(listening)


def test_the_other_server_would_notice(browser: Chromium, elsewhere: Elsewhere) -> None:
    browser.driver.set_page_load_timeout(1)
    with suppress(TimeoutException):  # it does not answer
        browser.opens(f"{elsewhere.url}/a")
    browser.driver.set_page_load_timeout(300)
    assert any(elsewhere.heard())
    browser.console(), browser.requested()


def test_a_hostile_mail_asks_for_nothing_and_runs_nothing(
    browser: Chromium, base: str, office: DeskUnderTest, elsewhere: Elsewhere
) -> None:
    """In its frame and opened alone: no request but to the desk, no script, no dialog, and the reader stays."""
    numbers = hostile_mails(office, elsewhere.url)
    logs_in(browser, somebody(office), f"{base}/desk/log")
    browser.requested()
    for name, number in numbers.items():
        for path in (f"/desk/mails/{number}", f"/desk/mails/{number}/html"):
            browser.opens(f"{base}{path}")
            assert browser.path() == path, name
            assert browser.driver.title.startswith("様式"), name
        assert browser.driver.find_elements(By.CSS_SELECTOR, "script, iframe, form, input, object, embed, link") == []
        assert "様式をお願いします" in browser.text("body"), name
    assert {url for url in browser.requested() if url.startswith("http") and not url.startswith(f"{base}/")} == set()
    assert elsewhere.heard() == []


def test_what_the_frame_forbids_does_not_rest_on_the_allow_list(
    browser: Chromium, base: str, office: DeskUnderTest, elsewhere: Elsewhere, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With the HTML as it came, the policy of the page alone keeps it from running, loading and leading away.

    It does not keep Chromium from opening connections in advance; the allow-list does.
    """
    monkeypatch.setattr("mailbot.desk.pages.mail_pages.safe_html", lambda page: page)
    numbers = hostile_mails(office, elsewhere.url)
    logs_in(browser, somebody(office), f"{base}/desk/log")
    for name, number in numbers.items():
        for path in (f"/desk/mails/{number}", f"/desk/mails/{number}/html"):
            browser.opens(f"{base}{path}")
            assert (browser.path(), browser.driver.title != "ran") == (path, True), name
    browser.console(), browser.requested()  # the complaints of the policy, and the requests that it has stopped
    assert not any(elsewhere.heard())


def test_every_page_of_mails_can_be_used_by_everybody(
    browser: Chromium, axe: str, base: str, office: DeskUnderTest
) -> None:
    busy_desk(office)
    mails_to_look_at(office)
    found = []
    logs_in(browser, somebody(office), f"{base}/desk/log")
    paths = [
        "log",
        "log?q=費用&state=passed_on",
        "log?since=x",
        "mails/1",
        "mails/n2",
        "mails/19",
        "quarantine",
        "quarantine/newcomers",
        "quarantine/newcomers/17",
        "outbox",
        "outbox?undone=stopped",
    ]
    paths += ["inquiries", "inquiries/19", "register", "register/offices/NAC001", "register/schedule"]
    for path in paths:
        browser.opens(f"{base}/desk/{path}")
        found += judged(browser, axe, path)
        browser.shows(PHONE)
        assert browser.overflow() == 0, path
    browser.opens(f"{base}/desk/quarantine")
    browser.driver.find_element(By.NAME, "mail").click()
    browser.presses(".bulk button[value=release]")
    found += judged(browser, axe, "preview")
    browser.presses("main .main")
    found += judged(browser, axe, "released")
    browser.opens(f"{base}/desk/quarantine")
    browser.driver.find_element(By.NAME, "mail").click()
    browser.presses("button[value=discard]")
    browser.types("because", "宣伝")
    browser.presses("main .danger")
    assert "破棄しました" in browser.text(".flash")
    browser.opens(f"{base}/desk/inquiries/19")
    browser.types("words", "台帳でお直しします。")
    browser.presses("main .main")
    assert "送る列に入れました" in browser.text(".flash")
    found += judged(browser, axe, "answered")
    with office.store.transaction():
        outbox.record_bounce(2, "550 5.1.1 User unknown", office.clock.now())
    browser.opens(f"{base}/desk/mails/n2")
    browser.presses("main button.danger")
    found += judged(browser, axe, "to be stopped")
    browser.types("because", "電話でお伝えした")
    browser.presses("main .danger")
    assert "送信を取りやめました" in browser.text(".flash")
    assert found == []
    for person in office.people.values():
        person.forgets()
