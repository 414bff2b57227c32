"""Tests of records.applications.application_store: state changes, concurrent updates, revisions, receipt numbers."""

import threading
from datetime import UTC, date, datetime
from itertools import product
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mailbot.errors import Permanent
from mailbot.model.application import Application, Approval
from mailbot.model.effects import AddMailbox, ContractLine, Item
from mailbot.model.lifecycle import HOLD_KEEPING_EVENTS, REVISING_EVENTS, TRANSITIONS, Event, State, next_state
from mailbot.model.people import Category
from mailbot.model.procedure import Filled, Value
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.view_period import ViewPeriod
from mailbot.records.applications import application_store
from mailbot.records.applications.application_store import Stale
from mailbot.records.applications.effects import effects_of
from mailbot.records.database import Store
from mailbot.records.schema.application_tables import ReceiptSequenceRow
from tests.testkit.records import CONTACT, FILLED, ICHIRO, MINUTE, NOW, TARO, draft, submitted

OTHER = (Filled({"reason": "別の理由"}), CONTACT)
PERIOD = ViewPeriod(date(2026, 11, 20), date(2026, 11, 25))
# how to reach each state from a draft
WAYS: dict[State, tuple[Event, ...]] = {
    State.DRAFT: (),
    State.RECEIVED: (Event.SUBMIT,),
    State.NEEDS_CONFIRMATION: (Event.SUBMIT, Event.ASK),
    State.COMPLETED: (Event.SUBMIT, Event.APPROVE),
    State.WITHDRAWN: (Event.SUBMIT, Event.WITHDRAW),
    State.LAPSED: (Event.SUBMIT, Event.ASK, Event.LAPSE),
}


def step(application: Application, event: Event, at: datetime = NOW) -> Application:
    revision = OTHER if event in REVISING_EVENTS else None
    return application_store.apply_event(
        application,
        event,
        at,
        ICHIRO,
        words=f"言葉 {event.value}",
        mail_id=9,
        revision=revision,
        category=Category.SYSTEM_SETTING,
        answer_by=at + 10 * MINUTE if event is Event.ASK else None,
        approval=Approval(view_period=PERIOD) if event is Event.APPROVE else None,
    )


def in_state(state: State) -> Application:
    application = draft()
    for event in WAYS[state]:
        application = step(application, event)
    assert application.state is state
    return application


def read(application: Application) -> Application:
    found = application_store.get(application.id)
    assert found is not None
    return found


def test_a_draft(store: Store) -> None:
    with store.transaction():
        made = draft()
    assert read(made) == made
    assert (made.state, made.receipt, made.steps) == (State.DRAFT, None, ())
    assert (made.revision.number, made.revision.filled, made.revision.contact) == (0, FILLED, CONTACT)
    assert made.revision.made_at == NOW
    assert application_store.get(made.id + 1) is None


def test_a_submission(store: Store) -> None:
    with store.transaction():
        application = submitted()
    assert str(application.receipt) == "2600001C"
    assert (application.state, application.submitted_at, application.revision.number) == (State.RECEIVED, NOW, 1)
    assert application.receipt is not None
    assert application_store.by_receipt(application.receipt) == application
    assert application_store.by_receipt(ReceiptNumber(26, 2, Category.SYSTEM_SETTING)) is None


@pytest.mark.parametrize(("state", "event"), list(product(State, Event)))
def test_every_cell_of_the_life_cycle(store: Store, state: State, event: Event) -> None:
    with store.transaction():
        before = in_state(state)
        expected = next_state(state, event)
        if expected is None:
            with pytest.raises(application_store.NotAllowed) as caught:
                step(before, event)
            assert (caught.value.state, caught.value.event) == (state, event)
            assert read(before) == before
            return
        after = step(before, event, NOW + MINUTE)
    assert read(after) == after
    assert after.state is expected is TRANSITIONS[state, event]
    assert after.steps[:-1] == before.steps
    last = after.steps[-1]
    assert (last.event, last.state, last.at, last.actor) == (event, expected, NOW + MINUTE, ICHIRO)
    assert (last.words, last.mail_id, last.revision) == (f"言葉 {event.value}", 9, after.revision.number)
    assert after.revision.number - before.revision.number == (event in (Event.SUBMIT, Event.CORRECT, Event.REOPEN))
    assert after.revision.filled == (OTHER[0] if event in REVISING_EVENTS else before.revision.filled)


