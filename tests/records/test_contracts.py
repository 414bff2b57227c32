"""Tests of records.register.offices: import, export and look-ups."""

import sqlite3
from dataclasses import replace

import pytest

from mailbot.model.contract import Mailbox, UserCode, UserId
from mailbot.model.people import Category, Role
from mailbot.model.register import Register
from mailbot.records.database import Store
from mailbot.records.register import offices
from tests.testkit.records import CONTACT, OFFICE, REGISTER, REVIEWERS, SQLITE, office

SECOND = office("NAC002", user_codes=(UserCode("1ANAC", shared_with=("NAC001",), user_ids=(UserId("1ANAC", "B0B"),)),))


def keep(store: Store, register: Register, *, prune: bool = False) -> None:
    with store.transaction():
        offices.replace_register(register, prune=prune)


def test_the_register_comes_out_as_it_went_in(store: Store) -> None:
    keep(store, Register((OFFICE, SECOND), REVIEWERS))
    assert offices.load_register() == Register((OFFICE, SECOND), REVIEWERS)
    assert offices.office("NAC001") == OFFICE
    assert offices.office("nac001") is None
    assert offices.all_offices() == [OFFICE, SECOND]


def test_an_office_is_replaced_as_a_whole(store: Store) -> None:
    keep(store, REGISTER)
    changed = replace(OFFICE, name="第二営業所", contacts=(), mailboxes=(Mailbox("NAC00103", "EDIFACT"),))
    keep(store, Register((changed,)))
    assert offices.load_register() == Register((changed,), REVIEWERS)
    assert offices.registrations(CONTACT.email) == []


@pytest.mark.parametrize("prune", [True, False])
def test_what_is_not_named_stays_unless_pruned(store: Store, prune: bool) -> None:
    keep(store, Register((OFFICE, SECOND), REVIEWERS))
    keep(store, Register((SECOND,), REVIEWERS[1:]), prune=prune)
    assert [o.code for o in offices.all_offices()] == (["NAC002"] if prune else ["NAC001", "NAC002"])
    assert len(offices.load_register().reviewers) == (1 if prune else 2)


def test_pruning_with_an_empty_register_empties(store: Store) -> None:
    keep(store, REGISTER)
    keep(store, Register(), prune=True)
    assert offices.load_register() == Register()


@SQLITE
def test_a_register_larger_than_a_statement(store: Store) -> None:
    store._connection.connection().setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 50)
    many = Register(tuple(office(f"X{number:05d}", contacts=()) for number in range(90)))
    keep(store, many)
    keep(store, Register(many.offices[:60]), prune=True)
    assert offices.all_offices() == list(many.offices[:60])


def test_every_place_of_an_address(store: Store) -> None:
    chief = replace(OFFICE.administrator, email=CONTACT.email)
    keep(store, Register((OFFICE, replace(SECOND, contacts=(), administrator=chief), office("NAC003"))))
    found = offices.registrations("taro@NAXTRADE.example")
    assert [(r.office.code, r.role) for r in found] == [
        ("NAC001", Role.CONTACT),
        ("NAC003", Role.CONTACT),
        ("NAC002", Role.ADMINISTRATOR),
    ]
    assert (found[0].contact, found[2].contact.name) == (CONTACT, "管理 花子")
    assert offices.registrations("nobody@naxtrade.example") == []


def test_who_is_both_is_the_contact(store: Store) -> None:
    keep(store, Register((replace(OFFICE, administrator=replace(OFFICE.administrator, email=CONTACT.email)),)))
    assert [r.role for r in offices.registrations(CONTACT.email)] == [Role.CONTACT]


def test_reviewers(store: Store) -> None:
    keep(store, REGISTER)
    assert offices.reviewer("ichiro@DESK.example") == REVIEWERS[0]
    assert offices.reviewer("nobody@desk.example") is None
    assert offices.reviewers(Category.SYSTEM_SETTING) == list(REVIEWERS)
    assert offices.reviewers(Category.CONTRACT) == [REVIEWERS[0]]
