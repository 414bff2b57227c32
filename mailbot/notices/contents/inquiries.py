"""Notices about inquiries: to the people who answer them, and their answer to the one who wrote."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from mailbot.model.inquiry import Inquiry, InquiryState
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.notices.contents.base import Content
from mailbot.notices.display import day, short_day
from mailbot.notices.values import Letterhead


class InquiryLine(NamedTuple):
    """One open inquiry in a list."""

    number: int
    received: str  # day
    name: str  # of the sender
    receipt: str  # "" when it is about no application
    words: str  # the first of them
    promised: str  # day
    overdue: bool
    concern: bool


class Measures(NamedTuple):
    """What was done about a concern at once."""

    held: bool = False  # the application is on hold
    paused: bool = False  # the office's log-in is paused
    proven: bool = True  # whether the sender is


NOTHING_DONE = Measures()


@dataclass(frozen=True, kw_only=True)
class InquiryNotice(Content):
    """申込者からの連絡, or お問い合わせ when `case` is None or closed: the words first; a reply is the answer.

    `office`: 企業名 and 事業所名; `attached`: names of the files that came with it; `may_decide`: whether a keyword in
    the reply decides on the application.
    """

    kind = NoticeKind.INQUIRY
    template = "notices/inquiry"
    inquiry: Inquiry
    office: str = ""
    subject: str = ""  # of the mail
    attached: Sequence[str] = ()
    may_decide: bool = False
    because: str = ""  # reason code: why the desk did not process the mail itself
    measures: Measures = NOTHING_DONE

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del letterhead
        one = self.inquiry
        return {
            "number": one.mail_id,
            "words": one.words,
            "from_name": one.name,
            "from_address": one.sender,
            "office": self.office,
            "mail_subject": self.subject,
            "attached": self.attached,
            "concern": one.concern,
            "promised": day(one.promised_on, to.language),
            "may_decide": self.may_decide,
            "because": self.because,
            "measures": self.measures,
        }


@dataclass(frozen=True, kw_only=True)
class InquiryDone(Content):
    """To everybody whom the inquiry was passed on to: it was answered (`words`), or closed without an answer."""

    kind = NoticeKind.UPDATE
    template = "notices/inquiry_done"
    inquiry: Inquiry  # as it is now
    by: str  # name of the one who answered
    words: str = ""

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to, letterhead
        one = self.inquiry
        return {
            "number": one.mail_id,
            "asked": one.words,
            "from_name": one.name,
            "answered": one.state is InquiryState.ANSWERED,
            "by": self.by,
            "words": self.words,
        }


@dataclass(frozen=True, kw_only=True)
class DeskMessage(Content):
    """ご連絡: the answer of a person behind the desk, whose name and address are not told.

    `asked`: what it answers; `answer_by`: the last day for the answer to a 確認依頼, which has changed meanwhile.
    """

    kind = NoticeKind.MESSAGE
    template = "notices/message"
    words: str
    asked: str = ""
    answer_by: date | None = None

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del letterhead
        last_day = day(self.answer_by, to.language) if self.answer_by is not None else ""
        return {"words": self.words, "asked": self.asked, "last_day": last_day}


def inquiry_line(inquiry: Inquiry, receipt: str, today: date) -> InquiryLine:
    """An open inquiry as a line of a list."""
    words = " ".join(inquiry.words.split())
    return InquiryLine(
        inquiry.mail_id,
        short_day(inquiry.received_at),
        inquiry.name or inquiry.sender,
        receipt,
        words if len(words) <= 80 else f"{words[:79]}…",
        short_day(inquiry.promised_on),
        inquiry.is_late(today),
        inquiry.concern,
    )
