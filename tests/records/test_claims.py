"""Tests of records.applications.application_queries and effects."""

import sqlite3
from datetime import date, timedelta

from mailbot.model.application import Application, Approval
from mailbot.model.effects import AbolishUserId, AddMailbox, AddUserId
from mailbot.model.lifecycle import FINISHED_STATES, Event, State
from mailbot.records.applications import application_queries, application_store, effects
from mailbot.records.database import Store
from tests.records.test_applications import OTHER, in_state, step
from tests.testkit.records import ICHIRO, NOW, SQLITE, TARO, submitted

START = date(2026, 12, 1)
EFFECTS = (AbolishUserId("1ANACA0A"), AddUserId("1ANAC", "net", "B0A", badge="7896"), AddMailbox("EDIFACT", "NAC00102"))


def approved(application: Application, start: date | None = START) -> Application:
    return application_store.apply_event(
        application, Event.APPROVE, NOW, ICHIRO, approval=Approval(effects=EFFECTS, start_date=start)
    )


def test_subjects_of_open_applications(store: Store) -> None:
    with store.transaction():
        one = submitted(subjects=("1ANACA0A", "1ANACA0B", "1ANACA0A"))
        two = step(submitted(subjects=("1ANACA0A",)), Event.ASK)
        for state in FINISHED_STATES | {State.DRAFT}:
            in_state(state)
        step(submitted(subjects=("1ANACA0B",)), Event.WITHDRAW)
        submitted(subjects=("1ANACA0A",), office_code="NAC002")
    assert application_queries.subjects_in_use("NAC001") == {
        "1ANACA0A": (str(one.receipt), str(two.receipt)),
        "1ANACA0B": (str(one.receipt),),
    }
    assert application_queries.subjects_in_use("NAC001", except_id=one.id) == {"1ANACA0A": (str(two.receipt),)}
    assert application_queries.subjects_in_use("NAC003") == {}


def test_a_subject_is_in_use_until_the_start_day(store: Store) -> None:
    with store.transaction():
        one = approved(submitted(subjects=("-1ANACA0A",)))
        approved(submitted(subjects=("-1ANACA0B",)), start=None)
    assert list(application_queries.subjects_in_use("NAC001")) == ["-1ANACA0A"]
    assert application_queries.with_subject("-1ANACA0A") == [one]
    with store.transaction():
        application_store.apply_event(one, Event.START, NOW, ICHIRO)
    assert application_queries.subjects_in_use("NAC001") == {}


def test_what_is_due_to_start(store: Store) -> None:
    with store.transaction():
        later = approved(submitted(), START + timedelta(days=1))
        one = approved(submitted())
        approved(submitted(), None)
    assert application_queries.due_to_start(START - timedelta(days=1)) == []
    assert application_queries.due_to_start(START) == [one]
    assert application_queries.due_to_start(START + timedelta(days=9)) == [one, later]
    assert application_queries.waiting_to_start("NAC001") == [one, later]
    with store.transaction():
        application_store.apply_event(one, Event.START, NOW, ICHIRO)
    assert application_queries.due_to_start(START + timedelta(days=9)) == [later]


def test_effects_come_back_as_they_were(store: Store) -> None:
    with store.transaction():
        one = approved(submitted())
        other = submitted()
    assert effects.effects_of(one.id) == EFFECTS
    assert effects.effects_of(other.id) == ()


def test_a_correction_may_name_other_codes(store: Store) -> None:
    with store.transaction():
        first = submitted(subjects=("1ANACA0A",))
        application_store.apply_event(first, Event.CORRECT, NOW, TARO, revision=OTHER, subjects=("1ANACA0B",))
    assert list(application_queries.subjects_in_use("NAC001")) == ["1ANACA0B"]


@SQLITE
def test_a_form_may_name_more_codes_than_a_statement_takes(store: Store) -> None:
    store._connection.connection().setlimit(sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER, 1_000)
    codes = tuple(f"1ANAC{number:05d}" for number in range(1_700))
    with store.transaction():
        submitted(subjects=codes)
    assert len(application_queries.subjects_in_use("NAC001")) == 1_700


def test_decided_before(store: Store) -> None:
    with store.transaction():
        done = [step(submitted(subjects=("1ANACA0A", "1ANACA0B")), Event.APPROVE) for _ in range(2)]
        submitted(subjects=("1ANACA0A",))
    assert application_queries.completed_with_subject("password_reset", "1ANACA0A") == done
    assert application_queries.completed_with_subject("password_reset", "1ANACA0C") == []
    assert application_queries.completed_with_subject("mailbox_change", "1ANACA0A") == []


def test_the_latest_steps(store: Store) -> None:
    with store.transaction():
        one = step(submitted(), Event.TAKE)
        two = step(submitted(), Event.ASK)
        submitted(office_code="NAC002")
    found = [(a.id, s.event) for a, s in application_queries.latest_steps(["NAC001"], 10)]
    assert found == [(two.id, Event.ASK), (two.id, Event.SUBMIT), (one.id, Event.SUBMIT)]
    assert application_queries.latest_steps(["NAC001"], 1)[0][1].event is Event.ASK
