"""What was read of the register is kept in memory, and nothing that was changed is read from there."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mailbot.model.contract import Mailbox
from mailbot.model.register import Register
from mailbot.model.start_days import ScheduleDay
from mailbot.records.database import Store, open_store
from mailbot.records.database.register_memory import MOST_VALUES, RegisterMemory
from mailbot.records.register import absences, offices, schedule, used_numbers
from mailbot.records.schema.register_tables import ContactRow, OfficeRow, UserCodeRow, UserIdRow
from tests.testkit.records import CONTACT, NOW, OFFICE, REGISTER

DAY = ScheduleDay(NOW.date(), NOW.date())
OTHER = replace(CONTACT, email="jiro@naxtrade.example")
LESS = replace(OFFICE, mailboxes=(*OFFICE.mailboxes, Mailbox("NAC00199", "x")), user_codes=OFFICE.user_codes[:1])
CHANGES: dict[str, Callable[[], object]] = {
    "import": lambda: offices.replace_register(Register((replace(OFFICE, company="Other"),), ())),
    "contact": lambda: offices.add_contact(OFFICE.code, OTHER),
    "password": lambda: offices.set_password_hash(OFFICE.code, "x", NOW),
    "contract": lambda: offices.change_contract(LESS, NOW),
    "absence": lambda: absences.begin(REGISTER.reviewers[0].email, NOW, None),
    "schedule": lambda: schedule.replace_table([DAY]),
    "number": lambda: used_numbers.take([("1ANAC", "Z99")]),
    "a row of the office": lambda: OfficeRow.update(company="x").execute(),
    "a row of a contact": lambda: ContactRow.update(kana="x").execute(),
    "a row of a code": lambda: UserCodeRow.update(business="x").execute(),
    "a row of an ID": lambda: UserIdRow.update(method="x").execute(),
    "gone": lambda: OfficeRow.delete().execute(),
}


def everything() -> tuple[Any, ...]:
    return (
        offices.office(OFFICE.code),
        offices.registrations(CONTACT.email),
        offices.registered_address(OTHER.email),
        offices.registered_address(CONTACT.email.replace("taro", "Taro")),
        offices.all_reviewers(),
        absences.absent(),
        schedule.table(),
        used_numbers.used({"1ANAC"}),
    )


@pytest.fixture
def filled(store: Store) -> Store:
    with store.transaction():
        offices.replace_register(REGISTER)
    return store


@contextmanager
def without_memory(store: Store, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr(RegisterMemory, "value", lambda self, connection, key, read: read())
        yield


class _Undo(Exception):
    pass


@pytest.mark.parametrize("name", CHANGES)
def test_what_was_changed_is_read_anew(
    filled: Store, tmp_path: Path, database: str, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    def now() -> tuple[Any, ...]:
        with without_memory(filled, monkeypatch):
            return everything()

    change, before = CHANGES[name], everything()
    for undone_in in ("transaction", "savepoint"):
        with pytest.raises(_Undo), filled.transaction():
            assert everything() == before
            with filled.transaction():
                change()
                assert everything() == now() != before
                if undone_in == "savepoint":
                    raise _Undo
            raise _Undo
        assert everything() == before
    with filled.transaction():
        try:
            with filled.transaction():
                change()
                assert everything() != before
                raise _Undo
        except _Undo:
            assert everything() == before  # of the rest of the transaction
    with filled.reading():
        assert everything() == before
    with closing(open_store(database, tmp_path)) as other, other.transaction():  # of another process
        change()
    with filled.reading():
        assert everything() == now() != before
    assert everything() == now()


def test_the_second_time_only_the_version_is_read(filled: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    everything()
    statements: list[str] = []
    run = filled._connection.execute_sql
    with filled.reading():
        monkeypatch.setattr(
            filled._connection, "execute_sql", lambda *given: statements.append(given[0]) or run(*given)
        )
        everything()
        monkeypatch.undo()
    assert statements == ["SELECT version FROM register_version"]


def test_it_stays_small(filled: Store) -> None:
    for number in range(MOST_VALUES + 9):
        assert offices.office(f"NAC{number:03}X") is None
    assert len(filled._connection.register_memory._kept) == MOST_VALUES
    with filled.reading():
        assert offices.office(OFFICE.code) == OFFICE
