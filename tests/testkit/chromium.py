"""A real browser: Debian's Chromium without a window, driven over WebDriver.  It can reach nothing but this machine."""

import base64
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By

from tests.testkit.waiting import until

PHONE = (375, 667)  # CSS pixels: a telephone's screen
DESK = (1280, 800)  # CSS pixels
PROGRAMS = {"chromium": "chromium", "chromedriver": "chromium-driver"}  # program → Debian's package
_ARGUMENTS = (
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-extensions",
    "--disable-sync",
    "--hide-scrollbars",
    "--no-first-run",
    "--force-color-profile=srgb",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@dataclass(frozen=True)
class Chromium:
    """One browser.  `driver` is Selenium's, for what is not wrapped here."""

    driver: Any

    def shows(self, size: tuple[int, int], *, dark: bool = False, medium: str = "") -> None:
        """The size of the viewport in CSS pixels, the colours that the reader prefers, and `print` or ""."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": False}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": medium, "features": [scheme]})

    def opens(self, url: str) -> None:
        self.driver.get(url)

    def forgets(self) -> None:
        """Without cookies, and without what was logged."""
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.console()
        self.requested()

    def types(self, name: str, text: str) -> None:
        """Put `text` into the field with that id."""
        field = self.driver.find_element(By.ID, name)
        field.clear()
        field.send_keys(text)

    def presses(self, selector: str) -> None:
        """Click on the first element that a CSS selector names, and wait for where it leads."""
        self._leads_on(self.driver.find_element(By.CSS_SELECTOR, selector).click)

    def keys(self, *keys: str, into: str = "") -> None:
        """Type keys that lead on, into the first element that `into` names (else the one with the focus), and wait."""
        driver = self.driver
        field = driver.find_element(By.CSS_SELECTOR, into) if into else driver.switch_to.active_element
        self._leads_on(lambda: field.send_keys(*keys))

    def follows(self, words: str) -> None:
        """Click on the first link with these words, and wait for where it leads."""
        self._leads_on(self.driver.find_element(By.PARTIAL_LINK_TEXT, words).click)

    def _leads_on(self, click: Callable[[], object]) -> None:
        """`click`, until another document is there, or another part of the same one.

        WebDriver waits after some clicks, and never after keys.
        """
        url, root = self.driver.current_url, self.driver.find_element(By.TAG_NAME, "html")
        click()
        until(lambda: self.driver.current_url != url or is_gone(root), f"{url} to lead somewhere")
        until(lambda: self.driver.execute_script("return document.readyState") == "complete", "the page")

    def text(self, selector: str = "body") -> str:
        """The words of the first element that a CSS selector names, as a reader sees them; "" without one."""
        found = self.driver.find_elements(By.CSS_SELECTOR, selector)
        return str(found[0].text) if found else ""

    def path(self) -> str:
        """The path of the page that is open, with its query."""
        url = urlsplit(self.driver.current_url)
        return f"{url.path}{f'?{url.query}' if url.query else ''}"

    def height(self) -> int:
        """The height of what the page shows, in CSS pixels."""
        return int(self.driver.execute_script("return Math.ceil(document.body.getBoundingClientRect().bottom)"))

    def scrolled(self) -> int:
        """How many CSS pixels of the page are above the viewport."""
        return int(self.driver.execute_script("return window.scrollY"))

    def overflow(self) -> int:
        """How many CSS pixels of the page are to the right of the viewport: 0 unless it must be scrolled sideways."""
        script = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"
        return int(self.driver.execute_script(script))

    def picture(self, most: int = 20_000) -> bytes:
        """The whole page as PNG, at most `most` CSS pixels high."""
        width, height = self.driver.execute_script("return [window.innerWidth, document.documentElement.scrollHeight]")
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, most), "scale": 1}
        options = {"format": "png", "captureBeyondViewport": True, "clip": clip}
        return base64.b64decode(self.driver.execute_cdp_cmd("Page.captureScreenshot", options)["data"])

    def console(self) -> list[str]:
        """What the browser's console has said since the last call."""
        return [f"{entry['level']}: {entry['message']}" for entry in self.driver.get_log("browser")]

    def complaints(self) -> list[str]:
        """Of `console`, what is an error or a warning; an answer that is no 2xx, such as that to a log-in, is neither."""
        severe = [one for one in self.console() if not one.startswith(("DEBUG", "INFO"))]
        return [one for one in severe if "the server responded with a status of 4" not in one]

    def requested(self) -> list[str]:
        """The URLs that were requested since the last call, of whatever kind."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

    def requested_hosts(self) -> set[str]:
        """The hosts of `requested`, over whatever network protocol; not what the browser itself is made of."""
        own = ("chrome", "chrome-untrusted", "chrome-extension", "data", "about", "blob", "file")
        return {one.netloc for one in map(urlsplit, self.requested()) if one.scheme not in own}


def is_gone(element: Any) -> bool:
    """Whether the document that had `element` has been replaced."""
    try:
        element.is_enabled()
    except StaleElementReferenceException:
        return True
    except WebDriverException as error:  # chromedriver's answer while the next document is being put in its place
        if "does not belong to the document" not in str(error.msg):
            raise
        return True
    return False


@contextmanager
def chromium(*, language: str = "ja", scripts: bool = True) -> Iterator[Chromium]:
    """A browser with an empty profile.  `language`: what it asks for; `scripts`: whether pages may run any."""
    with TemporaryDirectory(prefix="mailbot-chromium-", ignore_cleanup_errors=True) as profile:
        options = Options()
        options.binary_location = shutil.which("chromium") or ""
        for argument in (*_ARGUMENTS, f"--user-data-dir={profile}", f"--accept-lang={language}", f"--lang={language}"):
            options.add_argument(argument)
        preferences: dict[str, object] = {"intl.accept_languages": language}
        if not scripts:
            preferences["profile.managed_default_content_settings.javascript"] = 2
        options.add_experimental_option("prefs", preferences)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        driver = webdriver.Chrome(options, Service(shutil.which("chromedriver")))
        try:
            yield Chromium(driver)
        finally:
            driver.quit()


def file_url(path: Path) -> str:
    """The URL of a file."""
    return path.resolve().as_uri()
