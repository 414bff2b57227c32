"""The append-only logs, and the clock mark.

A column without a comment is described by its name.
"""

from peewee import AutoField, IntegerField

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, TextField


class MailLogRow(BaseRow):
    """The mail log: append-only, each row carrying the hash of the one before."""

    id = AutoField()
    at = InstantField()
    direction = CharField()
    sender = TextField()
    recipient = TextField()
    subject = TextField()
    message_id = TextField()
    disposition = CharField()
    reason = CharField()
    detail = TextField()
    office = CharField(index=True)
    receipt = CharField(index=True)
    inbox_id = IntegerField(null=True)
    outbox_id = IntegerField(null=True)
    text = TextField()
    hash = CharField()  # SHA-256 of the hash before and this row

    class Meta:
        table_name = "mail_log"


class AuditRow(BaseRow):
    """Who looked at a secret; append-only."""

    id = AutoField()
    at = InstantField()
    who = TextField()
    what = TextField()

    class Meta:
        table_name = "audit"


class ClockRow(BaseRow):
    """Up to when the desk's clock was believed: one row."""

    id = IntegerField(primary_key=True)
    seen_at = InstantField()

    class Meta:
        table_name = "clock"
