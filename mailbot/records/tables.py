"""All tables, in the order of a mail's life; those of the register are in a file of their own.

A column without a comment says it all by its name.
"""

from peewee import AutoField, BigIntegerField, BlobField, BooleanField, DateField, ForeignKeyField, IntegerField

from mailbot.records.fields import CharField, InstantField, JsonField, Table, TextField
from mailbot.records.register_tables import (
    AbsenceRow,
    ContactRow,
    MailboxRow,
    OfficeRow,
    ReviewerRow,
    ScheduleRow,
    UsedNumberRow,
    UserCodeRow,
    UserIdRow,
)


class InboxRow(Table):
    """Mails that were accepted: committed before the door says 250."""

    id = AutoField()
    received_at = InstantField()
    door = CharField()  # smtp | imap
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


class FetchedRow(Table):
    """Messages of an IMAP folder that are in the inbox."""

    id = AutoField()
    account = CharField()  # user@host
    folder = CharField()
    uidvalidity = BigIntegerField()
    uid = BigIntegerField()

    class Meta:
        table_name = "fetched"
        indexes = ((("account", "folder", "uidvalidity", "uid"), True),)


class ReceiptSequenceRow(Table):
    """The last sequence given out in each (Tokyo) year."""

    year = IntegerField(primary_key=True)
    last = IntegerField()

    class Meta:
        table_name = "receipt_sequence"


class ApplicationRow(Table):
    """申込: its present state.  Written by records.applications.advance alone."""

    id = AutoField()
    procedure = CharField()
    office = CharField(index=True)  # 事業所コード; no foreign key: history outlives the register
    state = CharField(index=True)  # model.lifecycle.State
    revision = IntegerField()  # number of the revision that counts now
    receipt = CharField(null=True, unique=True)  # 申込受付番号; a draft has none
    submitted_at = InstantField(null=True)
    decided_at = InstantField(null=True)
    held = BooleanField(default=False)
    taken_by = TextField(default="")
    answer_by = InstantField(null=True)
    view_first = DateField(null=True)
    view_last = DateField(null=True)
    pending = JsonField(null=True)  # a correction that failed its checks: values and written
    start_date = DateField(null=True, index=True)  # confirmed 利用開始日; null: nothing starts
    in_effect_at = InstantField(null=True)  # when the contract was changed
    contract_lines = JsonField(null=True)  # 変更前 / 変更後 as it was approved: model.effects.ContractLine

    class Meta:
        table_name = "application"


class RevisionRow(Table):
    """The content of an application as it stood; never changed."""

    id = AutoField()
    application = ForeignKeyField(ApplicationRow, backref="revisions")
    number = IntegerField()
    values = JsonField()
    written = JsonField()
    contact = JsonField()  # fields of model.people.ApplicantContact
    made_at = InstantField()

    class Meta:
        table_name = "revision"
        indexes = ((("application", "number"), False),)


class StepRow(Table):
    """進行状況: every step of every application, in order; never changed."""

    id = AutoField()
    application = ForeignKeyField(ApplicationRow, backref="steps")
    event = CharField()
    state = CharField()  # the state just entered
    at = InstantField()
    actor_role = CharField()
    actor_email = TextField()
    actor_name = TextField()
    revision = IntegerField()
    words = TextField()  # 通知内容
    mail_id = IntegerField(null=True)  # the inbox item that caused it

    class Meta:
        table_name = "step"


class SubjectRow(Table):
    """The codes of the contract that an application names, for finding others that name the same."""

    id = AutoField()
    application = ForeignKeyField(ApplicationRow, backref="subjects")
    code = CharField(index=True)

    class Meta:
        table_name = "application_subject"


class EffectRow(Table):
    """What an approved application does, with the numbers it was given; never changed."""

    id = AutoField()
    application = ForeignKeyField(ApplicationRow, backref="effects")
    kind = CharField()  # model.effects.KINDS
    content = JsonField()  # fields of that class

    class Meta:
        table_name = "effect"


class ReminderRow(Table):
    """What was reminded of by the calendar, so that nothing is said twice."""

    id = AutoField()
    key = CharField(unique=True)  # what, about which step of which application
    at = InstantField()

    class Meta:
        table_name = "reminder"


class DigestLineRow(Table):
    """The applications that one reviewer's digest listed, as they stood: what its reply may decide."""

    id = AutoField()
    token_id = CharField(index=True)
    application_id = IntegerField()
    revision = IntegerField()

    class Meta:
        table_name = "digest_line"


class GrantRow(Table):
    """What each reply token was issued for.  The secret itself is not here."""

    token_id = CharField(primary_key=True)
    secret_hash = CharField()  # SHA-256 of id and secret
    application_id = IntegerField(index=True)  # 0: a digest, whose lines are in digest_line
    email = TextField()
    role = CharField()
    revision = IntegerField()
    expires_at = InstantField()
    void_at = InstantField(null=True)  # used up, or superseded

    class Meta:
        table_name = "reply_token"


class SecretRow(Table):
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


class GenerationRow(Table):
    """The last passwords of an ID as salted hashes, so that none is issued again."""

    id = AutoField()
    user_id = CharField(index=True)
    salt = BlobField()
    hash = BlobField()
    issued_at = InstantField()

    class Meta:
        table_name = "password_generation"


class OutboxRow(Table):
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


class DeliveryRow(Table):
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


class ClockRow(Table):
    """Up to when the desk's clock was believed: one row."""

    id = IntegerField(primary_key=True)
    seen_at = InstantField()

    class Meta:
        table_name = "clock"


class LoginTryRow(Table):
    """One try to log in on the web page with a 事業所パスワード."""

    id = AutoField()
    at = InstantField(index=True)
    office = CharField(index=True)  # 事業所コード as it was typed, folded
    peer = TextField()
    succeeded = BooleanField()

    class Meta:
        table_name = "login_try"


class SessionRow(Table):
    """Who is logged in on the web page."""

    id_hash = CharField(primary_key=True)  # SHA-256 of what the cookie holds
    office = CharField(index=True)
    csrf = CharField()
    began_at = InstantField()
    used_at = InstantField()

    class Meta:
        table_name = "session"


class MailLogRow(Table):
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


class AuditRow(Table):
    """Who looked at a secret; append-only."""

    id = AutoField()
    at = InstantField()
    who = TextField()
    what = TextField()

    class Meta:
        table_name = "audit"


ALL_TABLES = (
    InboxRow,
    FetchedRow,
    OfficeRow,
    ContactRow,
    UserCodeRow,
    UserIdRow,
    MailboxRow,
    ReviewerRow,
    AbsenceRow,
    ReceiptSequenceRow,
    ApplicationRow,
    RevisionRow,
    StepRow,
    SubjectRow,
    EffectRow,
    UsedNumberRow,
    ScheduleRow,
    ReminderRow,
    DigestLineRow,
    GrantRow,
    SecretRow,
    GenerationRow,
    OutboxRow,
    DeliveryRow,
    ClockRow,
    LoginTryRow,
    SessionRow,
    MailLogRow,
    AuditRow,
)
