"""`mailbot applications revoke|reopen`: what an operator undoes, and what is said when it is not possible."""

import json
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.clock import SystemClock
from mailbot.model.lifecycle import State
from tests.testkit.command_line import mailbot
from tests.testkit.contract_forms import MAILBOX
from tests.testkit.desk import FORM, open_desk_under_test
from tests.testkit.desk_folder import init


@pytest.fixture(scope="module")
def numbers(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str, str]:
    """A folder with a desk that has approved a mailbox and a password today; the two receipt numbers."""
    folder = tmp_path_factory.mktemp("desk")
    init(folder, "--sample")
    desk = open_desk_under_test(folder)
    desk.clock.advance(SystemClock().now() - desk.clock.now())
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    ichiro = desk.person("審査 一郎", "ichiro@desk.example")
    found = []
    wish = desk.clock.now() + timedelta(days=40)
    for form in (MAILBOX.replace("20261210", f"{wish:%Y%m%d}"), FORM):
        assert taro.sends(form).reason == "submitted"
        found.append(taro.mails[-1].receipt)
        assert ichiro.replies(ichiro.mails[-1], "承認\n").reason == "approved"
        assert desk.application(found[-1]).state is State.COMPLETED
    desk.store.close()
    return folder, *found


def test_reopen(numbers: tuple[Path, str, str]) -> None:
    folder, mailbox, password = numbers
    why = ("--reason", "数の確認が済んでいない")
    assert "Missing option '--reason'" in mailbot(folder, "applications", "reopen", mailbox, code=2)
    assert "the reason is empty" in mailbot(folder, "applications", "reopen", mailbox, "--reason", " ", code=2)
    done = json.loads(mailbot(folder, "--json", "applications", "reopen", mailbox, *why))
    assert (done["number"], done["state"], len(done["erased"])) == (mailbox, "received", 1)
    assert "is not approved, but received" in mailbot(folder, "applications", "reopen", mailbox, *why, code=2)
    assert "has no 利用開始日" in mailbot(folder, "applications", "reopen", password, *why, code=2)
    assert "no application 2699999C" in mailbot(folder, "applications", "reopen", "2699999C", *why, code=2)
    assert "expected e.g." in mailbot(folder, "applications", "reopen", "x", *why, code=2)
    shown = mailbot(folder, "applications", "show", mailbox)
    assert "reopen → received" in shown and why[1] in shown
    assert f"took the approval of {mailbox} back: {why[1]}" in mailbot(folder, "audit", "list")


def test_revoke(numbers: tuple[Path, str, str]) -> None:
    folder, _, password = numbers
    assert "erased the passwords of 1ANACA0A" in mailbot(folder, "applications", "revoke", password)
    assert "has no passwords" in mailbot(folder, "applications", "revoke", password, code=2)
