"""The tables of inquiries: what a person is to answer, and the offices whose log-in is paused after a concern.

A column without a comment is described by its name.
"""

from peewee import BooleanField, DateField, IntegerField

from mailbot.records.schema.columns import BaseRow, CharField, InstantField, TextField, WordsField


class InquiryRow(BaseRow):
    """One inquiry (model.inquiry.Inquiry): a mail that was passed on to a person."""

    mail_id = IntegerField(primary_key=True)  # the inbox item
    received_at = InstantField()
    application_id = IntegerField(null=True, index=True)
    office = CharField(index=True)  # 事業所コード, "" when it is not certain
    sender = TextField()  # address, folded
    name = TextField()
    words = WordsField()  # the sender's own words
    audience = CharField()  # model.inquiry.Audience
    promised_on = DateField()
    concern = BooleanField()
    days_left = IntegerField(null=True)  # business days of a 確認依頼 that stand still meanwhile
    state = CharField(index=True)  # model.inquiry.InquiryState
    answered_by = TextField(default="")
    answered_at = InstantField(null=True)

    class Meta:
        table_name = "inquiry"


class LoginPauseRow(BaseRow):
    """事業所 whose log-in on the web page is paused until an operator resumes it."""

    office = CharField(primary_key=True)  # 事業所コード; no foreign key: importing the register writes offices anew
    since = InstantField()
    reason = TextField()

    class Meta:
        table_name = "login_pause"
