"""An older register file is imported: what the desk has registered since it was written is not lost."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from mailbot.desk.operations.quarantine import Operator, register_and_release
from mailbot.desk.operations.register_apply import Origin, apply
from mailbot.desk.operations.register_preview import preview
from mailbot.desk.website import login
from mailbot.desk.website.attempts import Client
from mailbot.desk.website.login import LoggedIn
from mailbot.model.contract import Office
from mailbot.records.register import offices
from mailbot.register_files.register_file import read_register, write_register
from tests.testkit.contract_forms import BROKER
from tests.testkit.desk import FORM, DeskUnderTest

GORO = "goro@naxtrade.example"
HERE = Client("203.0.113.5")
ENDINGS = pytest.mark.parametrize("ending", ["toml", "csv", "xlsx"])


def office() -> Office:
    found = offices.office("NAC001")
    assert found is not None
    return found


def exported(desk: DeskUnderTest, path: Path) -> Path:
    with desk.store.reading():
        write_register(replace(offices.load_register(), written_at=desk.clock.now()), path)
    desk.passes(seconds=1)
    return path


def imported(desk: DeskUnderTest, path: Path, *, prune: bool = True) -> list[str]:
    """What of the register stays although the file says otherwise."""
    with desk.store.reading():
        difference = preview(read_register(path), prune=prune)
    assert not difference.in_doubt
    assert not apply(difference, Origin("ops", path.name), desk.clock.now(), desk.store).left
    return [f"{one.key} {one.column}".strip() for one in difference.kept]


def registers_goro(desk: DeskUnderTest) -> None:
    desk.person("通関 五郎", GORO).sends(FORM)
    assert register_and_release(1, "NAC001", Operator("ops", desk.clock.now()), desk.context).registered
    desk.passes(seconds=1)


@ENDINGS
def test_a_newcomer_stays(desk: DeskUnderTest, tmp_path: Path, ending: str) -> None:
    """T-97."""
    older = exported(desk, tmp_path / f"older.{ending}")
    registers_goro(desk)
    later = exported(desk, tmp_path / f"later.{ending}")
    for _ in range(2):
        assert imported(desk, older) == [f"NAC001/contact/{GORO}"]
        assert [one.email for one in office().contacts].count(GORO) == 1
    assert imported(desk, later) == []
    assert imported(desk, older) == [f"NAC001/contact/{GORO}"]  # also behind a file that has it
    assert offices.registrations(GORO)


@ENDINGS
def test_a_later_file_removes_a_newcomer(desk: DeskUnderTest, tmp_path: Path, ending: str) -> None:
    registers_goro(desk)
    path = exported(desk, tmp_path / f"register.{ending}")
    register = read_register(path)
    (edited,) = [one for one in register.offices if one.code == "NAC001"]
    edited = replace(edited, contacts=tuple(one for one in edited.contacts if one.email != GORO))
    write_register(replace(register, offices=(edited,)), path)
    assert imported(desk, path) == [] and not offices.registrations(GORO)


def test_of_a_file_written_by_hand_newcomers_stay_and_may_move(desk: DeskUnderTest, tmp_path: Path) -> None:
    registers_goro(desk)
    with desk.store.reading():
        before = offices.load_register()
    people = tuple(one for one in office().contacts if one.email != GORO)
    others = tuple(one for one in before.offices if one.code != "NAC001")
    write_register(replace(before, offices=(replace(office(), contacts=people), *others)), tmp_path / "hand.toml")
    assert imported(desk, tmp_path / "hand.toml") == [f"NAC001/contact/{GORO}"]
    (other,) = [one for one in others if one.code == "NAC002"]
    goro = offices.registrations(GORO)[0].contact
    rest = tuple(one for one in others if one.code != "NAC002")
    moved = (replace(office(), contacts=people), replace(other, contacts=(*other.contacts, goro)), *rest)
    write_register(replace(before, offices=moved), tmp_path / "moved.toml")
    assert imported(desk, tmp_path / "moved.toml") == []
    assert [one.office.code for one in offices.registrations(GORO)] == ["NAC002"]


def changes_password(desk: DeskUnderTest) -> None:
    session = login.log_in("NAC001", "sample-NAC001", HERE, desk.clock.now(), desk.context)
    assert isinstance(session, LoggedIn)
    new = "correct horse battery"
    assert not login.change_password(session.session, "sample-NAC001", new, HERE, desk.clock.now(), desk.context)


def adds_an_id(desk: DeskUnderTest) -> None:
    ichiro, taro = desk.person("審査 一郎", "ichiro@desk.example"), desk.person("通関 太郎", "taro@naxtrade.example")
    taro.sends(BROKER)
    ichiro.replies(ichiro.gets("review-request"), "承認\n")
    desk.passes(days=60)
    desk.run_due_tasks()


@pytest.mark.parametrize("change", [changes_password, adds_an_id])
@ENDINGS
def test_what_the_desk_has_changed_stays(
    desk: DeskUnderTest, tmp_path: Path, ending: str, change: Callable[[DeskUnderTest], None]
) -> None:
    """T-97."""
    older, before = exported(desk, tmp_path / f"older.{ending}"), office()
    change(desk)
    changed = office()
    assert changed != before
    kept = imported(desk, older)
    assert kept and all(one.startswith(("NAC001/office password_hash", "NAC001/user_id/")) for one in kept)
    assert office() == changed
    desk.passes(seconds=1)
    assert imported(desk, exported(desk, tmp_path / f"later.{ending}")) == []
    assert imported(desk, older) == kept and office() == changed


def test_a_new_password_in_a_file_replaces_the_one_of_the_office(desk: DeskUnderTest, tmp_path: Path) -> None:
    older = exported(desk, tmp_path / "older.toml")
    changes_password(desk)
    text = older.read_text(encoding="utf-8")
    older.write_text(
        text.replace('code = "NAC001"', 'code = "NAC001"\npassword = "told by telephone"', 1), encoding="utf-8"
    )
    assert imported(desk, older) == []
    assert isinstance(login.log_in("NAC001", "told by telephone", HERE, desk.clock.now(), desk.context), LoggedIn)
