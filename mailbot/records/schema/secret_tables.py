"""The tables of secrets and log-ins: issued passwords, hashes of earlier ones, log-in attempts, web sessions.

A column without a comment is described by its name.
"""

from peewee import AutoField, BlobField, BooleanField, DateField, IntegerField

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, TextField


class SecretRow(BaseRow):
    """An issued password, encrypted; the row is deleted when its view period is over."""

    id = AutoField()
    application_id = IntegerField(index=True)
    user_id = CharField()  # or メールボックスID
    sealed = BlobField()  # AES-GCM: nonce and ciphertext (records.secrets.vault)
    key_id = CharField(index=True)  # identifier of the key in the key file
    view_first = DateField()
    view_last = DateField(index=True)
    issued_at = InstantField()

    class Meta:
        table_name = "secret"


class GenerationRow(BaseRow):
    """Salted hashes of the last passwords of an ID, so that none of them is issued again."""

    id = AutoField()
    user_id = CharField(index=True)
    salt = BlobField()
    hash = BlobField()
    issued_at = InstantField()

    class Meta:
        table_name = "password_generation"


class LoginTryRow(BaseRow):
    """One attempt to log in on the web page, of an office or of the desk's own people."""

    id = AutoField()
    at = InstantField(index=True)
    office = CharField(index=True)  # the account: 事業所コード or address, as typed, folded
    peer = TextField()  # the client: address prefix, or `browser <id>` of a known browser
    succeeded = BooleanField()

    class Meta:
        table_name = "login_try"


class SessionRow(BaseRow):
    """A log-in session of an office on the web page."""

    id_hash = CharField(primary_key=True)  # SHA-256 of the session identifier in the cookie
    office = CharField(index=True)
    csrf = CharField()  # token that every form of the session must carry
    began_at = InstantField()
    used_at = InstantField()  # the last request

    class Meta:
        table_name = "session"


class LoginLinkRow(BaseRow):
    """A link that was sent to the 管理責任者 of an office and was not used yet."""

    token_hash = CharField(primary_key=True)  # SHA-256 of the token in the link
    office = CharField(index=True)
    expires_at = InstantField()

    class Meta:
        table_name = "login_link"
