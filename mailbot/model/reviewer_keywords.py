"""The keywords that a reviewer writes in reply to a review request, one row each.

Their descriptions stand in templates/names.*.j2 (`reviewer_keywords`); what a keyword does to the application is its
event's row in the life cycle.
"""

from dataclasses import dataclass
from enum import StrEnum

from mailbot.model.lifecycle import Event, log_reason
from mailbot.model.written_words import WrittenWords


class ReviewerKeyword(StrEnum):
    """The name of a keyword, as it is stored with a mail.  Each has a row in REVIEWER_KEYWORDS."""

    APPROVE = "approve"
    ASK = "ask"
    HOLD = "hold"
    TAKE = "take"
    STATUS = "status"
    HELP = "help"


@dataclass(frozen=True, kw_only=True)
class ReviewerKeywordRow(WrittenWords):
    """One row of REVIEWER_KEYWORDS."""

    name: ReviewerKeyword
    event: Event | None = None  # that it carries out; None: it only asks for information

    @property
    def reason(self) -> str:
        """The reason code in the mail log when the event was carried out; "" when there is no event."""
        return log_reason(self.event) if self.event is not None else ""


REVIEWER_KEYWORDS: tuple[ReviewerKeywordRow, ...] = (
    ReviewerKeywordRow(
        name=ReviewerKeyword.APPROVE,
        japanese=("承認", "承認します", "承認いたします", "承認致します", "承認する"),
        english=("approve", "approved", "ok"),
        event=Event.APPROVE,
    ),
    ReviewerKeywordRow(
        name=ReviewerKeyword.ASK,
        japanese=("確認依頼", "修正", "修正依頼", "差戻し", "差し戻し", "差戻", "差戻します", "差し戻します"),
        english=("fix",),
        event=Event.ASK,
    ),
    ReviewerKeywordRow(
        name=ReviewerKeyword.HOLD,
        japanese=("保留", "保留します", "保留にします"),
        english=("hold",),
        event=Event.HOLD,
    ),
    ReviewerKeywordRow(
        name=ReviewerKeyword.TAKE,
        japanese=("担当", "担当します"),
        english=("take",),
        event=Event.TAKE,
    ),
    ReviewerKeywordRow(name=ReviewerKeyword.STATUS, japanese=("状況", "状況確認"), english=("status",)),
    ReviewerKeywordRow(name=ReviewerKeyword.HELP, japanese=("ヘルプ", "使い方"), english=("help",)),
)


def reviewer_keyword(name: str) -> ReviewerKeywordRow | None:
    """The row of the keyword called `name`; None when `name` is no keyword (`none`, `several`, `unclear`)."""
    return next((row for row in REVIEWER_KEYWORDS if row.name == name), None)
