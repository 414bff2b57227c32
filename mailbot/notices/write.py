"""The room's front door: everything the desk asks to be written, by name (`model.notice.NoticeKind`)."""

from mailbot.notices.answers import AnswerWriter
from mailbot.notices.applicant import ApplicantWriter
from mailbot.notices.reviewers import ReviewerWriter
from mailbot.notices.values import Case, Change, Check, Letterhead, WhereToSee

__all__ = ["Case", "Change", "Check", "Letterhead", "WhereToSee", "Writer"]


class Writer(ApplicantWriter, ReviewerWriter, AnswerWriter):
    """Writes every notice of the desk: `Writer(renderer, desk)`."""
