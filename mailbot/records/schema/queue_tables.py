"""The tables of the durable queues: the inbox, notices and their delivery attempts.

A column without a comment is described by its name.
"""

from peewee import AutoField, BigIntegerField, BooleanField, ForeignKeyField, IntegerField

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, JsonField, TextField, WordsField
from mailbot.records.schema.sealed_columns import SealedJsonField, SealedOctetsField, SealedTextField


class InboxRow(BaseRow):
    """How far a received mail is; the mail itself is in the intake store under the same number (`ReceivedRow`)."""

    id = IntegerField(primary_key=True)  # the unique key by which a mail is transferred from the intake store once
    received_at = InstantField(index=True)
    source = CharField(column_name="door")  # smtp | imap
    sender = TextField()  # RFC 5321 reverse-path, "" for <>
    recipients = SealedJsonField()  # list of RFC 5321 forward-paths: they contain a reply token
    smtputf8 = BooleanField()
    evidence = JsonField()  # fields of model.evidence.Evidence
    account = TextField(default="")  # to whom its CPU time is charged (queues.sender_costs)
    state = CharField(index=True)  # arrived (its sender is to be authenticated) | waiting | done
    attempts = IntegerField(default=0)  # processing attempts, counted when one starts
    disposition = CharField(null=True)  # model.queued_mail.Disposition, once state is done
    reason = CharField(default="")  # short code
    detail = WordsField(default="")  # the traceback of a mail whose processing failed
    done_at = InstantField(null=True)
    application_id = IntegerField(null=True)
    dedupe_key = CharField(default="", index=True)  # hash of Message-ID, content and folded recipients
    reading = JsonField(null=True)  # how the form or command was read, for comparing with a later version
    not_before = InstantField(null=True)  # not processed earlier: the name servers did not answer
    claimed_by = IntegerField(null=True)  # Store.owner of the process that works on it
    withheld = BooleanField(default=False, index=True)  # its text is to be removed from the intake store: a password

    class Meta:
        table_name = "inbox"
        indexes = ((("disposition", "reason"), False),)


class ReadLinesRow(BaseRow):
    """The lines of a person's mail with what each was taken for; deleted with the raw mail."""

    mail_id = IntegerField(primary_key=True)  # the inbox item
    lines = SealedOctetsField(packs=False)  # compressed by records.queues.read_lines

    class Meta:
        table_name = "read_lines"


class ActedSignatureRow(BaseRow):
    """DKIM signatures of mails that were acted on, so that none of them acts again."""

    id = AutoField()
    domain = CharField()  # d=
    digest = CharField()  # SHA-256 of the octets in b=, hexadecimal
    inbox_id = IntegerField()  # the mail that was acted on
    expires_at = InstantField(index=True)  # the row is deleted after that

    class Meta:
        table_name = "acted_signature"
        indexes = ((("domain", "digest"), True),)


class SenderCostRow(BaseRow):
    """CPU time that the mails of an account have cost lately (queues.sender_costs)."""

    account = TextField(primary_key=True)
    clear_at = BigIntegerField(index=True)  # milliseconds since 1970 at which it has worn off

    class Meta:
        table_name = "sender_cost"


class OutboxRow(BaseRow):
    """Outgoing notices, queued until the relay has accepted them."""

    id = AutoField()
    created_at = InstantField()
    message_id = TextField(index=True)
    kind = CharField()  # model.notice.NoticeKind
    role = CharField()  # model.people.Role of the recipient
    recipient = TextField()  # RFC 5321 forward-path without angle brackets
    recipient_key = TextField(index=True)  # folded for comparison
    envelope_sender = TextField(index=True)  # Return-Path, unique for each notice (VERP)
    content = SealedOctetsField()  # the mail
    subject = TextField()
    text = SealedTextField()  # the text part, for recognising quotes of it in replies
    application_id = IntegerField(null=True, index=True)
    caused_by = IntegerField(null=True)  # id of the inbox row that is answered
    standing = CharField(default="proven")  # model.standing.Standing of that mail; without one: proven
    state = CharField(index=True)  # model.queued_mail.OutboxState
    attempts = IntegerField(default=0)
    next_attempt_at = InstantField(null=True)
    claimed_by = IntegerField(null=True)  # Store.owner of the process that delivers it
    claimed_at = InstantField(null=True)
    # What is to be written (notices.codec), until it is; not packed, which takes longer than to store the rest of it.
    notice = SealedJsonField(null=True, packs=False)

    class Meta:
        table_name = "outbox"


class DeliveryRow(BaseRow):
    """One attempt to deliver a notice, and the server's reply."""

    id = AutoField()
    outbox = ForeignKeyField(OutboxRow, backref="deliveries")
    started_at = InstantField()
    ended_at = InstantField(null=True)  # null: in progress, or interrupted by the end of the process
    accepted = BooleanField(null=True)
    permanent = BooleanField(null=True)  # refused for good (5yz)
    code = IntegerField(null=True)  # SMTP reply code, null without a reply
    reply = WordsField(default="")

    class Meta:
        table_name = "delivery"
