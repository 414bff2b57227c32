"""The tables of applications: content, history, subjects, effects, reply-token grants, reminders, lines of lists.

A column without a comment is described by its name.
"""

from peewee import AutoField, BooleanField, DateField, ForeignKeyField, IntegerField

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, JsonField, TextField, WordsField


class ReceiptSequenceRow(BaseRow):
    """The last sequence of a receipt number in each year (Asia/Tokyo)."""

    year = IntegerField(primary_key=True)
    last = IntegerField()

    class Meta:
        table_name = "receipt_sequence"


class ApplicationRow(BaseRow):
    """申込: its current state, written by `records.applications.application_store.apply_event`."""

    id = AutoField()
    procedure = CharField(index=True)
    office = CharField(index=True)  # 事業所コード; no foreign key: history outlives the register
    state = CharField()  # model.lifecycle.State
    revision = IntegerField()  # number of the current revision
    revised_at = InstantField(null=True)  # when that was made
    receipt = CharField(null=True, unique=True)  # 申込受付番号; a draft has none
    submitted_at = InstantField(null=True, index=True)
    decided_at = InstantField(null=True, index=True)
    held = BooleanField(default=False)
    taken_by = TextField(default="")  # address of the reviewer in charge
    answer_by = InstantField(null=True)  # when an unanswered 確認依頼 lapses
    view_first = DateField(null=True)  # first and last day of the 参照期間
    view_last = DateField(null=True, index=True)
    pending = JsonField(null=True)  # a correction that failed its checks: `values` and `written` of model Filled
    start_date = DateField(null=True, index=True)  # confirmed 利用開始日; null: the contract does not change
    in_effect_at = InstantField(null=True)  # when the contract in the register was changed
    contract_lines = JsonField(null=True)  # 変更前 / 変更後 at the approval: fields of model.effects.ContractLine

    class Meta:
        table_name = "application"
        indexes = (
            (("state", "procedure"), False),
            (("state", "revised_at"), False),  # the review queue
        )


# Those whose contract change is still to be made: of all that have a 利用開始日 a few.
ApplicationRow.add_index(
    ApplicationRow.index(
        ApplicationRow.start_date, where=ApplicationRow.in_effect_at.is_null(), name="application_to_start"
    )
)


class RevisionRow(BaseRow):
    """The content of an application at one revision; rows are never updated."""

    id = AutoField()
    application = ForeignKeyField(ApplicationRow, backref="revisions")
    number = IntegerField()
    values = JsonField()  # model.procedure.Filled.values: field name → canonical value
    written = JsonField()  # Filled.written: field name → text as typed
    contact = JsonField()  # fields of model.people.ApplicantContact
    made_at = InstantField()

    class Meta:
        table_name = "revision"
        indexes = ((("application", "number"), False),)


class StepRow(BaseRow):
    """進行状況: the history of every application, one row for each event; rows are never updated."""

    id = AutoField()
    application = ForeignKeyField(ApplicationRow, backref="steps")
    event = CharField()  # model.lifecycle.Event
    state = CharField()  # the state after the event
    at = InstantField()
    actor_role = CharField()  # model.people.Role
    actor_email = TextField()
    actor_name = TextField()
    revision = IntegerField()
    words = WordsField()  # 通知内容: the reviewer's text
    mail_id = IntegerField(null=True)  # the inbox item that caused it

    class Meta:
        table_name = "step"
        indexes = ((("actor_email", "at"), False),)


class SubjectRow(BaseRow):
    """The contract items that an application is about, for finding other applications about the same item."""

    id = AutoField()
    application = ForeignKeyField(ApplicationRow, backref="subjects")
    code = CharField(index=True)  # notation: model.common_rules

    class Meta:
        table_name = "application_subject"


class EffectRow(BaseRow):
    """What an approved application changes, with the allocated numbers; rows are never updated.

    They are deleted when the approval is taken back.
    """

    id = AutoField()
    application = ForeignKeyField(ApplicationRow, backref="effects")
    kind = CharField()  # key of model.effects.KINDS
    content = JsonField()  # fields of that class

    class Meta:
        table_name = "effect"


class ReminderRow(BaseRow):
    """Keys of scheduled notices that were already queued, so that each is queued once."""

    id = AutoField()
    key = CharField(unique=True)  # kind and subject, joined by colons
    at = InstantField()
    kind = CharField(default="")  # that of the key: what begins with a text is found by no index of every database

    class Meta:
        table_name = "reminder"
        indexes = ((("kind", "at"), False),)


class DigestLineRow(BaseRow):
    """The applications, with their revisions, that a reviewer's digest lists: a reply to it may decide these alone."""

    id = AutoField()
    token_id = CharField(index=True)
    application_id = IntegerField()
    revision = IntegerField()

    class Meta:
        table_name = "digest_line"


class DailyListItemRow(BaseRow):
    """The items that an operator's daily list names: a reply to it may act on these alone."""

    id = AutoField()
    token_id = CharField(index=True)
    kind = CharField()  # model.daily_list.ItemKind
    number = IntegerField()  # of the mail, or of the notice
    listed_at = InstantField()

    class Meta:
        table_name = "daily_list_item"


class GrantRow(BaseRow):
    """The authority of each reply token (model.reply_token.Grant).  The secret itself is not stored."""

    token_id = CharField(primary_key=True)
    secret_hash = CharField()  # SHA-256 of id and secret
    application_id = IntegerField(null=True, index=True)  # scope application, inquiry
    revision = IntegerField(null=True)  # scope application, inquiry: the revision that the notice showed
    email = TextField()
    role = CharField()
    expires_at = InstantField()
    void_at = InstantField(null=True)  # when the token was used or superseded
    # application | digest (its lines: digest_line) | challenge | inquiry | daily_list (its items: daily_list_item)
    scope = CharField(default="application")
    mail_id = IntegerField(null=True, index=True)  # scope challenge, inquiry: the inbox item that it is about
    disclosed = BooleanField(default=False)  # it was also the Message-ID of its notice, as until migration 12

    class Meta:
        table_name = "reply_token"
