"""A desk with a long history whose lists are as long as they get: what `bench.pages` measures.

Besides the history (`stored_history`, spread over a year): offices with their people, applications that wait for a
review, inquiries that wait for an answer, quarantined mails, notices that were not delivered, and an audit log.
"""

import argparse
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from bench import stored_history
from bench.stored_history import Selection
from mailbot.clock import TOKYO
from mailbot.records.database import Store, open_store
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.records.schema.register_tables import ContactRow, OfficeRow
from tests.testkit import desk_folder
from tests.testkit.desk import DeskUnderTest, import_sample, open_desk_under_test
from tests.testkit.postgres import Postgres
from tests.testkit.records import URL

SPAN = timedelta(days=365)  # of the history
WAITING = 500  # applications that wait for a review
OPEN = 60  # inquiries that wait for an answer
QUARANTINED = 500  # one mail of so many
FAILED = 300  # one notice of so many
AUDITED = 4  # one row of the audit log for so many of the mail log
LOG_ROWS = 5  # of an application, where applications are counted
LONG_AGO = datetime(2026, 9, 18, 10, 0, tzinfo=TOKYO)  # a Friday, when those histories begin; they take two months


@dataclass(frozen=True)
class Size:
    """How much is stored: rows of the mail log, or applications with LOG_ROWS rows of it each and stub bodies."""

    rows: int = 0
    applications: int = 0


def arguments(description: str | None) -> argparse.ArgumentParser:
    """The arguments of a command that measures stores of several numbers of applications."""
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, required=True, help="where the stores stay")
    parser.add_argument("--applications", type=int, nargs="+", default=[1_000, 1_000_000])
    parser.add_argument("--store", choices=["sqlite", "postgresql"], default="sqlite")
    return parser


@contextmanager
def stored_desk(folder: Path, kind: str, size: Size) -> Iterator[DeskUnderTest]:
    """A desk of about that size; one that `folder` has from an earlier run is opened again.

    Where `size` is a number of applications, `folder/desk` has a configuration as well, and all that happened there is
    past for the command line, too.
    """
    base, clock = folder / "desk", folder / "clock"
    server = _server(folder / "postgres") if kind == "postgresql" else None
    try:
        url = server.url("bench") if server is not None else URL
        if not clock.is_file():
            if server is not None:
                server.sql("CREATE DATABASE bench")
            base.mkdir()
            desk = _new_desk(base, url, size)
            fill(desk, size)
            clock.write_text(desk.clock.now().isoformat(), encoding="utf-8")
            desk.store.close()
        _configure(base, url)  # a server has another port each time
        desk = open_desk_under_test(base, seed=time.time_ns(), store=open_store(url, base))
        desk.clock.set(datetime.fromisoformat(clock.read_text(encoding="utf-8")))
        yield desk
        if size.applications:
            clock.write_text(desk.clock.now().isoformat(), encoding="utf-8")
        desk.store.close()
    finally:
        if server is not None:
            server.stop("fast")


def _server(root: Path) -> Postgres:
    server = Postgres(root)
    return (server if (root / "data").is_dir() else server.make()).start()


def _new_desk(base: Path, url: str, size: Size) -> DeskUnderTest:
    if not size.applications:
        return open_desk_under_test(base, url=url)
    desk_folder.init(base, "--sample")
    _configure(base, url)
    store = open_store(url, base, create=True)
    with store.transaction():
        import_sample()
    desk = open_desk_under_test(base, store=store)
    desk.clock.set(LONG_AGO)
    return desk


def _configure(base: Path, url: str) -> None:
    config = base / "config.toml"
    if config.is_file():
        text = config.read_text(encoding="utf-8")
        config.write_text(re.sub(r'^url = "\w+://.*"$', f'url = "{url}"', text, flags=re.M), encoding="utf-8")


def fill(desk: DeskUnderTest, size: Size) -> None:
    """Store everything, and set the clock to the end of it."""
    stored_history.originals(desk)
    begin, selected = desk.clock.now(), Selection()
    with desk.store.reading():
        own, rows = stored_history.stored(), MailLogRow.select().count()
        if size.applications:
            selected = stored_history.selection(LOG_ROWS)
    applications = size.applications or int(size.rows * own / rows)
    slot = int(SPAN.total_seconds() * own / applications)
    with without_indexes(desk.store):
        if size.applications:
            stored_history.copy(desk.store, applications, slot, begin - SPAN, selected)
        else:
            stored_history.copy(desk.store, applications, slot, begin)
            desk.clock.advance(SPAN)
        with desk.store.transaction():
            for sql in _offices():
                _run(desk.store, sql)
    with desk.store.transaction():
        for sql in (*_unlike_the_originals(), *_audit_log()):
            _run(desk.store, sql)
        if desk.store.kind == "postgresql":
            for table in _with_sequences(desk.store):
                sequence = f"pg_get_serial_sequence('{table}', 'id')"
                _run(desk.store, f"SELECT setval({sequence}, (SELECT coalesce(max(id), 1) FROM {table}))")
            _run(desk.store, "ANALYZE")  # as its autovacuum does; SQLite is not analysed


def _with_sequences(store: Store) -> list[str]:
    """The tables whose ids PostgreSQL counts itself."""
    columns = "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public'"
    found = _run(store, f"{columns} AND column_name = 'id' AND column_default LIKE 'nextval(%'").fetchall()
    return [name for (name,) in found]


@contextmanager
def without_indexes(store: Store) -> Iterator[None]:
    """Drop the indexes, but for the unique ones, and make them again: faster than to fill them.

    SQLite gets a large cache, and does not wait for the disk.
    """
    with quick(store), store.transaction():
        found = _run(
            store,
            "SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL"
            if store.kind == "sqlite"
            else "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        ).fetchall()
        plain = [(name, sql) for name, sql in found if " UNIQUE " not in sql]
        for name, _ in plain:
            _run(store, f'DROP INDEX "{name}"')
    with quick(store):
        yield
        for _, sql in plain:
            with store.transaction():
                if store.kind == "postgresql":
                    _run(store, "SET LOCAL maintenance_work_mem = '1GB'")
                _run(store, sql)


@contextmanager
def quick(store: Store) -> Iterator[None]:
    """SQLite with a large cache, and without waiting for the disk."""
    if store.kind != "sqlite":
        yield
        return
    values = {"cache_size": -2_000_000, "synchronous": 0, "secure_delete": 0, "foreign_keys": 0}  # KiB; off
    connection = store._connection.connection()
    kept = {name: connection.execute(f"PRAGMA {name}").fetchone()[0] for name in values}
    for name, value in values.items():
        connection.execute(f"PRAGMA {name} = {value}")
    yield
    for name, value in kept.items():
        connection.execute(f"PRAGMA {name} = {value}")


def _unlike_the_originals() -> Iterator[str]:
    """States that only some of the copies have; those that wait are the newest."""
    quarantined = "disposition = 'quarantined', reason = 'precedence'"
    newest = f"(SELECT max(id) - {4 * WAITING} FROM application)"
    yield f"UPDATE inbox SET {quarantined} WHERE id % {QUARANTINED} = 0"
    yield f"UPDATE mail_log SET {quarantined} WHERE direction = 'in' AND inbox_id % {QUARANTINED} = 0"
    yield f"UPDATE outbox SET state = 'failed' WHERE id % {FAILED} = 0"
    yield "UPDATE application SET in_effect_at = decided_at WHERE in_effect_at IS NULL AND start_date IS NOT NULL"
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


def _audit_log() -> Iterator[str]:
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
