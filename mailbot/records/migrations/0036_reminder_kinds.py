"""Migration 36: the kind of each key of a scheduled notice beside it, so that an index finds those of one kind."""

from typing import Any

from peewee import CharField


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(migrator.add_column("reminder", "kind", CharField(default="")))
    before_colon = "substr(key, 1, instr(key, ':') - 1)" if db.param == "?" else "split_part(key, ':', 1)"
    db.execute_sql(f"UPDATE reminder SET kind = {before_colon}")
    migrator.migrate(migrator.add_index("reminder", ("kind", "at"), False))
