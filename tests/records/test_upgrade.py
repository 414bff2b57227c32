"""A store of an older version is upgraded by whoever is told to, after a backup, and never while somebody serves it."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from playhouse.schema_diff import diff_models

from mailbot import files
from mailbot.errors import Permanent
from mailbot.records.database import Store, Upgrade, open_store, opening
from mailbot.records.database.upgrade import OLDER
from mailbot.records.migrations import raw_mail
from mailbot.records.schema.tables import INTAKE, MAIN
from tests.testkit.records import SQLITE, URL

NAMES = [path.stem for path in sorted(MAIN.migrations.glob("0*.py"))]
INTAKE_NAMES = [path.stem for path in sorted(INTAKE.migrations.glob("0*.py"))]
# Every version of the store is that of one migration; the intake store came with migration 11, and sealed mails with 21.
VERSIONS = [(main, INTAKE_NAMES[main >= "0021"]) for main in NAMES[:-1]]
EVERYDAY = (NAMES[0], raw_mail.LAST_BEFORE, NAMES[-2])
AT = "2026-11-20T01:00:00.123456+00:00"
OFFICE = (
    "INSERT INTO office (code, company, company_en, name, name_en, address, customs, division, language, password_hash,"
    " admin_name, admin_kana, admin_phone, admin_email, admin_key) VALUES ('NAC001', 'ナックス商事', '', '第一営業所', '',"
    " '', '東京税関', '海上', 'ja', 'h', '管理 花子', '', '', 'hanako@x.example', 'hanako@x.example')"
)
APPLICATION = (
    "INSERT INTO application (procedure, office, state, revision, receipt, submitted_at{column}) VALUES"
    f" ('password_initialization', 'NAC001', 'received', 1, '2600001C', '{AT}'{{value}})"
)
AUDIT = f"INSERT INTO audit (at, who, what) VALUES ('{AT}', 'ops', 'before the upgrade')"


def of_version(main: str, intake: str, url: str, base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the store of `url`, which has no tables, one of that version, with rows in it."""
    with monkeypatch.context() as patch:
        for schema, last in ((MAIN, main), (INTAKE, intake)):
            folder = base / f"{schema.history}s"
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            for path in schema.migrations.glob("0*.py"):
                if path.stem <= last:
                    shutil.copy(path, folder)
            patch.setattr(opening, "MAIN" if schema is MAIN else "INTAKE", replace(schema, migrations=folder))
        patch.setattr(raw_mail, "fill_gaps", lambda *_: None)
        if main <= raw_mail.LAST_BEFORE:
            patch.setattr(raw_mail, "move", lambda *_: None)
            patch.setattr(raw_mail, "LAST_BEFORE", main)
        store = open_store(url, base, create=True)
    with closing(store), store.transaction():
        columns = {column.name for column in store._connection.get_columns("application")}
        filled = {"held": "{false}", "taken_by": "''"}
        missing = {name: text for name, text in filled.items() if name in columns}
        false = "0" if store.kind == "sqlite" else "false"
        names, values = "".join(f", {n}" for n in missing), "".join(f", {t}" for t in missing.values())
        for statement in (OFFICE, APPLICATION.format(column=names, value=values).replace("{false}", false), AUDIT):
            store._connection.execute_sql(_with_filled(statement, store))
        if main <= raw_mail.LAST_BEFORE:  # it had no intake store
            with store.intake.transaction():
                for table in (
                    store.intake._connection.get_tables()
                    if store.kind == "sqlite"
                    else ("received", "intake_migration")
                ):
                    store.intake._connection.execute_sql(f"DROP TABLE {table}")
    if main <= raw_mail.LAST_BEFORE:
        for path in base.glob("store/*.intake.*"):
            path.unlink()


def _with_filled(statement: str, store: Store) -> str:
    """The statement with '' for the text columns that this version has besides, without a default."""
    table = statement.split()[2]
    given = statement[statement.index("(") + 1 : statement.index(")")].split(", ")
    more = [
        c.name
        for c in store._connection.get_columns(table)
        if c.name not in given and not c.null and c.default is None and not c.primary_key
    ]
    filled = {"revision": "1", "held": "0" if store.kind == "sqlite" else "false"}
    head, _, rest = statement.partition(") VALUES (")
    values = rest.rstrip().removesuffix(")") + "".join(f", {filled.get(name, chr(39) * 2)}" for name in more) + ")"
    return f"{head}{''.join(f', {name}' for name in more)}) VALUES ({values}"


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, database: str) -> Iterator[str]:
    """Without any table."""
    if database == URL:
        yield database
        return
    server, _ = request.getfixturevalue("postgres_template")
    url = str(server.database())
    yield url
    server.drop(url)


