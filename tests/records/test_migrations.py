"""Tests of records.migrations: together they make the schema of tables.py; a newer schema is refused."""

import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import peewee
import pytest
from playhouse.schema_diff import diff_models

from mailbot.errors import Permanent
from mailbot.records.database import Store, Upgrade, open_store, opening
from mailbot.records.schema.tables import INTAKE, MAIN, Schema
from tests.testkit.records import SQLITE, URL


def shape(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Table → (column, type, not null, primary key) in any order, and foreign keys, as reported by SQLite.

    Without the tables that have no class: what is in them follows from others.
    """
    connection = sqlite3.connect(path)
    names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    found = {
        name: sorted((c[1], c[2], c[3], c[5]) for c in connection.execute(f"PRAGMA table_info({name})"))
        + [tuple(key[2:]) for key in connection.execute(f"PRAGMA foreign_key_list({name})")]
        for name in names
        if name not in (MAIN.history, INTAKE.history, "register_version") and not name.startswith("log_search")
    }
    connection.close()
    return found


@SQLITE
@pytest.mark.parametrize("schema", [MAIN, INTAKE], ids=["main", "intake"])
def test_all_migrations_together_are_the_tables(store: Store, tmp_path: Path, schema: Schema) -> None:
    part = store if schema is MAIN else store.intake
    assert str(diff_models(part._connection, schema.tables)) == ""
    fresh = peewee.SqliteDatabase(str(tmp_path / "fresh.db"))
    with fresh.bind_ctx(schema.tables):
        fresh.create_tables(schema.tables)
    fresh.close()
    assert shape(part.path) == shape(tmp_path / "fresh.db")


def test_they_are_applied_once(store: Store, tmp_path: Path, database: str) -> None:
    before = sorted(store._connection.get_tables())
    store.close()
    again = open_store(database, tmp_path)
    assert sorted(again._connection.get_tables()) == before
    for part in (again, again.intake):
        assert part.applied_migrations() == [path.stem for path in sorted(part.schema.migrations.glob("0*.py"))]
    again.close()


def test_a_store_of_a_newer_version_is_refused(store: Store, tmp_path: Path, database: str) -> None:
    with store.transaction():
        store._connection.execute_sql(
            "INSERT INTO schema_migration (name, applied) VALUES ('9999_later', '2030-01-01')"
        )
    store.close()
    with pytest.raises(Permanent, match="newer version of mailbot"):
        open_store(database, tmp_path)


@SQLITE
@pytest.mark.parametrize("broken", ["def up(migrator, db):\n    raise KeyError\n", "nothing = 1\n", "syntax error\n"])
def test_a_migration_that_fails_leaves_the_old_store(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    """T-98: a failed migration is rolled back."""
    store.close()
    before = shape(store.path)
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in MAIN.migrations.glob("0*.py"):
        (folder / path.name).write_text(path.read_text())
    lines = broken.replace("    raise", "    db.execute_sql('CREATE TABLE half (id INTEGER)')\n    raise")
    (folder / "9999_broken.py").write_text(lines)
    with monkeypatch.context() as patch:
        patch.setattr(opening, "MAIN", replace(MAIN, migrations=folder))
        with pytest.raises((Permanent, KeyError, SyntaxError)):
            open_store(URL, tmp_path, upgrade=Upgrade())
    assert shape(store.path) == before
    open_store(URL, tmp_path).close()


KILLED = """
import os, sys
from dataclasses import replace
from pathlib import Path
from mailbot.records.database import Upgrade, open_store, opening
opening.MAIN = replace(opening.MAIN, migrations=Path(sys.argv[1]))
open_store(sys.argv[2], Path(sys.argv[3]), upgrade=Upgrade())
"""


def test_a_migration_that_is_killed_half_way_is_resumed(store: Store, tmp_path: Path, database: str) -> None:
    """T-98: after the kill the old version opens the store, and the new one completes the migration."""
    store.close()
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in MAIN.migrations.glob("0*.py"):
        (folder / path.name).write_text(path.read_text())
    half = "def up(migrator, db):\n    db.execute_sql('CREATE TABLE half (id INTEGER)')\n"
    (folder / "9998_killed.py").write_text(f"import os\n{half}    os.kill(os.getpid(), 9)\n")
    command = [sys.executable, "-c", KILLED, str(folder), database, str(tmp_path)]
    assert subprocess.run(command, check=False).returncode == -9
    old = open_store(database, tmp_path)
    assert "half" not in old._connection.get_tables()
    old.close()
    (folder / "9998_killed.py").write_text(half)
    assert subprocess.run(command, check=False).returncode == 0
    with pytest.raises(Permanent, match="newer version of mailbot"):
        open_store(database, tmp_path)
