"""Issued passwords, their past generations, log-in attempts and sessions.

A column without a comment is described by its name.
"""

from peewee import AutoField, BlobField, BooleanField, DateField, IntegerField

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, TextField


class SecretRow(BaseRow):
    """An issued password, sealed; the row goes when its view period is over."""

    id = AutoField()
    application_id = IntegerField(index=True)
    user_id = CharField()
    sealed = BlobField()  # AES-GCM
    key_id = CharField()  # which key of the key file
    view_first = DateField()
    view_last = DateField()
    issued_at = InstantField()

    class Meta:
        table_name = "secret"


class GenerationRow(BaseRow):
    """The last passwords of an ID as salted hashes, so that none is issued again."""

    id = AutoField()
    user_id = CharField(index=True)
    salt = BlobField()
    hash = BlobField()
    issued_at = InstantField()

    class Meta:
        table_name = "password_generation"


class LoginTryRow(BaseRow):
    """One try to log in on the web page with a 事業所パスワード."""

    id = AutoField()
    at = InstantField(index=True)
    office = CharField(index=True)  # 事業所コード as it was typed, folded
    peer = TextField()
    succeeded = BooleanField()

    class Meta:
        table_name = "login_try"


class SessionRow(BaseRow):
    """Who is logged in on the web page."""

    id_hash = CharField(primary_key=True)  # SHA-256 of what the cookie holds
    office = CharField(index=True)
    csrf = CharField()
    began_at = InstantField()
    used_at = InstantField()

    class Meta:
        table_name = "session"
