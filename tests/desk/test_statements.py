"""How many SQL statements and commits an application takes: each one more is paid for with every mail."""

import pytest

from mailbot.desk import reception
from mailbot.records.database.sqlite_connection import SqliteConnection
from tests.testkit.contract_forms import ABOLITION, BROKER, MAILBOX
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import SQLITE

DECIDING, ALL, COMMITS = 25, 60, 10  # from the stored mail to the relay's 250 for its notices


@SQLITE
@pytest.mark.parametrize("form", [FORM, ABOLITION, BROKER, MAILBOX], ids=["FORM", "ABOLITION", "BROKER", "MAILBOX"])
def test_an_application(desk: DeskUnderTest, taro: Person, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    taro.sends(form, "申込")  # from now on what the register says is in memory
    taro.replies(taro.gets("received"), "取下げ\n")
    desk.passes(hours=24)
    counts = {"statements": 0, "commits": 0, "deciding": 0}
    run, commit, handle = SqliteConnection.execute_sql, SqliteConnection.commit, reception.handle

    def counted(connection: SqliteConnection, *given: object) -> object:
        counts["statements"] += 1
        return run(connection, *given)  # type: ignore[arg-type]

    def committed(connection: SqliteConnection) -> None:
        counts["commits"] += connection.writing
        commit(connection)

    def handled(*given: object) -> object:
        before = counts["statements"]
        outcome = handle(*given)  # type: ignore[arg-type]
        counts["deciding"] = counts["statements"] - before
        return outcome

    monkeypatch.setattr(SqliteConnection, "execute_sql", counted)
    monkeypatch.setattr(SqliteConnection, "commit", committed)
    monkeypatch.setattr(reception, "handle", handled)
    taro.sends(form, "申込")
    assert 15 < counts["deciding"] <= DECIDING and counts["statements"] <= ALL and counts["commits"] <= COMMITS, counts