def test_what_each_event_sets(store: Store) -> None:
    with store.transaction():
        taken = step(step(submitted(), Event.TAKE), Event.HOLD)
        assert (taken.taken_by, taken.held) == (ICHIRO.email, True)
        asked = step(taken, Event.ASK)
        assert (asked.held, asked.answer_by) == (False, NOW + 10 * MINUTE)
        corrected = step(asked, Event.CORRECT)
        assert (corrected.answer_by, corrected.taken_by) == (None, ICHIRO.email)
        held = step(corrected, Event.HOLD)
        done = step(held, Event.APPROVE, NOW + MINUTE)
    assert (done.held, done.decided_at, done.view_period) == (False, NOW + MINUTE, PERIOD)
    assert done.submitted_at == NOW


def test_an_approval_that_is_taken_back_leaves_nothing_behind(store: Store) -> None:
    line = ContractLine(Item.MAILBOX, "NAC00103", "SMTP/POP3", before=False, after=True)
    approval = Approval((AddMailbox("SMTP/POP3", "NAC00103"),), (line,), date(2026, 12, 10), PERIOD)
    with store.transaction():
        asked = step(submitted(), Event.ASK)
        done = application_store.apply_event(asked, Event.APPROVE, NOW, ICHIRO, approval=approval)
        assert effects_of(done.id) == approval.effects
        again = step(done, Event.REOPEN)
        assert effects_of(done.id) == ()
    assert (again.state, again.revision.number) == (State.RECEIVED, 2)
    assert again.taken_back == again.steps[-1]
    decided = (again.decided_at, again.answer_by, again.view_period, again.start_date, again.contract)
    assert decided == (None, None, None, None, ())
    with store.transaction():
        assert step(again, Event.CORRECT).taken_back is None
        with pytest.raises(Stale):
            step(done, Event.REOPEN)


def test_an_approval_in_effect_is_not_taken_back(store: Store) -> None:
    with store.transaction():
        done = step(in_state(State.COMPLETED), Event.START)
        with pytest.raises(Stale):
            step(done, Event.REOPEN)


@pytest.mark.parametrize("event", [Event.CORRECT, Event.WITHDRAW])
def test_the_applicant_ends_a_hold(store: Store, event: Event) -> None:
    with store.transaction():
        assert not step(step(submitted(), Event.HOLD), event).held


def test_content_where_it_belongs(store: Store) -> None:
    with store.transaction():
        made = draft()
        with pytest.raises(ValueError, match="needs content"):
            application_store.apply_event(made, Event.SUBMIT, NOW, TARO, category=Category.CONTRACT)
        with pytest.raises(ValueError, match="category"):
            application_store.apply_event(made, Event.SUBMIT, NOW, TARO, revision=OTHER)
        received = step(made, Event.SUBMIT)
        with pytest.raises(ValueError, match="takes no content"):
            application_store.apply_event(received, Event.APPROVE, NOW, ICHIRO, revision=OTHER)
        assert read(made) == received


def test_all_revisions_stay(store: Store) -> None:
    with store.transaction():
        saved = step(draft(), Event.SAVE)
        assert (saved.revision.number, saved.revision.filled) == (0, OTHER[0])
        last = step(step(saved, Event.SUBMIT), Event.CORRECT)
    kept = application_store.revisions(last.id)
    assert [revision.number for revision in kept] == [0, 0, 1, 2]
    assert (kept[0].filled, kept[-1]) == (FILLED, last.revision)


VALUES: st.SearchStrategy[Value] = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.booleans(),
    st.integers(0, 2**40),
    st.lists(st.text("A0B1", min_size=1)).map(tuple),
)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.dictionaries(st.text("abc_", min_size=1), VALUES), st.dictionaries(st.text("abc", min_size=1), st.text("あ１\n"))
)
def test_content_comes_back_as_it_was(store: Store, values: dict[str, Value], written: dict[str, str]) -> None:
    filled = Filled(values, written)
    with store.transaction():
        made = read(draft(filled))
        assert made.revision.filled == filled
        assert [type(v) for v in made.revision.filled.values.values()] == [
            type(values[name]) for name in made.revision.filled.values
        ]
        pending = application_store.store_pending_correction(made, filled)
        assert pending.pending == filled
        assert read(step(pending, Event.SAVE)).pending is None


