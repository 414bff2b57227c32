"""Notices to 審査担当者: what is to be decided, what was decided, what happened meanwhile."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailbot.model.application import Actor
from mailbot.model.lifecycle import Event
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.notices.contents.applicant import AboutCase
from mailbot.notices.contents.base import Content
from mailbot.notices.contents.inquiries import InquiryLine
from mailbot.notices.display import short_day
from mailbot.notices.values import Change, CheckResult, Earlier, Letterhead, Waiting
from mailbot.notices.view import view


@dataclass(frozen=True, kw_only=True)
class ReviewRequest(AboutCase):
    """審査依頼.

    `superseded`: it replaces a request whose content has changed; `stands_in`: its reader is the deputy of a reviewer
    who is away; `due`: the last day of the review.  After an approval was taken back, it says so and why.
    """

    kind = NoticeKind.REVIEW_REQUEST
    template = "notices/review_request"
    checks: Sequence[CheckResult]
    changes: Sequence[Change] = ()
    earlier: Sequence[Earlier] = ()  # completed applications for the same codes
    superseded: bool = False
    stands_in: bool = False
    due: date | None = None

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to, letterhead
        rows = [(one.code, "　".join(filter(None, (one.receipt, _short(one.decided))))) for one in self.earlier]
        return {
            "checks": self.checks,
            "changes": self.changes,
            "earlier": rows,
            "superseded": self.superseded,
            "stands_in": self.stands_in,
            "due": self.due,
            "taken_back": self.case.application.taken_back,
        }


@dataclass(frozen=True, kw_only=True)
class DecisionMade(AboutCase):
    """A decision that was carried out, to the reviewer who made it and to the others."""

    kind = NoticeKind.DECISION
    template = "notices/decision"
    event: Event
    by: Actor
    words: str = ""

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del letterhead
        mine = self.by.email != "" and self.by.email == to.email
        return {"event": self.event, "by": self.by, "words": self.words, "mine": mine}


@dataclass(frozen=True, kw_only=True)
class Update(AboutCase):
    """What became of an application without a reviewer: withdrawn, lapsed."""

    kind = NoticeKind.UPDATE
    template = "notices/update"
    event: Event
    by: Actor

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to, letterhead
        return {"event": self.event, "by": self.by}


@dataclass(frozen=True, kw_only=True)
class Digest(Content):
    """Everything that waits for this reviewer, answerable line by line."""

    kind = NoticeKind.DIGEST
    template = "notices/digest"
    waiting: Sequence[Waiting]
    inquiries: Sequence[InquiryLine] = ()  # that this reviewer is to answer

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del letterhead
        waiting = [(view(one.case, to.language), one.days, one.overdue) for one in self.waiting]
        return {"waiting": waiting, "inquiries": self.inquiries}


def _short(decided: date | None) -> str:
    return short_day(decided) if decided is not None else ""
