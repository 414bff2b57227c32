"""An import into the register beside applications, the desk's own changes and other imports."""

from dataclasses import replace
from datetime import timedelta

import pytest
from peewee import Insert

from mailbot.desk.operations import register_apply
from mailbot.desk.operations.register_apply import UNDO_DAYS, Applied, Origin, apply, undoing
from mailbot.desk.operations.register_preview import preview
from mailbot.errors import UsageError
from mailbot.model.register import Register, RowKey, RowKind
from mailbot.model.register_difference import Difference, DoubtKind, KeptReason
from mailbot.records.register import imports, offices, rows
from mailbot.records.schema.import_tables import RegisterImportRow
from mailbot.records.schema.log_tables import AuditRow
from tests.testkit.desk import FORM, DeskUnderTest, Person

A0A = RowKey(RowKind.USER_ID, "NAC001", "1ANACA0A")
A0B = RowKey(RowKind.USER_ID, "NAC001", "1ANACA0B")
NAC001 = RowKey(RowKind.OFFICE, "NAC001")


def difference(desk: DeskUnderTest, register: Register, *take: RowKey, prune: bool = True) -> Difference:
    with desk.store.reading():
        return preview(register, prune=prune, take=take)


def applied(desk: DeskUnderTest, shown: Difference) -> Applied:
    return apply(shown, Origin("ops", "register.toml", "0" * 64), desk.clock.now(), desk.store)


def everything(desk: DeskUnderTest) -> Register:
    with desk.store.reading():
        return offices.load_register()


def without(register: Register, office: str = "", number: str = "") -> Register:
    """`register` without an office, or without an ID."""
    kept = tuple(one for one in register.offices if one.code != office)
    thinned = (
        replace(
            o,
            user_codes=tuple(
                replace(u, user_ids=tuple(i for i in u.user_ids if i.full != number)) for u in o.user_codes
            ),
        )
        for o in kept
    )
    return replace(register, offices=tuple(thinned))


def test_an_office_with_an_open_application_stays(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    shown = difference(desk, without(everything(desk), office="NAC001"), NAC001)  # not even when it is named
    assert [(k.key, k.reason, k.receipts) for k in shown.kept] == [(NAC001, KeptReason.OPEN_APPLICATION, (receipt,))]
    assert not shown.changes


def test_an_id_that_an_open_application_is_about_stays_unless_named(desk: DeskUnderTest, taro: Person) -> None:
    taro.sends(FORM)
    receipt = taro.gets("received").receipt
    before = everything(desk)
    shown = difference(desk, without(before, number=A0A.name))
    assert [(k.key, k.reason, k.receipts) for k in shown.kept] == [(A0A, KeptReason.OPEN_APPLICATION, (receipt,))]
    assert not shown.changes
    (other,) = difference(desk, without(before, number=A0B.name)).removed
    assert (other.key, other.receipts) == (A0B, ())
    (named,) = difference(desk, without(before, number=A0A.name), A0A).removed
    assert (named.key, named.receipts) == (A0A, (receipt,))


def test_what_was_changed_after_it_was_shown_is_left(desk: DeskUnderTest) -> None:
    before = everything(desk)
    shown = difference(desk, without(before, number=A0B.name))
    office = next(one for one in before.offices if one.code == "NAC001")
    code = office.user_codes[0]
    ids = tuple(replace(one, method="web") if one.full == A0B.name else one for one in code.user_ids)
    with desk.store.transaction():
        offices.change_contract(
            replace(office, user_codes=(replace(code, user_ids=ids), *office.user_codes[1:])), desk.clock.now()
        )
    assert [one.key for one in applied(desk, shown).left] == [A0B]
    with desk.store.reading():
        assert rows.read_rows()[A0B]["method"] == "web"


def test_an_office_that_gets_an_application_after_it_was_shown_is_left(desk: DeskUnderTest, taro: Person) -> None:
    shown = difference(desk, without(everything(desk), office="NAC001"))
    taro.sends(FORM)
    assert NAC001 in [one.key for one in applied(desk, shown).left]
    assert offices.office("NAC001") is not None


def test_an_added_office_with_an_application_since_is_not_undone(desk: DeskUnderTest, taro: Person) -> None:
    register = everything(desk)
    with desk.store.transaction():
        offices.replace_register(without(register, office="NAC001"), prune=True)
    number = applied(desk, difference(desk, register).taking([key for key in _keys(desk, register)])).number
    taro.sends(FORM)
    with desk.store.reading():
        shown = undoing(number)
    assert [(one.key, one.reason) for one in shown.kept] == [(NAC001, KeptReason.OPEN_APPLICATION)]
    assert not shown.changes


def _keys(desk: DeskUnderTest, register: Register) -> list[RowKey]:
    return [one.key for one in difference(desk, register).in_doubt]


def test_a_number_that_was_assigned_before_is_in_doubt(desk: DeskUnderTest) -> None:
    register = everything(desk)
    applied(desk, difference(desk, without(register, number=A0B.name)))
    (again,) = difference(desk, register).in_doubt
    assert (again.key, [doubt.kind for doubt in again.doubts]) == (A0B, [DoubtKind.USED_NUMBER])


def test_an_import_that_is_interrupted_can_be_undone(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything(desk)
    shown = difference(desk, without(without(before, number=A0B.name), office="NAC002"))
    assert {one.key.office for one in shown.changes} == {"NAC001", "NAC002"}
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(register_apply, "ROWS_AT_ONCE", 1)

        def interrupt(_: int) -> None:
            raise KeyboardInterrupt

        apply(shown, Origin("ops", "register.toml"), desk.clock.now(), desk.store, interrupt)
    with desk.store.reading():
        (listed,) = imports.listing(9)
        assert listed.finished_at is None and len(difference(desk, before).changes) == 1
        back = undoing(listed.number)
    applied(desk, back)
    assert (
        everything(desk) == replace(before, offices=everything(desk).offices) and not difference(desk, before).changes
    )


def test_what_an_import_has_changed_is_kept_for_some_time(desk: DeskUnderTest) -> None:
    number = applied(desk, difference(desk, without(everything(desk), number=A0B.name))).number
    desk.clock.advance(timedelta(days=UNDO_DAYS + 1))
    applied(desk, difference(desk, without(everything(desk), number="1ANACA01")))
    with desk.store.reading(), pytest.raises(UsageError, match="nothing to undo"):
        undoing(number)


def test_the_statements_of_an_import_are_built_once(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Their text takes longer to build than to run."""
    first, built = everything(desk).offices[0], list[object]()

    def offices_from(begin: int, count: int) -> Register:
        codes = [f"X{number:05}" for number in range(begin, begin + count)]
        return Register(tuple(replace(first, code=code, user_codes=(), mailboxes=()) for code in codes), ())

    applied(desk, difference(desk, offices_from(0, 200), prune=False))
    build = Insert.__sql__

    def noted(query: Insert, context: object) -> object:
        built.append(query.model)
        return build(query, context)

    monkeypatch.setattr(Insert, "__sql__", noted)
    applied(desk, difference(desk, offices_from(200, 200), prune=False))
    assert set(built) <= {RegisterImportRow, AuditRow}
    assert len(everything(desk).offices) > 400
