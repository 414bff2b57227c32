"""Answers to one mail, alerts to operators, and the question whether a mail is its author's own."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from mailbot.model.notice import Addressee, NoticeKind
from mailbot.model.people import Language
from mailbot.notices.contents.base import Content
from mailbot.notices.contents.inquiries import NOTHING_DONE
from mailbot.notices.display import moment
from mailbot.notices.values import Case, Letterhead
from mailbot.notices.view import CaseView, view

# What the templates under answers/ may name, with the value it has when a caller gives none.
_BLANK: dict[str, object] = {
    "form": "",  # a form, ready to send
    "more": 0,  # how many further lines were read
    "event": None,  # what was asked for
    "state": None,
    "possible": (),  # the events that the state allows
    "by": None,  # Actor
    "at": None,  # aware datetime
    "findings": (),
    "reason": "",  # short code, to operators
    "sender": "",
    "name": "",  # of a person
    "lines": (),  # what checks have found
    "inbox_id": "",
    "outbox_id": "",
    "recipient": "",
    "notice": "",  # its subject
    "receipt": "",
    "server_answer": "",
    "link": "",  # URL
    "minutes": 0,
    "days": (),  # start_days.ScheduleDay
    "day": None,  # a possible start day
    "contracts": (),  # contract_view.ContractView
    "news": (),  # contract_view.NewsRow
    "inquiries": (),  # inquiries.InquiryLine
    "newcomers": (),  # operators.NewcomerLine
    "quarantined": (),  # operators.QuarantinedLine
    "failed": (),  # operators.FailedLine
    "results": (),  # operators.LineResult
    "at_once": False,  # whether a list has one newcomer, and not all that waits
    "promised": None,  # the day until which a person answers
    "measures": NOTHING_DONE,  # about a concern
    "files": (),  # names of attached files
    "meant": "",  # the name of the keyword that a sentence means
    "words": "",  # that go with it
}


@dataclass(frozen=True, kw_only=True)
class Answer(Content):
    """`answers/<topic>`; what each topic needs stands in the first comment of its template.

    `params`: `read` and `receipts` may be one string or several, `cases` are Case values, `titles` and `examples` are
    procedure name → titles by language; the others as `_BLANK` lists them.  What is absent is blank.
    """

    kind = NoticeKind.ANSWER
    to_one_reader = True
    topic: str
    params: Mapping[str, object] = field(default_factory=dict)

    def template_for(self) -> str:
        return f"answers/{self.topic}"

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del letterhead
        given = self.params
        return {
            **_BLANK,
            **{name: value for name, value in given.items() if name != "procedure"},
            "read": _several(given.get("read")),
            "receipts": _several(given.get("receipts")),
            "cases": _views(given.get("cases"), to.language),
            "titles": list(_titles(given.get("titles"), to.language).values()),
            "examples": _titles(given.get("examples"), to.language),
        }


@dataclass(frozen=True, kw_only=True)
class PaperAnswer(Answer):
    """The paper that was asked for; or, when it cannot be printed, that an operator will send it."""

    topic: str = "paper"

    def without_paper(self) -> Answer:
        return replace(self, topic="paper_later", paper=None)


@dataclass(frozen=True, kw_only=True)
class Alert(Answer):
    """To an operator."""

    kind = NoticeKind.ALERT


@dataclass(frozen=True, kw_only=True)
class SecurityNotice(Answer):
    """About secrets, to the 管理責任者 (password_seen, login_paused, …): a reply that is no thank-you is a concern."""

    kind = NoticeKind.SECURITY


@dataclass(frozen=True, kw_only=True)
class PasswordRevoked(Answer):
    """To both people.  The desk itself has done it: a reply is a question, unless its words are those of a concern."""

    kind = NoticeKind.REVOKED
    topic: str = "password_revoked"


@dataclass(frozen=True, kw_only=True)
class Challenge(Content):
    """The question whether a mail is its reader's own; for a `newcomer`, to the 管理責任者 of the office."""

    kind = NoticeKind.CHALLENGE
    template = "notices/challenge"
    asked: str  # what the mail asks for (`apply`)
    received_at: datetime
    mail_id: int = 0  # the number that the desk has given to it
    answer_by: date  # the last day
    titles: tuple[Mapping[Language, str], ...] = ()  # of the procedures that it is about
    sender: str
    receipt: str = ""
    newcomer: bool = False

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del letterhead
        return {
            "asked": self.asked,
            "received": moment(self.received_at, to.language),
            "mail_id": self.mail_id,
            "answer_by": self.answer_by,
            "titles": [titles[to.language] for titles in self.titles],
            "sender": self.sender,
            "receipt": self.receipt,
            "newcomer": self.newcomer,
        }


def _several(value: object) -> list[str]:
    """One string by its lines, or several strings; blank ones left out."""
    if isinstance(value, str):
        return [line for line in value.splitlines() if line.strip()]
    if isinstance(value, Iterable):
        return [str(one) for one in value if str(one).strip()]
    return []


def _views(value: object, language: Language) -> list[CaseView]:
    cases = value if isinstance(value, Sequence) else ()
    return [view(case, language) for case in cases if isinstance(case, Case)]


def _titles(value: object, language: Language) -> dict[str, str]:
    """Procedure name → its title."""
    if not isinstance(value, Mapping):
        return {}
    known = ((str(name), titles) for name, titles in value.items() if isinstance(titles, Mapping))
    return {name: str(titles[language]) for name, titles in known if language in titles}
