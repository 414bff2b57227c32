"""The passwords of an approval are made and hashed before its transaction, however it is given."""

from datetime import date

import pytest

from mailbot.model.desk_login import DeskRole
from mailbot.model.lifecycle import State
from mailbot.records.secrets import vault
from mailbot.records.secrets.keyring import Keyring
from tests.testkit.contract_forms import MAILBOX, approve, at
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.desk_browser import ICHIRO, logged_in


@pytest.fixture
def hashed(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each hash whether it was computed in a transaction."""
    found: list[bool] = []
    real = vault._hash

    def noted(password: str, salt: bytes) -> bytes:
        found.append(desk.store._connection.writing)
        return real(password, salt)

    add_key = Keyring.add_key

    def added(keys: Keyring, last: date) -> str:
        assert desk.store._connection.exclusive  # else of two keys that are added at once one is lost
        return add_key(keys, last)

    monkeypatch.setattr(vault, "_hash", noted)
    monkeypatch.setattr(Keyring, "add_key", added)
    return found


@pytest.mark.parametrize("form", [FORM, MAILBOX], ids=["パスワード初期化", "メールボックスの追加・廃止"])
def test_by_a_reply(desk: DeskUnderTest, taro: Person, ichiro: Person, hashed: list[bool], form: str) -> None:
    taro.sends(form)
    approve(desk, ichiro)
    assert hashed and True not in hashed


def test_by_lines_of_a_digest(desk: DeskUnderTest, taro: Person, ichiro: Person, hashed: list[bool]) -> None:
    for number in ("A0A", "A0B", "A01"):
        taro.sends(FORM.replace("識別番号：A0A", f"識別番号：{number}"))
    at(desk, 2026, 11, 20, 23, 0)
    digest = next(got for got in ichiro.mails if got.kind == "digest")
    ichiro.replies(digest, "2600001C 承認\n2600002C 承認\n2600003C 確認依頼 番号は？\n")
    assert hashed == [False, False]


async def test_on_a_page(desk: DeskUnderTest, taro: Person, hashed: list[bool]) -> None:
    taro.sends(FORM)
    async with logged_in(desk, ICHIRO, DeskRole.REVIEWER) as browser:
        await browser.sends("/desk/applications/2600001C/decide", do="approve", revision="1")
    assert desk.application("2600001C").state is State.COMPLETED
    assert hashed == [False]
