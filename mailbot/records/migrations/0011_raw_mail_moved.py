"""Migration 11: raw mail and the UIDs of fetched messages are in the intake store (`raw_mail.move` has copied them)."""

from typing import Any

from peewee import BooleanField


def up(migrator: Any, db: Any) -> None:
    db.execute_sql("UPDATE inbox SET content = ''")  # a dropped column alone would keep the octets in PostgreSQL
    migrator.migrate(
        migrator.drop_column("inbox", "content", cascade=False),
        migrator.add_column("inbox", "withheld", BooleanField(default=False, index=True)),
    )
    if db.param == "?":  # SQLite; in PostgreSQL the intake store uses the table on
        db.execute_sql("DROP TABLE fetched")
