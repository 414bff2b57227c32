"""The tables of the register: offices with their people and contracts, reviewers, and the table of start days.

The columns of people follow from the attributes of their class in `model.people`; a migration adds a further one.
"""

from collections.abc import Iterable

from peewee import AutoField, BooleanField, DateField, ForeignKeyField, IntegerField, fn

from mailbot.model.people import Administrator, ApplicantContact, attribute_names
from mailbot.records.schema.columns import BaseRow, CharField, InstantField, JsonField, TextField


def _add_texts(table: type[BaseRow], names: Iterable[str]) -> None:
    for name in names:
        table._meta.add_field(name, TextField(default=""))


class OfficeRow(BaseRow):
    """事業所 with its 管理責任者: a column admin_ATTRIBUTE for each attribute of Administrator."""

    code = CharField(primary_key=True)
    company = TextField()
    company_en = TextField()
    name = TextField()
    name_en = TextField()
    address = TextField()
    customs = TextField()
    division = TextField()
    language = CharField()
    password_hash = TextField()  # argon2id of the 事業所パスワード
    admin_key = TextField(index=True)  # admin_email, folded for comparison
    charset = CharField(default="utf-8")  # model.people.Charset
    password_changed_at = InstantField(null=True)  # by the office itself, on the page
    contract_changed_at = InstantField(null=True)  # by an approved application
    billing_code = TextField(default="")  # 請求先コード

    class Meta:
        table_name = "office"


_add_texts(OfficeRow, (f"admin_{name}" for name in attribute_names(Administrator)))


class ContactRow(BaseRow):
    """申込担当者 who may apply: a column for each attribute of ApplicantContact."""

    id = AutoField()
    office = ForeignKeyField(OfficeRow, backref="contacts", on_delete="CASCADE")
    key = TextField(index=True)  # email, folded for comparison
    registered_at = InstantField(null=True)  # by the desk; null: by a register file

    class Meta:
        table_name = "contact"


_add_texts(ContactRow, attribute_names(ApplicantContact))


for _key in (ContactRow.key, OfficeRow.admin_key):  # of addresses that are spelled in another case
    _key.model.add_index(_key.model.index(fn.LOWER(_key), name=f"{_key.model._meta.table_name}_lower_{_key.name}"))


class UserCodeRow(BaseRow):
    """利用者コード of an office; a shared one has a row in each office that shares it."""

    id = AutoField()
    office = ForeignKeyField(OfficeRow, backref="user_codes", on_delete="CASCADE")
    code = CharField(index=True)
    business = TextField()
    division = TextField()
    responsible = TextField()
    shared_with = JsonField()  # list of 事業所コード

    class Meta:
        table_name = "user_code"
        indexes = ((("office", "code"), True),)


class UserIdRow(BaseRow):
    """識別番号 under a 利用者コード."""

    id = AutoField()
    user_code = ForeignKeyField(UserCodeRow, backref="user_ids", on_delete="CASCADE")
    number = CharField()
    method = TextField()
    start = DateField(null=True)  # 利用開始日
    end = DateField(null=True)  # from this day on it no longer works
    paid_statistics = BooleanField(default=False)  # 管理統計資料 有料分 (S4)
    free_statistics = BooleanField(default=False)  # 管理統計資料 無料分
    bonded_archive = BooleanField(default=False)  # 保税管理資料保存サービス

    class Meta:
        table_name = "user_id"
        indexes = ((("user_code", "number"), True),)


class MailboxRow(BaseRow):
    """メールボックス of an office."""

    id = CharField(primary_key=True)
    office = ForeignKeyField(OfficeRow, backref="mailboxes", on_delete="CASCADE")
    kind = CharField()

    class Meta:
        table_name = "mailbox"


class ReviewerRow(BaseRow):
    """審査担当者."""

    key = TextField(primary_key=True)  # email, folded for comparison
    email = TextField()
    name = TextField()
    categories = JsonField()  # list of category letters
    deputy = TextField(default="")  # email of the reviewer who stands in

    class Meta:
        table_name = "reviewer"


ReviewerRow.add_index(ReviewerRow.index(fn.LOWER(ReviewerRow.key), name="reviewer_lower_key"))


class AbsenceRow(BaseRow):
    """審査担当者 who are away."""

    key = TextField(primary_key=True)  # of the reviewer
    since = InstantField()
    mail_id = IntegerField(null=True)  # the notice of absence

    class Meta:
        table_name = "absence"


class UsedNumberRow(BaseRow):
    """Every 識別番号 and メールボックスID there ever was: none is assigned twice, whatever the register says today."""

    id = AutoField()
    scope = CharField()  # 利用者コード, or 事業所コード for mailboxes
    number = CharField()

    class Meta:
        table_name = "used_number"
        indexes = ((("scope", "number"), True),)


class ScheduleRow(BaseRow):
    """The operator's table of system-registration days."""

    start = DateField(primary_key=True)  # システム登録日
    deadline = DateField()  # 申込締切日

    class Meta:
        table_name = "schedule"
