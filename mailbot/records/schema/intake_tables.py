"""The tables of the intake store: mail as it was received, and which messages of an IMAP folder are in it.

The intake store is a database file of its own in SQLite, so that storing a mail waits for no transaction of the main
store.  In PostgreSQL its tables are in the same database, behind a connection of their own.
"""

from peewee import AutoField, BigIntegerField, BooleanField, IntegerField

from mailbot.records.schema.columns import CharField, InstantField, IntakeBaseRow, JsonField, TextField
from mailbot.records.schema.sealed_columns import SealedJsonField, SealedOctetsField


class ReceivedRow(IntakeBaseRow):
    """A received mail; its row is committed before the SMTP server answers the final dot with 250 (RFC 5321 §4.2.5).

    The numbers are given in the order of the commits, without an earlier one becoming visible later: what is above the
    highest number of the inbox has not been transferred to it.
    """

    id = IntegerField(primary_key=True)  # the number of the mail everywhere
    received_at = InstantField()
    source = CharField()  # smtp | imap
    sender = TextField()  # RFC 5321 reverse-path, "" for <>
    recipients = SealedJsonField()  # list of RFC 5321 forward-paths: they contain a reply token
    smtputf8 = BooleanField()
    evidence = JsonField()  # fields of model.evidence.Evidence, as far as known before authentication
    # The mail as received, RFC 5322 octets; empty after retention.raw_mail_days.  Packing 100 MB would take seconds
    # before the 250.
    content = SealedOctetsField(packs=False)

    class Meta:
        table_name = "received"


class FetchedRow(IntakeBaseRow):
    """Messages of an IMAP folder that were received, by UID (RFC 9051 §2.3.1.1)."""

    id = AutoField()
    account = CharField()  # user@host
    folder = CharField()
    uidvalidity = BigIntegerField()
    uid = BigIntegerField()

    class Meta:
        table_name = "fetched"
        indexes = ((("account", "folder", "uidvalidity", "uid"), True),)
