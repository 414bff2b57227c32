"""Which process has a mail or a notice in hand; in PostgreSQL, text of any length."""

from typing import Any

from peewee import CharField, IntegerField, PostgresqlDatabase

_SHORT = """
    SELECT table_name, column_name FROM information_schema.columns
    WHERE table_schema = current_schema() AND data_type = 'character varying'
"""


def up(migrator: Any, db: Any) -> None:
    is_postgres = isinstance(db, PostgresqlDatabase)
    migrator.migrate(
        migrator.add_column("inbox", "claimed_by", IntegerField(null=True)),
        migrator.add_column("outbox", "claimed_by", IntegerField(null=True)),
        migrator.add_column("outbox", "claimed_at", CharField(null=True)),
    )
    if is_postgres:  # SQLite does not hold VARCHAR(255) to its word, PostgreSQL does
        for table, column in db.execute_sql(_SHORT).fetchall():
            db.execute_sql(f'ALTER TABLE "{table}" ALTER COLUMN "{column}" TYPE text')
