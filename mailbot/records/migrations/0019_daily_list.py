"""Migration 19: the items of an operator's daily list, which a reply to it may act on."""

from typing import Any

from peewee import AutoField, CharField, IntegerField, Model


class DailyListItemRow(Model):
    id = AutoField()
    token_id = CharField(index=True)
    kind = CharField()
    number = IntegerField()
    listed_at = CharField()

    class Meta:
        table_name = "daily_list_item"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    del migrator
    with db.bind_ctx((DailyListItemRow,)):
        db.create_tables((DailyListItemRow,))
