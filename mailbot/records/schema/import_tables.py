"""The tables of imports into the register: what each has changed, row by row, so that it can be undone."""

from peewee import AutoField, ForeignKeyField, IntegerField

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, JsonField, TextField
from mailbot.records.schema.sealed_columns import SealedOctetsField


class RegisterImportRow(BaseRow):
    """One `register import` or `register restore`."""

    id = AutoField()
    at = InstantField(index=True)
    who = TextField()  # the operator
    file = TextField()  # its name; "" of a restore
    sha256 = CharField()  # of the file, hexadecimal
    added = IntegerField()  # rows, as they were shown before
    changed = IntegerField()
    removed = IntegerField()
    finished_at = InstantField(null=True)  # null: interrupted after some of its transactions
    undoes = IntegerField(null=True)  # the import that it undoes

    class Meta:
        table_name = "register_import"


class RegisterChangeRow(BaseRow):
    """A row of the register that an import has changed; deleted after some time, with the people in it."""

    id = AutoField()
    register_import = ForeignKeyField(RegisterImportRow, backref="changes", on_delete="CASCADE")
    kind = CharField()  # model.register.RowKind
    office = CharField(index=True)
    name = TextField()
    before = JsonField(null=True)  # null: it was added
    after = JsonField(null=True)  # null: it was removed

    class Meta:
        table_name = "register_change"


class RegisterUploadRow(BaseRow):
    """A register file that somebody has sent on a page and not yet imported; deleted soon."""

    id = AutoField()
    login_id = IntegerField(index=True)  # whose: nobody else sees it
    at = InstantField(index=True)
    file = TextField()  # its name
    sha256 = CharField()  # hexadecimal
    content = SealedOctetsField()  # it may contain passwords

    class Meta:
        table_name = "register_upload"
