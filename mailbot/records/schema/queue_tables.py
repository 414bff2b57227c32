"""The durable queues: arrived mail, fetched IMAP messages, notices and their delivery attempts.

A column without a comment is described by its name.
"""

from peewee import AutoField, BigIntegerField, BlobField, BooleanField, ForeignKeyField, IntegerField

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, JsonField, TextField


class InboxRow(BaseRow):
    """Mails that were accepted: committed before the door says 250."""

    id = AutoField()
    received_at = InstantField()
    source = CharField(column_name="door")  # smtp | imap
    sender = TextField()  # RFC 5321 reverse-path, "" for <>
    recipients = JsonField()  # list of RFC 5321 forward-paths
    smtputf8 = BooleanField()
    evidence = JsonField()  # fields of model.evidence.Evidence
    content = BlobField()  # the mail, byte for byte
    state = CharField(index=True)  # waiting | done
    attempts = IntegerField(default=0)  # how often it was begun; counted before the work
    disposition = CharField(null=True)  # model.post.Disposition, once done
    reason = CharField(default="")  # short code
    detail = TextField(default="")  # the traceback of a shunted mail
    done_at = InstantField(null=True)
    application_id = IntegerField(null=True)
    dedupe_key = CharField(default="", index=True)  # Message-ID, content and recipients together, hashed
    reading = JsonField(null=True)  # how it was read when it was handled, for replaying it with later code
    not_before = InstantField(null=True)  # when to look at it again: the name servers did not answer
    claimed_by = IntegerField(null=True)  # Store.owner of the process that has it in hand

    class Meta:
        table_name = "inbox"


class FetchedRow(BaseRow):
    """Messages of an IMAP folder that are in the inbox."""

    id = AutoField()
    account = CharField()  # user@host
    folder = CharField()
    uidvalidity = BigIntegerField()
    uid = BigIntegerField()

    class Meta:
        table_name = "fetched"
        indexes = ((("account", "folder", "uidvalidity", "uid"), True),)


class OutboxRow(BaseRow):
    """Notices that were written: they wait here until the relay has taken them."""

    id = AutoField()
    created_at = InstantField()
    message_id = TextField(index=True)
    kind = CharField()
    role = CharField()
    recipient = TextField()
    recipient_key = TextField(index=True)  # folded for comparison
    envelope_sender = TextField(index=True)  # a Return-Path of its own (VERP): a bounce comes back to it
    content = BlobField()
    subject = TextField()
    text = TextField()  # the text part, for taking quotes of it out of replies
    application_id = IntegerField(null=True, index=True)
    caused_by = IntegerField(null=True)  # the inbox item
    state = CharField(index=True)  # model.post.OutboxState
    attempts = IntegerField(default=0)
    next_attempt_at = InstantField(null=True)
    claimed_by = IntegerField(null=True)  # Store.owner of the process that has it in hand
    claimed_at = InstantField(null=True)

    class Meta:
        table_name = "outbox"


class DeliveryRow(BaseRow):
    """One attempt to deliver one notice, and the server's answer."""

    id = AutoField()
    outbox = ForeignKeyField(OutboxRow, backref="deliveries")
    started_at = InstantField()
    ended_at = InstantField(null=True)  # null: under way, or the process died
    accepted = BooleanField(null=True)
    permanent = BooleanField(null=True)
    code = IntegerField(null=True)
    reply = TextField(default="")

    class Meta:
        table_name = "delivery"
