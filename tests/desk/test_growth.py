"""What a mail and the tasks of a minute cost does not grow with what is stored: no statement reads a whole table."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from mailbot.desk.calendar import deadlines
from mailbot.errors import Permanent, Temporary
from mailbot.records.database import Store
from mailbot.records.keyset import Place
from mailbot.records.maintenance import delays, raw_mail_retention, statistics
from mailbot.records.maintenance.raw_mail_retention import Deleted
from mailbot.records.queues import quarantined, received
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow
from tests.testkit.contract_forms import approve
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import SQLITE

# One row; people of the desk; a table of days; the keys of the passwords that can be seen at present; from its end to
# the last row of a received mail.
SHORT = (
    *("FROM register_version", 'FROM "reviewer"', 'FROM "absence"', 'FROM "schedule"'),
    'SELECT DISTINCT "t1"."key_id" FROM "secret"',
    'SELECT "t1"."id", "t1"."at" FROM "mail_log"',
)


@contextmanager
def statements(store: Store) -> Iterator[dict[str, Any]]:
    """SQL text → values of each statement that is executed meanwhile."""
    connection, found = store._connection, dict[str, Any]()
    execute = connection.execute_sql

    def noted(sql: str, params: Any = None) -> Any:
        found[sql] = params
        return execute(sql, params)

    connection.execute_sql = noted
    try:
        yield found
    finally:
        connection.execute_sql = execute


def scans(store: Store, found: dict[str, Any]) -> list[str]:
    """The statements that read a table, or an index, from one end to the other."""
    wrong = []
    with store.transaction():
        for sql, params in found.items():
            if not sql.startswith(("SELECT", "UPDATE", "DELETE")):
                continue
            plan = store._connection.execute_sql(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()
            for line in (str(row[-1]) for row in plan):
                if line.startswith("SCAN ") and not _is_short(line, sql):
                    wrong.append(f"{line}: {sql}")
    return wrong


def indexes(store: Store, found: dict[str, Any]) -> str:
    """The plans of the statements, which name the indexes."""
    with store.transaction():
        run = store._connection.execute_sql
        return "\n".join(str(run(f"EXPLAIN QUERY PLAN {sql}", params).fetchall()) for sql, params in found.items())


def _is_short(line: str, sql: str) -> bool:
    ends_at_first = "ORDER BY" in sql and "LIMIT" in sql and "WHERE" not in sql
    return line == "SCAN CONSTANT ROW" or ends_at_first or any(text in sql for text in SHORT)


@SQLITE
def test_mails_and_due_tasks_read_no_table_from_end_to_end(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    with statements(desk.store) as found:
        taro.sends(FORM)
        ichiro.replies(ichiro.mails[-1], "確認依頼\n理由は？\n")
        taro.replies(taro.mails[-1], "修正\nパスワード初期化の希望理由：交代のため\n")
        taro.sends("状況\n")
        approve(desk, ichiro)
        desk.person("", "somebody@elsewhere.example").sends(FORM)
        for days in (0, 3, 1):  # the view period ends; keys of notices are deleted once a day
            desk.passes(days=days)
            desk.run_due_tasks()
        with desk.store.reading():
            delays.unhandled(desk.store, desk.clock.now())
            assert delays.last_handled() == desk.clock.now() - timedelta(days=4)
            statistics.mails_by_disposition(desk.clock.now())
    assert len(found) > 50
    assert scans(desk.store, found) == []
    # There are four procedures: this index leads to a quarter of all applications.
    assert "INDEX application_procedure" not in indexes(desk.store, found)


@SQLITE
def test_quarantined_mails_are_found_by_their_disposition(desk: DeskUnderTest) -> None:
    """Nearly all mails are done: the index of the states would lead to all of them."""
    with desk.store.reading(), statements(desk.store) as found:
        quarantined.select()
        quarantined.count()
        quarantined.page(Place())
    plans = indexes(desk.store, found)
    assert plans.count("inbox_disposition_reason") == 3, plans


def test_raw_mail_is_deleted_in_parts(desk: DeskUnderTest, taro: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """The first time there may be millions: each minute some, until none is left for that day."""
    for _ in range(3):
        taro.sends(FORM)
        desk.passes(hours=25)
    desk.passes(days=40)
    object.__setattr__(desk.context, "settings", replace(desk.context.settings, raw_mail_days=30))
    monkeypatch.setattr(raw_mail_retention, "_AT_ONCE", 2)
    monkeypatch.setattr(deadlines, "MOST_EMPTIED", 4)
    parts = [deadlines.delete_what_is_old(desk.clock.now(), desk.context) for _ in range(20)]
    with desk.store.reading():
        sent = OutboxRow.select().where(OutboxRow.content == b"").count()
        assert sent == OutboxRow.select().count()
    whole = sent + len(received.numbers(desk.store))
    assert (sum(parts), parts[0], parts[-1]) == (whole, 4, 0), parts
    assert received.numbers_with_content(desk.store) == set()
    assert InboxRow.select().where(InboxRow.reading.is_null(is_null=False)).count() == 0


def readings() -> int:
    return InboxRow.select().where(InboxRow.reading.is_null(is_null=False)).count()


def test_an_interrupted_deletion(desk: DeskUnderTest, taro: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    """Readings count towards the limit; what was emptied before an error is purged from the files."""
    for _ in range(3):
        taro.sends(FORM)
        desk.passes(hours=25)
    desk.passes(days=40)
    monkeypatch.setattr(raw_mail_retention, "_AT_ONCE", 1)
    left, purged = readings(), list[str]()
    while left:
        assert not raw_mail_retention.delete_some_raw_mail(desk.store, desk.clock.now(), 30, 1).is_all
        assert readings() >= left - 1
        left = readings()

    def fails(*_: object) -> None:
        raise Temporary("away", "away")

    monkeypatch.setattr(received, "delete_content", fails)
    monkeypatch.setattr(type(desk.store), "purge_deleted", lambda store: purged.append(store.name))
    with desk.store.transaction():
        OutboxRow.update(content=b"again").where(OutboxRow.id == 1).execute()
    with pytest.raises(Temporary):
        raw_mail_retention.delete_raw_mail(desk.store, desk.clock.now(), 30)
    assert len(purged) == 2


def test_a_damaged_store_is_tried_once_a_day(
    desk: DeskUnderTest, taro: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    taro.sends(FORM)
    desk.passes(days=40)
    object.__setattr__(desk.context, "settings", replace(desk.context.settings, raw_mail_days=30))
    tried: list[int] = []

    def fails(*_: object) -> Deleted:
        tried.append(1)
        raise Permanent("damaged", "damaged")

    monkeypatch.setattr(raw_mail_retention, "delete_some_raw_mail", fails)
    for _ in range(3):
        assert deadlines.delete_what_is_old(desk.clock.now(), desk.context) == 0
    desk.passes(days=1)
    deadlines.delete_what_is_old(desk.clock.now(), desk.context)
    assert len(tried) == 2
