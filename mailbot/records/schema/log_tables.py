"""The tables of the append-only logs (mail, audit), and of the clock mark.

A column without a comment is described by its name.
"""

from peewee import SQL, AutoField, IntegerField, fn

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, PackedTextField, TextField, WordsField


class MailLogRow(BaseRow):
    """The mail log: append-only; each row holds a hash over itself and the hash of the row before."""

    id = AutoField()
    at = InstantField(index=True)
    direction = CharField()  # in | out
    sender = TextField()
    recipient = TextField()
    subject = TextField()
    message_id = TextField()
    disposition = CharField()  # model.queued_mail.Disposition, or "queued" for out
    reason = CharField()  # short code
    detail = TextField()
    office = CharField()
    receipt = CharField(index=True)
    inbox_id = IntegerField(null=True, index=True)
    outbox_id = IntegerField(null=True, index=True)
    text = PackedTextField()  # the decoded text part, secrets masked
    hash = CharField()  # SHA-256 of the hash before and this row, hexadecimal

    class Meta:
        table_name = "mail_log"
        indexes = ((("disposition", "id"), False), (("reason", "id"), False), (("office", "id"), False))


# Mails from and to the people of an office about none of its applications.
for _column in (MailLogRow.sender, MailLogRow.recipient):
    MailLogRow.add_index(
        MailLogRow.index(
            fn.LOWER(_column),
            MailLogRow.id,
            where=fn.LENGTH(MailLogRow.office) == SQL("0"),  # SQLite would use the index of `office` for a value
            name=f"mail_log_{_column.name}_of_none",
        )
    )


class AuditRow(BaseRow):
    """The audit log: who looked at what, access to secrets, actions of operators and reviewers; append-only."""

    id = AutoField()
    at = InstantField()
    who = TextField(index=True)
    what = WordsField()
    kind = CharField(default="act", index=True)  # model.audit.AuditKind
    subject = CharField(default="", index=True)  # what it is about, in the notation of model.audit

    class Meta:
        table_name = "audit"


class ClockRow(BaseRow):
    """The last instant at which the system clock passed the plausibility check: one row, id 1."""

    id = IntegerField(primary_key=True)
    seen_at = InstantField()

    class Meta:
        table_name = "clock"
