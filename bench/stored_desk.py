"""A desk with a long history whose lists are as long as they get: what `bench.pages` measures.

Besides the history (`stored_history`, spread over a year): offices with their people, applications that wait for a
review, inquiries that wait for an answer, quarantined mails, notices that were not delivered, and an audit log.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import stored_history
from mailbot.records.database import Store, open_store
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.register_tables import ContactRow, OfficeRow
from tests.testkit.desk import DeskUnderTest, open_desk_under_test
from tests.testkit.postgres import Postgres
from tests.testkit.records import URL

SPAN = timedelta(days=365)  # of the history
WAITING = 500  # applications that wait for a review
OPEN = 60  # inquiries that wait for an answer
QUARANTINED = 500  # one mail of so many
FAILED = 300  # one notice of so many
AUDITED = 4  # one row of the audit log for so many of the mail log


@contextmanager
def stored_desk(folder: Path, kind: str, rows: int) -> Iterator[DeskUnderTest]:
    """A desk with about `rows` rows in its mail log; one that `folder` has from an earlier run is opened again."""
    base, clock = folder / "desk", folder / "clock"
    server = _server(folder / "postgres") if kind == "postgresql" else None
    try:
        if clock.is_file():
            url = server.url("bench") if server is not None else URL
            desk = open_desk_under_test(base, seed=2, store=open_store(url, base))
        else:
            if server is not None:
                server.sql("CREATE DATABASE bench")
            base.mkdir()
            desk = open_desk_under_test(base, url=server.url("bench") if server is not None else URL)
            fill(desk, rows)
            clock.write_text(desk.clock.now().isoformat(), encoding="utf-8")
        desk.clock.advance(datetime.fromisoformat(clock.read_text(encoding="utf-8")) - desk.clock.now())
        yield desk
        desk.store.close()
    finally:
        if server is not None:
            server.stop("fast")


def _server(root: Path) -> Postgres:
    server = Postgres(root)
    return (server if (root / "data").is_dir() else server.make()).start()


def fill(desk: DeskUnderTest, rows: int) -> None:
    """Store everything, and set the clock to the end of it."""
    stored_history.originals(desk)
    begin = desk.clock.now()
    with desk.store.reading():
        each, own = MailLogRow.select().count() / stored_history.stored(), stored_history.stored()
    applications = int(rows / each)
    slot = int(SPAN.total_seconds() * own / applications)
    with without_indexes(desk.store):
        stored_history.copy(desk.store, applications, slot, begin)
    desk.clock.advance(SPAN)
    with desk.store.transaction():
        for sql in (*_unlike_the_originals(), *_offices(), *_audit_log(rows)):
            _run(desk.store, sql)
        if desk.store.kind == "postgresql":
            for table in ("outbox", "delivery", "mail_log", "application", "step", "audit", "contact"):
                _run(
                    desk.store, f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))"
                )
            _run(desk.store, "ANALYZE")  # as its autovacuum does; SQLite is not analysed


@contextmanager
def without_indexes(store: Store) -> Iterator[None]:
    """Drop the indexes of PostgreSQL, but for the unique ones, and make them again: faster than to fill them.

    SQLite gets a large cache, and does not wait for the disk.
    """
    if store.kind == "sqlite":
        quick = {"cache_size": -2_000_000, "synchronous": 0, "secure_delete": 0, "foreign_keys": 0}  # KiB; off
        kept = {name: _run(store, f"PRAGMA {name}").fetchone()[0] for name in quick}
        for values in (quick, kept):
            for name, value in values.items():
                store._connection.connection().execute(f"PRAGMA {name} = {value}")
            if values is quick:
                yield
        return
    with store.transaction():
        found = _run(store, "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'").fetchall()
        plain = [(name, sql) for name, sql in found if " UNIQUE " not in sql]
        for name, _ in plain:
            _run(store, f'DROP INDEX "{name}"')
    yield
    with store.transaction():
        _run(store, "SET LOCAL maintenance_work_mem = '1GB'")
        for _, sql in plain:
            _run(store, sql)


def _unlike_the_originals() -> Iterator[str]:
    """States that only some of the copies have; those that wait are the newest."""
    quarantined = "disposition = 'quarantined', reason = 'precedence'"
    newest = f"(SELECT max(id) - {4 * WAITING} FROM application)"
    yield f"UPDATE inbox SET {quarantined} WHERE id % {QUARANTINED} = 0"
    yield f"UPDATE mail_log SET {quarantined} WHERE direction = 'in' AND inbox_id % {QUARANTINED} = 0"
    yield f"UPDATE outbox SET state = 'failed' WHERE id % {FAILED} = 0"
    yield f"UPDATE application SET state = 'received', decided_at = NULL WHERE id % 4 = 0 AND id > {newest}"
    still_open = f"(SELECT mail_id FROM inquiry ORDER BY mail_id DESC LIMIT {OPEN})"
    yield f"UPDATE inquiry SET state = 'answered', answered_at = received_at WHERE mail_id NOT IN {still_open}"


def _offices() -> Iterator[str]:
    """NAC001 with other codes, names and addresses, as the copies have them."""
    for model in (OfficeRow, ContactRow):
        table, columns = model._meta.table_name, [field.column_name for field in model._meta.sorted_fields]
        changed = {
            "id": "t.id + k * 100",
            "code": "'G' || k",
            "office_id": "'G' || k",
            "company": "t.company || k",
            **{
                name: f"replace(t.{name}, 'naxtrade', 'g' || k)"
                for name in ("key", "email", "admin_key", "admin_email")
            },
        }
        values = ", ".join(changed.get(name, f't."{name}"') for name in columns)
        names = ", ".join(f'"{name}"' for name in columns)
        of_original = "t.code = 'NAC001'" if model is OfficeRow else "t.office_id = 'NAC001'"
        last = stored_history.OFFICES - 1
        series = f"WITH RECURSIVE copy(k) AS (SELECT 1 UNION ALL SELECT k + 1 FROM copy WHERE k < {last})"
        yield f'INSERT INTO "{table}" ({names}) {series} SELECT {values} FROM "{table}" t, copy WHERE {of_original}'


def _audit_log(rows: int) -> Iterator[str]:
    """Looks and actions of twenty people, at the times of the mails."""
    yield (
        "INSERT INTO audit (at, who, what, kind, subject) "
        "SELECT at, 'person' || (id % 20) || '@desk.example', CASE WHEN id % 3 = 0 THEN 'released mail #' || id ELSE "
        "'looked at' END, CASE WHEN id % 3 = 0 THEN 'act' ELSE 'look' END, 'mail ' || (id / 7) "
        f"FROM mail_log WHERE id % {AUDITED} = 0 ORDER BY id"
    )


def _run(store: Store, sql: str) -> Any:
    """`sql` has no parameters, and % is an operator."""
    return store._connection.execute_sql(sql if store.kind == "sqlite" else sql.replace("%", "%%"))
