"""Migration 1: the first tables, defined independently of records.schema.  Later migrations change them."""

from typing import Any

from peewee import (
    AutoField,
    BlobField,
    BooleanField,
    CharField,
    DateField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class InboxRow(Model):
    id = AutoField()
    received_at = CharField()
    door = CharField()
    sender = TextField()
    recipients = TextField()
    smtputf8 = BooleanField()
    evidence = TextField()
    content = BlobField()
    state = CharField(index=True)
    attempts = IntegerField()
    disposition = CharField(null=True)
    reason = CharField()
    detail = TextField()
    done_at = CharField(null=True)
    application_id = IntegerField(null=True)
    dedupe_key = CharField(index=True)

    class Meta:
        table_name = "inbox"
        legacy_table_names = False


class OfficeRow(Model):
    code = CharField(primary_key=True)
    company = TextField()
    company_en = TextField()
    name = TextField()
    name_en = TextField()
    address = TextField()
    customs = TextField()
    division = TextField()
    language = CharField()
    password_hash = TextField()
    admin_name = TextField()
    admin_kana = TextField()
    admin_phone = TextField()
    admin_email = TextField()
    admin_key = TextField(index=True)

    class Meta:
        table_name = "office"
        legacy_table_names = False


class ContactRow(Model):
    id = AutoField()
    office = ForeignKeyField(OfficeRow, on_delete="CASCADE")
    name = TextField()
    kana = TextField()
    department = TextField()
    title = TextField()
    phone = TextField()
    fax = TextField()
    email = TextField()
    key = TextField(index=True)

    class Meta:
        table_name = "contact"
        legacy_table_names = False


class UserCodeRow(Model):
    id = AutoField()
    office = ForeignKeyField(OfficeRow, on_delete="CASCADE")
    code = CharField(index=True)
    business = TextField()
    division = TextField()
    responsible = TextField()
    shared_with = TextField()

    class Meta:
        table_name = "user_code"
        legacy_table_names = False
        indexes = ((("office", "code"), True),)


class UserIdRow(Model):
    id = AutoField()
    user_code = ForeignKeyField(UserCodeRow, on_delete="CASCADE")
    number = CharField()
    method = TextField()
    start = DateField(null=True)
    end = DateField(null=True)

    class Meta:
        table_name = "user_id"
        legacy_table_names = False
        indexes = ((("user_code", "number"), True),)


class MailboxRow(Model):
    id = CharField(primary_key=True)
    office = ForeignKeyField(OfficeRow, on_delete="CASCADE")
    kind = CharField()

    class Meta:
        table_name = "mailbox"
        legacy_table_names = False


class ReviewerRow(Model):
    key = TextField(primary_key=True)
    email = TextField()
    name = TextField()
    categories = TextField()

    class Meta:
        table_name = "reviewer"
        legacy_table_names = False


class ReceiptSequenceRow(Model):
    year = IntegerField(primary_key=True)
    last = IntegerField()

    class Meta:
        table_name = "receipt_sequence"
        legacy_table_names = False


class ApplicationRow(Model):
    id = AutoField()
    procedure = CharField()
    office = CharField(index=True)
    state = CharField(index=True)
    revision = IntegerField()
    receipt = CharField(null=True, unique=True)
    submitted_at = CharField(null=True)
    decided_at = CharField(null=True)
    held = BooleanField()
    taken_by = TextField()
    answer_by = CharField(null=True)
    view_first = DateField(null=True)
    view_last = DateField(null=True)
    pending = TextField(null=True)

    class Meta:
        table_name = "application"
        legacy_table_names = False


class RevisionRow(Model):
    id = AutoField()
    application = ForeignKeyField(ApplicationRow)
    number = IntegerField()
    values = TextField()
    written = TextField()
    contact = TextField()
    made_at = CharField()

    class Meta:
        table_name = "revision"
        legacy_table_names = False
        indexes = ((("application", "number"), False),)


class StepRow(Model):
    id = AutoField()
    application = ForeignKeyField(ApplicationRow)
    event = CharField()
    state = CharField()
    at = CharField()
    actor_role = CharField()
    actor_email = TextField()
    actor_name = TextField()
    revision = IntegerField()
    words = TextField()
    mail_id = IntegerField(null=True)

    class Meta:
        table_name = "step"
        legacy_table_names = False


class SubjectRow(Model):
    id = AutoField()
    application = ForeignKeyField(ApplicationRow)
    code = CharField(index=True)

    class Meta:
        table_name = "application_subject"
        legacy_table_names = False


class GrantRow(Model):
    token_id = CharField(primary_key=True)
    secret_hash = CharField()
    application_id = IntegerField(index=True)
    email = TextField()
    role = CharField()
    revision = IntegerField()
    expires_at = CharField()
    void_at = CharField(null=True)

    class Meta:
        table_name = "reply_token"
        legacy_table_names = False


class SecretRow(Model):
    id = AutoField()
    application_id = IntegerField(index=True)
    user_id = CharField()
    sealed = BlobField()
    key_id = CharField()
    view_first = DateField()
    view_last = DateField()
    issued_at = CharField()

    class Meta:
        table_name = "secret"
        legacy_table_names = False


class GenerationRow(Model):
    id = AutoField()
    user_id = CharField(index=True)
    salt = BlobField()
    hash = BlobField()
    issued_at = CharField()

    class Meta:
        table_name = "password_generation"
        legacy_table_names = False


class OutboxRow(Model):
    id = AutoField()
    created_at = CharField()
    message_id = TextField(index=True)
    kind = CharField()
    role = CharField()
    recipient = TextField()
    recipient_key = TextField(index=True)
    envelope_sender = TextField(index=True)
    content = BlobField()
    subject = TextField()
    text = TextField()
    application_id = IntegerField(null=True, index=True)
    caused_by = IntegerField(null=True)
    state = CharField(index=True)
    attempts = IntegerField()
    next_attempt_at = CharField(null=True)

    class Meta:
        table_name = "outbox"
        legacy_table_names = False


class DeliveryRow(Model):
    id = AutoField()
    outbox = ForeignKeyField(OutboxRow)
    started_at = CharField()
    ended_at = CharField(null=True)
    accepted = BooleanField(null=True)
    permanent = BooleanField(null=True)
    code = IntegerField(null=True)
    reply = TextField()

    class Meta:
        table_name = "delivery"
        legacy_table_names = False


class MailLogRow(Model):
    id = AutoField()
    at = CharField()
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
    hash = CharField()

    class Meta:
        table_name = "mail_log"
        legacy_table_names = False


class AuditRow(Model):
    id = AutoField()
    at = CharField()
    who = TextField()
    what = TextField()

    class Meta:
        table_name = "audit"
        legacy_table_names = False


TABLES = (
    InboxRow,
    OfficeRow,
    ContactRow,
    UserCodeRow,
    UserIdRow,
    MailboxRow,
    ReviewerRow,
    ReceiptSequenceRow,
    ApplicationRow,
    RevisionRow,
    StepRow,
    SubjectRow,
    GrantRow,
    SecretRow,
    GenerationRow,
    OutboxRow,
    DeliveryRow,
    MailLogRow,
    AuditRow,
)


def up(migrator: Any, db: Any) -> None:
    with db.bind_ctx(TABLES):
        db.create_tables(TABLES)
