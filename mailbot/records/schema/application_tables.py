"""Applications: content, history, subjects, effects, reply-token grants and what the calendar has sent.

A column without a comment is described by its name.
"""

from peewee import AutoField, BooleanField, DateField, ForeignKeyField, IntegerField

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, JsonField, TextField


class ReceiptSequenceRow(BaseRow):
    """The last sequence given out in each (Tokyo) year."""

    year = IntegerField(primary_key=True)
    last = IntegerField()

    class Meta:
        table_name = "receipt_sequence"


class ApplicationRow(BaseRow):
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


class RevisionRow(BaseRow):
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


class StepRow(BaseRow):
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


class SubjectRow(BaseRow):
    """The codes of the contract that an application names, for finding others that name the same."""

    id = AutoField()
    application = ForeignKeyField(ApplicationRow, backref="subjects")
    code = CharField(index=True)

    class Meta:
        table_name = "application_subject"


class EffectRow(BaseRow):
    """What an approved application does, with the numbers it was given; never changed."""

    id = AutoField()
    application = ForeignKeyField(ApplicationRow, backref="effects")
    kind = CharField()  # model.effects.KINDS
    content = JsonField()  # fields of that class

    class Meta:
        table_name = "effect"


class ReminderRow(BaseRow):
    """What was reminded of by the calendar, so that nothing is said twice."""

    id = AutoField()
    key = CharField(unique=True)  # what, about which step of which application
    at = InstantField()

    class Meta:
        table_name = "reminder"


class DigestLineRow(BaseRow):
    """The applications that one reviewer's digest listed, as they stood: what its reply may decide."""

    id = AutoField()
    token_id = CharField(index=True)
    application_id = IntegerField()
    revision = IntegerField()

    class Meta:
        table_name = "digest_line"


class GrantRow(BaseRow):
    """What each reply token was issued for.  The secret itself is not here."""

    token_id = CharField(primary_key=True)
    secret_hash = CharField()  # SHA-256 of id and secret
    application_id = IntegerField(null=True, index=True)  # scope application
    revision = IntegerField(null=True)  # scope application: the content that the reader was shown
    email = TextField()
    role = CharField()
    expires_at = InstantField()
    void_at = InstantField(null=True)  # used up, or superseded
    scope = CharField(default="application")  # application | digest (its lines are in digest_line) | challenge
    mail_id = IntegerField(null=True)  # scope challenge: the inbox item that the challenge asks about

    class Meta:
        table_name = "reply_token"
