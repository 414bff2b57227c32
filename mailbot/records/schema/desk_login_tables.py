"""The tables of the desk's own log-ins and their sessions.

A column without a comment is described by its name.
"""

from peewee import AutoField, IntegerField

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, TextField
from mailbot.records.schema.sealed_columns import SealedTextField


class DeskLoginRow(BaseRow):
    """A log-in to the desk's pages (model.desk_login.DeskLogin)."""

    id = AutoField()
    email = CharField(unique=True)  # folded
    name = TextField()
    roles = CharField()  # model.desk_login.DeskRole, joined by commas
    password_hash = TextField()  # argon2id
    totp_key = SealedTextField()  # base32
    totp_step = IntegerField(default=0)
    created_at = InstantField()

    class Meta:
        table_name = "desk_login"


class DeskSessionRow(BaseRow):
    """A session of such a log-in; deleted when it ends."""

    id = AutoField()
    id_hash = CharField(unique=True)  # SHA-256 of the session identifier in the cookie
    login_id = IntegerField(index=True)
    csrf = CharField()
    began_at = InstantField()
    used_at = InstantField()
    client = CharField()  # IPv4 address, or IPv6 /64

    class Meta:
        table_name = "desk_session"