@pytest.mark.parametrize(
    "event",
    [e for (s, e) in TRANSITIONS if s is State.RECEIVED and e not in HOLD_KEEPING_EVENTS | {Event.HOLD}],
)
def test_a_step_ends_what_was_pending(store: Store, event: Event) -> None:
    with store.transaction():
        pending = application_store.store_pending_correction(submitted(), FILLED)
        assert read(pending).pending == FILLED
        assert step(pending, event).pending is None


def test_who_comes_second_is_stale(store: Store) -> None:
    with store.transaction():
        seen = submitted()
        step(seen, Event.ASK)
        for event in (Event.APPROVE, Event.HOLD, Event.WITHDRAW):
            with pytest.raises(application_store.Stale):
                step(seen, event)
        corrected = step(read(seen), Event.CORRECT)
        with pytest.raises(application_store.Stale):  # the state is the same again, the content is not
            step(seen, Event.APPROVE)
    assert read(seen) == corrected


@pytest.mark.parametrize(
    "events", [(Event.APPROVE, Event.ASK), (Event.APPROVE, Event.WITHDRAW, Event.CORRECT, Event.ASK)]
)
def test_of_decisions_at_the_same_time_one_wins(store: Store, events: tuple[Event, ...]) -> None:
    """T-95: threads that share one store."""
    with store.transaction():
        seen = [submitted() for _ in range(20)]
    ready = threading.Barrier(len(events))
    won: list[tuple[int, Event]] = []

    def decide(event: Event) -> None:
        for application in seen:
            ready.wait()
            try:
                with store.transaction():
                    step(application, event)
                won.append((application.id, event))
            except application_store.Stale:
                pass

    threads = [threading.Thread(target=decide, args=[event]) for event in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(number for number, _ in won) == [application.id for application in seen]
    for number, event in won:
        after = application_store.get(number)
        assert after is not None
        assert [s.event for s in after.steps] == [Event.SUBMIT, event]


def test_a_step_that_is_rolled_back_leaves_nothing(store: Store) -> None:
    with store.transaction():
        before = submitted()
    with pytest.raises(KeyError), store.transaction():
        step(before, Event.APPROVE)
        submitted()
        raise KeyError
    assert read(before) == before
    with store.transaction():
        assert str(submitted().receipt) == "2600002C"  # the number was not used up


def test_receipt_numbers_restart_with_the_year_in_tokyo(store: Store) -> None:
    last_second = datetime(2026, 12, 31, 14, 59, 59, tzinfo=UTC)
    new_year = datetime(2026, 12, 31, 15, 0, 0, tzinfo=UTC)
    with store.transaction():
        letters = zip((NOW, last_second, new_year, last_second, new_year), "ABCAB", strict=True)
        numbers = [str(submitted(at, Category(letter)).receipt) for at, letter in letters]
    assert numbers == ["2600001A", "2600002B", "2700001C", "2600003A", "2700002B"]


def test_receipt_numbers_run_out(store: Store) -> None:
    with store.transaction():
        ReceiptSequenceRow.create(year=2026, last=99_998)
        assert [str(submitted().receipt) for _ in range(2)] == ["2699999C", "26100000C"]
        ReceiptSequenceRow.update(last=999_998).execute()
        assert str(submitted().receipt) == "26999999C"
        with pytest.raises(Permanent):
            submitted()


def test_listing(store: Store) -> None:
    with store.transaction():
        first, second, third = draft(), submitted(), submitted(office_code="NAC002")
    assert application_store.listing() == [first, second, third]
    assert application_store.listing(state=State.RECEIVED) == [second, third]
    assert application_store.listing(office="NAC002") == [third]
    assert application_store.listing(state=State.DRAFT, office="NAC002") == []
    assert application_store.listing(limit=2) == [second, third]


def test_a_state_changes_in_one_place_alone() -> None:
    """Only `apply_event` writes the column `state`."""
    source = (Path(application_store.__file__)).read_text(encoding="utf-8")
    assert source.count('"state": state.value') == 1
    others = [
        p for p in Path(application_store.__file__).parents[1].rglob("*.py") if p != Path(application_store.__file__)
    ]
    naming = {p.name for p in others if "ApplicationRow" in p.read_text(encoding="utf-8")}
    assert naming == {
        "issued.py",
        "mail_filters.py",
        "tables.py",
        "application_tables.py",
        "application_statements.py",
        "0001_initial.py",
        "0002_contract_changes.py",
        "application_queries.py",
        "consistency.py",
        "decision_times.py",
        "day_figures.py",
        "people_consistency.py",
        "retries.py",
        "review_queue.py",
        "statistics.py",
    }  # which read it
