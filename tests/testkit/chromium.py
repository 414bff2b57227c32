"""A real browser: Debian's Chromium without a window, driven over WebDriver.  It can reach nothing but this machine."""

import base64
import json
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any
from urllib.parse import urlsplit

from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

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

    def height(self) -> int:
        """The height of what the page shows, in CSS pixels."""
        return int(self.driver.execute_script("return Math.ceil(document.body.getBoundingClientRect().bottom)"))

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

    def requested(self) -> list[str]:
        """The URLs that were requested since the last call, of whatever kind."""
        events = [json.loads(entry["message"])["message"] for entry in self.driver.get_log("performance")]
        return [e["params"]["request"]["url"] for e in events if e["method"] == "Network.requestWillBeSent"]

    def requested_hosts(self) -> set[str]:
        """The hosts of `requested`."""
        return {urlsplit(url).netloc for url in self.requested()}


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
