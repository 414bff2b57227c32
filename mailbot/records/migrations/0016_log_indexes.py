"""Indexes of the mail log: by mail, by notice, and by pairs of characters (`log.search_index`, which fills it)."""

from typing import Any


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(
        migrator.add_index("mail_log", ("inbox_id",), False),
        migrator.add_index("mail_log", ("outbox_id",), False),
    )
    if db.param == "?":  # SQLite
        db.execute_sql("CREATE VIRTUAL TABLE log_search USING fts5(grams, content='', detail=none, tokenize='ascii')")
    else:
        db.execute_sql("CREATE TABLE log_search (row_id bigint PRIMARY KEY, grams bigint[] NOT NULL)")
        db.execute_sql("CREATE INDEX log_search_grams ON log_search USING gin (grams)")
