"""The CPU time that the mails of each sender have cost lately, and whose each waiting mail is."""

from typing import Any

from peewee import BigIntegerField, Model, TextField


class SenderCostRow(Model):
    account = TextField(primary_key=True)
    clear_at = BigIntegerField(index=True)

    class Meta:
        table_name = "sender_cost"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    migrator.migrate(migrator.add_column("inbox", "account", TextField(default="")))
    with db.bind_ctx((SenderCostRow,)):
        db.create_tables((SenderCostRow,))