@pytest.mark.parametrize(
    ("main", "intake"),
    [pytest.param(*one, marks=() if one[0] in EVERYDAY else pytest.mark.slow) for one in VERSIONS],
    ids=[main for main, _ in VERSIONS],
)
def test_the_store_of_each_version_is_upgraded_after_a_backup(
    main: str, intake: str, empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_version(main, intake, empty_database, tmp_path, monkeypatch)
    for _ in range(2):  # it is refused, and left as it is
        with pytest.raises(Permanent, match=OLDER):
            open_store(empty_database, tmp_path)
    with closing(open_store(empty_database, tmp_path, upgrade=Upgrade())) as store:
        done = store.upgraded
        assert done is not None and (done.before, done.after) == (main, NAMES[-1])
        assert [
            len(store._connection.execute_sql(f"SELECT * FROM {name}").fetchall())
            for name in ("office", "application", "audit")
        ] == [1, 1, 1]
        if store.kind == "sqlite":
            for part in (store, store.intake):
                assert str(diff_models(part._connection, part.schema.tables)) == ""
            copies = [path for path in done.backups if "intake" not in path.name]
            with closing(sqlite3.connect(copies[0])) as copy:
                assert copy.execute("SELECT MAX(name) FROM schema_migration").fetchone() == (main,)
                assert copy.execute("SELECT what FROM audit").fetchall() == [("before the upgrade",)]
        assert all(path.stat().st_mode & 0o077 == 0 for path in done.backups) and (done.backups or done.note)
    with closing(open_store(empty_database, tmp_path)) as again:
        assert again.upgraded is None


def test_an_upgrade_that_is_repeated_keeps_the_copy_of_the_old_version(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Interrupted between two migrations, the store is of neither version: only the first copy leads back."""
    of_version(NAMES[-3], INTAKE_NAMES[-1], empty_database, tmp_path, monkeypatch)
    with monkeypatch.context() as patch:

        def interrupted(store: Store, *_: object, **__: object) -> None:
            store.migrate(NAMES[-2])
            raise KeyboardInterrupt

        patch.setattr(opening, "_migrate_main", interrupted)
        with pytest.raises(KeyboardInterrupt):
            open_store(empty_database, tmp_path, upgrade=Upgrade())
    before = {path: path.read_bytes() for path in tmp_path.glob("store/*before*")}
    with closing(open_store(empty_database, tmp_path, upgrade=Upgrade())) as store:
        done = store.upgraded
    assert done is not None and {path: path.read_bytes() for path in before} == before
    assert not before.keys() & set(done.backups) and len(done.backups) == len(before)


def test_it_is_not_upgraded_while_somebody_serves_it(
    empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_version(*VERSIONS[-1], empty_database, tmp_path, monkeypatch)
    with monkeypatch.context() as patch:  # the older version, which serves it
        patch.setattr(opening, "MAIN", replace(MAIN, migrations=tmp_path / f"{MAIN.history}s"))
        with closing(open_store(empty_database, tmp_path)) as serving, serving.serve_lock():
            patch.undo()
            with pytest.raises(Permanent, match="serve"):
                open_store(empty_database, tmp_path, upgrade=Upgrade())
            assert serving.applied_migrations()[-1] == NAMES[-2]
    assert not list(tmp_path.glob("store/*before*"))
    open_store(empty_database, tmp_path, upgrade=Upgrade()).close()


@SQLITE
def test_without_room_for_the_backup_nothing_changes(
    database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_version(*VERSIONS[-1], database, tmp_path, monkeypatch)
    usage = shutil.disk_usage(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
        with pytest.raises(Permanent, match="no room"):
            open_store(database, tmp_path, upgrade=Upgrade())
    with pytest.raises(Permanent, match=OLDER):
        open_store(database, tmp_path)


@SQLITE
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to make files of another user")
def test_what_root_makes_belongs_to_the_owner_of_the_folder(database: str, tmp_path: Path) -> None:
    (tmp_path / "store").mkdir()
    os.chown(tmp_path / "store", 12345, 12346)
    with closing(open_store(database, tmp_path, create=True)) as store, store.serve_lock():
        found = {path.name: (path.stat().st_uid, path.stat().st_gid) for path in (tmp_path / "store").rglob("*")}
    assert len(found) >= 7 and set(found.values()) == {(12345, 12346)}, found


def test_a_file_of_another_user_is_named_with_its_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "mailbot.sqlite3.lock"
    file.touch()
    monkeypatch.setattr(os, "geteuid", lambda: 12345)
    owner = files.user_name(os.getuid())
    assert (
        files.not_permitted(file)
        == f"{file} belongs to {owner}, and the desk runs as 12345; run as root: chown 12345 {file}"
    )
