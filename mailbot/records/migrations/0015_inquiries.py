"""Migration 15: inquiries, and pauses of an office's log-in."""

from typing import Any

from peewee import BooleanField, CharField, DateField, IntegerField, Model, TextField


class InquiryRow(Model):
    mail_id = IntegerField(primary_key=True)
    received_at = CharField()
    application_id = IntegerField(null=True, index=True)
    office = CharField(index=True)
    sender = TextField()
    name = TextField()
    words = TextField()
    audience = CharField()
    promised_on = DateField()
    concern = BooleanField()
    days_left = IntegerField(null=True)
    state = CharField(index=True)
    answered_by = TextField(default="")
    answered_at = CharField(null=True)

    class Meta:
        table_name = "inquiry"
        legacy_table_names = False


class LoginPauseRow(Model):
    office = CharField(primary_key=True)
    since = CharField()
    reason = TextField()

    class Meta:
        table_name = "login_pause"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    del migrator
    with db.bind_ctx((InquiryRow, LoginPauseRow)):
        db.create_tables((InquiryRow, LoginPauseRow))
