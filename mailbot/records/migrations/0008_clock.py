"""Migration 8: the clock mark, the last instant at which the system clock passed the plausibility check."""

from typing import Any

from peewee import CharField, IntegerField, Model


class ClockRow(Model):
    id = IntegerField(primary_key=True)
    seen_at = CharField()

    class Meta:
        table_name = "clock"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    del migrator
    with db.bind_ctx((ClockRow,)):
        db.create_tables((ClockRow,))
