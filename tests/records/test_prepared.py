"""A prepared statement does what the same statement of peewee does, the second time as well as the first."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import peewee
import pytest
from peewee import SQL, fn

from mailbot.records.database import Store
from mailbot.records.database.prepared import LONGEST_LIST, Prepared, PreparedInsert
from mailbot.records.schema.application_tables import ApplicationRow, RevisionRow, SubjectRow
from mailbot.records.schema.queue_tables import DeliveryRow, InboxRow, OutboxRow, ReadLinesRow, SenderCostRow
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import NOW, draft, mail, put_mail

OTHERS = ["x"] * (LONGEST_LIST + 1)
# A SELECT and what it is given, each time in turn.
SELECTS: dict[str, tuple[Callable[..., Any], list[dict[str, Any]]]] = {
    "where": (lambda n: OutboxRow.select().where((OutboxRow.id == n) | (OutboxRow.kind != "x")), [{"n": 1}, {"n": 2}]),
    "time": (
        lambda at: OutboxRow.select().where(OutboxRow.created_at <= at).order_by(OutboxRow.id),
        [{"at": NOW}, {"at": NOW - timedelta(days=1)}],
    ),
    "columns": (lambda n: OutboxRow.select(OutboxRow.id, OutboxRow.text).where(OutboxRow.id > n), [{"n": 0}]),
    "limit": (lambda n: OutboxRow.select().order_by(OutboxRow.id.desc()).limit(n), [{"n": 1}, {"n": 2}, {"n": 0}]),
    "list": (
        lambda kinds: OutboxRow.select().where(OutboxRow.kind.in_(kinds)),
        [{"kinds": kinds} for kinds in ([], ["x"], ["x", "received"], [*OTHERS, "received"], ["received"])],
    ),
    "not in a list": (
        lambda kinds: OutboxRow.select().where(OutboxRow.kind.not_in(kinds)),
        [{"kinds": kinds} for kinds in ([], ["received"], OTHERS)],
    ),
    "part of a select": (
        lambda n: DeliveryRow.select().where(
            DeliveryRow.id == DeliveryRow.select(fn.MAX(DeliveryRow.id)).where(DeliveryRow.outbox == n)
        ),
        [{"n": 1}, {"n": 9}],
    ),
    "join": (
        lambda code: ApplicationRow.select(ApplicationRow.id, SubjectRow.code).join(SubjectRow).where(
            SubjectRow.code == code
        ),
        [{"code": "A"}, {"code": "B"}],
    ),
    "JSON": (lambda n: RevisionRow.select().where(RevisionRow.application == n), [{"n": 1}]),
    "with an alias": (lambda n: OutboxRow.select(fn.COUNT(OutboxRow.id).alias("many"), SQL("7").alias("seven")).where(
        OutboxRow.id > n
    ), [{"n": 0}, {"n": 1}]),
}  # fmt: skip


@pytest.mark.parametrize("name", SELECTS)
def test_selects(store: Store, name: str) -> None:
    build, calls = SELECTS[name]
    with store.transaction():
        filled()
    prepared = Prepared(build, lists=("kinds",) if "list" in name else ())
    found = 0
    for given in (*calls, *calls):
        with store.reading():
            expected = [tuple(row) for row in build(**given).tuples()]
            assert [tuple(row) for row in prepared.rows(**given)] == expected, given
            assert prepared.value(**given) == (expected[0][0] if expected else None)
        found += len(expected)
    assert found


def filled() -> None:
    application = draft()
    put_mail(mail(1, application_id=application.id), NOW)
    put_mail(mail(2, recipient="b@x.example"), NOW)
    PreparedInsert(DeliveryRow).run([{"outbox": number, "started_at": NOW} for number in (1, 1, 2)])
    PreparedInsert(SubjectRow).run([{"application": application.id, "code": code} for code in "AB"])


def test_rows_are_read_by_name(store: Store) -> None:
    with store.transaction():
        filled()
        (row,) = Prepared(lambda n: OutboxRow.select().where(OutboxRow.id == n)).rows(n=2)
        assert (row.recipient, row.created_at, row.claimed_by) == ("b@x.example", NOW, None)
        assert Prepared(lambda: DeliveryRow.select().limit(1)).first().outbox_id == 1
        with pytest.raises(TypeError, match="parameters are n, not"):
            Prepared(lambda n: OutboxRow.delete().where(OutboxRow.id == n)).run(n=1, m=2)
        with pytest.raises(TypeError, match="other columns than outbox"):
            PreparedInsert(DeliveryRow).run([{"outbox": 1}, {"outbox": 1, "reply": "lost"}])
        with pytest.raises(TypeError, match="without a name"):
            Prepared(lambda: OutboxRow.select(fn.COUNT(OutboxRow.id))).rows()


def test_changes(store: Store) -> None:
    """How many rows, and the values as a statement of peewee would store them."""
    update = Prepared(
        lambda numbers, state, at: OutboxRow.update(
            state=state, attempts=OutboxRow.attempts + 1, claimed_at=at, claimed_by=None
        ).where(OutboxRow.id.in_(numbers)),
        lists=("numbers",),
    )
    delete = Prepared(lambda n: OutboxRow.delete().where(OutboxRow.id == n))
    returning = Prepared(
        lambda n, state: OutboxRow.update(state=state).where(OutboxRow.id == n).returning(OutboxRow.id, OutboxRow.state)
    )
    with store.transaction():
        for number in (1, 2, 3):
            put_mail(mail(number), NOW)
        assert [update.run(numbers=some, state="sent", at=NOW) for some in ([1, 2], [2], [], [9])] == [2, 1, 0, 0]
        assert [(row.state, row.attempts, row.claimed_at) for row in OutboxRow.select().order_by(OutboxRow.id)] == [
            ("sent", 1, NOW), ("sent", 2, NOW), ("waiting", 0, None),
        ]  # fmt: skip
        assert returning.first(n=3, state="lost \ud800") == (3, "lost \ufffd")
        assert returning.first(n=9, state="") is None
        assert [delete.run(n=3), delete.run(n=3)] == [1, 0]


def test_inserts(store: Store) -> None:
    """The row as it is read back; conflicts; the defaults of other columns; none, and more rows than one statement."""
    one = Prepared(
        lambda application, values: RevisionRow.insert(
            application=application, number=1, values=values, written={}, contact={}, made_at=NOW
        )
    )
    application = Prepared(
        lambda procedure: ApplicationRow.insert(procedure=procedure, office="y", state="draft", revision=0)
    )
    lines = Prepared(
        lambda n, lines: ReadLinesRow.insert(mail_id=n, lines=lines).on_conflict(
            conflict_target=[ReadLinesRow.mail_id], preserve=[ReadLinesRow.lines]
        )
    )
    cost = Prepared(
        lambda n, more: SenderCostRow.insert(account="a", clear_at=n).on_conflict(
            conflict_target=(SenderCostRow.account,), update={SenderCostRow.clear_at: SenderCostRow.clear_at + more}
        )
    )
    ignoring, many = PreparedInsert(InboxRow, ignores_conflicts=True), PreparedInsert(DeliveryRow)
    received = {
        "received_at": NOW,
        "source": "smtp",
        "sender": "",
        "recipients": ["a"],
        "smtputf8": True,
        "evidence": {},
    }
    with store.transaction():
        filled()
        for codes in (("1", "2"), ("3",)):
            row = one.insert(application=1, values={"user_ids": codes})
            kept = RevisionRow.get_by_id(row.id)
            assert (row.values, row.made_at) == (kept.values, NOW) == ({"user_ids": list(codes)}, NOW)
        new = application.insert(procedure="x")
        assert (new.id, new.held, new.receipt, new.pending, new.state) == (2, False, None, None, "draft")
        for octets in (b"x", b"y"):
            lines.run(n=7, lines=octets)
        assert ReadLinesRow.get_by_id(7).lines == b"y"
        for more in (1, 5):
            cost.run(n=100, more=more)
        assert SenderCostRow.get().clear_at == 105
        for number in (4, 4, 5):
            ignoring.run([received | {"id": number, "state": "arrived"}])
        assert [(row.id, row.attempts, row.recipients) for row in InboxRow.select()] == [(4, 0, ["a"]), (5, 0, ["a"])]
        assert many.run([]) == 0
        rows = [{"outbox": 1, "started_at": NOW}] * (2 * LONGEST_LIST + 1)
        assert many.run(rows) == DeliveryRow.select(fn.MAX(DeliveryRow.id)).scalar()
        assert DeliveryRow.select().count() == 3 + len(rows)


def test_a_desk_builds_few_texts(
    desk: DeskUnderTest, taro: Person, ichiro: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the statements of an application and its decision: what it does once in a while may be built each time."""
    built, run = Counter[str](), Counter[str]()
    connection: Any = type(desk.store._connection)
    execute_sql, sql_context = connection.execute_sql, peewee.Database.get_sql_context

    def noted(self: Any, sql: str, params: Any = None) -> Any:
        run[sql.split(" ", 1)[0]] += 1
        return execute_sql(self, sql, params)

    def context(self: peewee.Database, **options: Any) -> Any:
        built["text"] += 1
        return sql_context(self, **options)

    def story(user_id: str) -> None:
        taro.sends(FORM.replace("A0A", user_id))
        ichiro.replies(ichiro.mails[-1], "確認依頼\n理由は？")
        taro.replies(taro.mails[-1], "修正\nパスワード初期化の希望理由：失念したため")
        ichiro.replies(ichiro.mails[-1], "承認")

    monkeypatch.setattr(connection, "execute_sql", noted)
    monkeypatch.setattr(peewee.Database, "get_sql_context", context)
    story("A0A")
    built.clear()
    run.clear()
    story("A01")
    assert run.total() > 150 and built.total() < 0.08 * run.total(), (run, built)
