"""Migration 1 of the intake store: mail as it was received, and the UIDs of fetched IMAP messages."""

from typing import Any

from peewee import AutoField, BigIntegerField, BlobField, BooleanField, CharField, IntegerField, Model, TextField


class ReceivedRow(Model):
    id = IntegerField(primary_key=True)
    received_at = CharField()
    source = CharField()
    sender = TextField()
    recipients = TextField()
    smtputf8 = BooleanField()
    evidence = TextField()
    content = BlobField()

    class Meta:
        table_name = "received"
        legacy_table_names = False


class FetchedRow(Model):
    id = AutoField()
    account = CharField()
    folder = CharField()
    uidvalidity = BigIntegerField()
    uid = BigIntegerField()

    class Meta:
        table_name = "fetched"
        legacy_table_names = False
        indexes = ((("account", "folder", "uidvalidity", "uid"), True),)


TABLES = (ReceivedRow, FetchedRow)


def up(migrator: Any, db: Any) -> None:
    del migrator
    if db.table_exists("fetched"):  # in PostgreSQL that of the main store, in the same database, is used on
        with db.bind_ctx((ReceivedRow,)):
            db.create_tables((ReceivedRow,))
        return
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
