"""A register file as an operator sends it back: rows changed, added, missing and damaged; and a browser that sends it."""

from dataclasses import replace
from pathlib import Path

from selenium.webdriver.common.by import By

from mailbot.model.people import ApplicantContact
from mailbot.records.register import imports, offices
from mailbot.register_files.register_file import write_register
from tests.testkit.chromium import Chromium
from tests.testkit.desk import DeskUnderTest


def changed_register(desk: DeskUnderTest, folder: Path) -> Path:
    """The exported register with: 髙 for 通 and another address, a new contact, a missing mailbox and a lost 0."""
    with desk.store.reading():
        register = replace(offices.load_register(), written_at=desk.clock.now(), last_import=imports.last_finished())
    first, second, *others = register.offices
    chief = replace(first.administrator, phone=first.administrator.phone[1:])
    contacts = tuple(replace(one, name=one.name.replace("通", "髙")) for one in first.contacts)
    new = ApplicantContact(name="緑川 遥", kana="ミドリカワ ハルカ", phone="0312345678", email="haruka@new.example")
    first = replace(
        first, address="東京都江東区新木場2-2-10", administrator=chief, contacts=(*contacts, new), mailboxes=()
    )
    path = folder / "register-20261201.csv"
    write_register(replace(register, offices=(first, replace(second, customs="東京税"), *others)), path)
    return path


def sends_file(browser: Chromium, base: str, path: Path) -> None:
    """Choose a file in the form, and press the button."""
    browser.opens(f"{base}/desk/register/import")
    browser.driver.find_element(By.ID, "file").send_keys(str(path))
    browser.presses("main .main")
