"""A real Chromium, and the pages of a desk for it."""

import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import pytest

from mailbot.records.database import open_store
from tests.testkit.chromium import DESK, PROGRAMS, Chromium, chromium
from tests.testkit.desk import DeskUnderTest, open_desk_under_test
from tests.testkit.office_scenes import PASSWORDS, lived_in, served
from tests.testkit.records import URL
from tests.testkit.servers import needed

AXE = Path(__file__).parent / "node_modules" / "axe-core" / "axe.min.js"


@pytest.fixture(scope="session")
def chromium_is_there() -> None:
    """Skip what needs Chromium where it is not installed; in CI that is a failure."""
    for program, package in PROGRAMS.items():
        needed(program, package)


@pytest.fixture(scope="session")
def axe() -> str:
    """axe-core, which judges whether everybody can use a page."""
    if not AXE.is_file():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{AXE} is missing: make axe installs it")
        pytest.skip("axe-core is missing (make axe): the pages are not judged")
    return AXE.read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def one_browser(chromium_is_there: None) -> Iterator[Chromium]:
    """One that runs no script of any page."""
    with chromium(scripts=False) as one:
        yield one


@pytest.fixture
def browser(one_browser: Chromium) -> Iterator[Chromium]:
    """Without cookies, on a screen of 1280 × 800.  Whatever the test does: it asks no other machine, and is content."""
    one_browser.shows(DESK)
    one_browser.forgets()
    yield one_browser
    assert {host.partition(":")[0] for host in one_browser.requested_hosts()} <= {"127.0.0.1"}
    assert one_browser.complaints() == []


@dataclass(frozen=True)
class Template:
    """The folder of a desk with an application in each state: made once, and copied for each test."""

    folder: Path
    receipts: dict[str, str]
    now: datetime


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Template:
    folder = tmp_path_factory.mktemp("office")
    desk = open_desk_under_test(folder)
    receipts = lived_in(desk)
    desk.store.close()
    return Template(folder, receipts, desk.clock.now())


@pytest.fixture
def office(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[DeskUnderTest]:
    """A desk with the sample register; nothing is applied for, unless the test asks for the `receipts`."""
    folder = tmp_path / "office"
    if "receipts" not in request.fixturenames:
        folder.mkdir()
        desk = open_desk_under_test(folder)
    else:
        made: Template = request.getfixturevalue("template")
        shutil.copytree(made.folder, folder)
        desk = open_desk_under_test(folder, seed=2, store=open_store(URL, folder))
        desk.clock.advance(made.now - desk.clock.now())
    yield desk
    desk.store.close()


@pytest.fixture
def receipts(template: Template) -> dict[str, str]:
    """The numbers of the applications of NAC001, by what they are."""
    return template.receipts


@pytest.fixture
def base(office: DeskUnderTest) -> Iterator[str]:
    """The URL of the pages."""
    with served(office) as url:
        yield url


@pytest.fixture
def log_in(browser: Chromium, base: str) -> Callable[..., None]:
    """Type code and password of an office on the page that is open, or on the first one."""

    def typed(path: str = "/", code: str = "NAC001", password: str = "") -> None:
        if path:
            browser.opens(f"{base}{path}")
        browser.types("code", code)
        browser.types("password", password or PASSWORDS[code])
        browser.presses(".main")

    return typed
