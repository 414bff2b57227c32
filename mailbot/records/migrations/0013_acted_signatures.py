"""DKIM signatures that were acted on, so that none of them acts again."""

from typing import Any

from peewee import AutoField, CharField, IntegerField, Model


class ActedSignatureRow(Model):
    id = AutoField()
    domain = CharField()
    digest = CharField()
    inbox_id = IntegerField()
    expires_at = CharField(index=True)

    class Meta:
        table_name = "acted_signature"
        legacy_table_names = False
        indexes = ((("domain", "digest"), True),)


def up(migrator: Any, db: Any) -> None:
    del migrator
    with db.bind_ctx((ActedSignatureRow,)):
        db.create_tables((ActedSignatureRow,))
