"""Notices to the applicant side: 申込担当者 and 管理責任者."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from mailbot.model.application import Actor
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.model.procedure import Finding, Severity
from mailbot.notices.contents.base import Content
from mailbot.notices.display import day
from mailbot.notices.values import Case, Change, Letterhead, WhereToSee


@dataclass(frozen=True, kw_only=True)
class AboutCase(Content):
    """Content that is always about an application."""

    case: Case


@dataclass(frozen=True, kw_only=True)
class Correctable(AboutCase):
    """Content about an application that its reader may correct by a reply.

    `correction`: the fields as they stand, one or several lines each, to open such a reply with.
    """

    correction: str = ""


@dataclass(frozen=True, kw_only=True)
class Received(Correctable):
    """受付完了, after a submission, or after a correction when there are `changes`.

    `answer_from`: the day from which on an answer can be expected; None while it waits for other offices.
    """

    kind = NoticeKind.RECEIVED
    template = "notices/received"
    findings: Sequence[Finding] = ()
    changes: Sequence[Change] = ()
    answer_from: date | None = None

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to, letterhead
        warnings, hints = _of(Severity.WARNING, self.findings), _of(Severity.HINT, self.findings)
        return {
            "warnings": warnings,
            "hints": hints,
            "changes": self.changes,
            "answer_from": self.answer_from,
            "correction": self.correction,
        }


@dataclass(frozen=True, kw_only=True)
class NeedsConfirmation(Correctable):
    """確認依頼: the reviewer's `words`, the content as a `form` to edit, the last day for an answer."""

    kind = NoticeKind.NEEDS_CONFIRMATION
    template = "notices/needs_confirmation"
    words: str
    form: str
    answer_by: date

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del letterhead
        return {
            "words": self.words,
            "form": self.form,
            "last_day": day(self.answer_by, to.language),
            "correction": self.correction,
        }


@dataclass(frozen=True, kw_only=True)
class Completed(AboutCase):
    """確認完了, with the reviewer's `words`.  `see`: where the ID通知内容 is read; by default as the letterhead."""

    kind = NoticeKind.COMPLETED
    template = "notices/completed"
    words: str = ""
    see: WhereToSee | None = None

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to
        return {"words": self.words, "see": _see(self, letterhead)}


@dataclass(frozen=True, kw_only=True)
class InEffect(AboutCase):
    """利用開始: the 利用開始日 has come, the contract is changed.

    `passwords_wait`: issued passwords can be seen; `see`: where, by default as the letterhead.
    """

    kind = NoticeKind.IN_EFFECT
    template = "notices/in_effect"
    passwords_wait: bool = False
    see: WhereToSee | None = None

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to
        return {
            "passwords_wait": self.passwords_wait,
            "see": _see(self, letterhead),
        }


@dataclass(frozen=True, kw_only=True)
class ViewEnding(AboutCase):
    """参照期間終了間近: the passwords can be seen for a last day or two."""

    kind = NoticeKind.VIEW_ENDING
    template = "notices/view_ending"
    see: WhereToSee | None = None

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to
        return {"see": _see(self, letterhead)}


@dataclass(frozen=True, kw_only=True)
class AnswerReminder(Correctable):
    """A 確認依頼 (`words`) waits for its answer."""

    kind = NoticeKind.REMINDER
    template = "notices/answer_reminder"
    words: str

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to, letterhead
        return {"words": self.words, "correction": self.correction}


@dataclass(frozen=True, kw_only=True)
class Withdrawn(AboutCase):
    """取下げ受付."""

    kind = NoticeKind.WITHDRAWN
    template = "notices/withdrawn"
    by: Actor

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to, letterhead
        return {"by": self.by}


@dataclass(frozen=True, kw_only=True)
class Lapsed(AboutCase):
    """無効: nobody answered in time."""

    kind = NoticeKind.LAPSED
    template = "notices/lapsed"


@dataclass(frozen=True, kw_only=True)
class TakenBack(Correctable):
    """承認取消: an approval was taken back for the reason `words`, and the passwords of the IDs `erased` are gone."""

    kind = NoticeKind.TAKEN_BACK
    template = "notices/taken_back"
    words: str
    erased: Sequence[str] = ()

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to, letterhead
        return {"words": self.words, "erased": self.erased, "correction": self.correction}


@dataclass(frozen=True, kw_only=True)
class Draft(AboutCase):
    """入力不備: every problem at once, with the `form` to correct and send back.

    With a receipt number it is about a correction, which has changed nothing.
    """

    kind = NoticeKind.DRAFT
    template = "notices/draft"
    findings: Sequence[Finding]
    form: str
    unknown_lines: Sequence[str] = ()
    other_words: Sequence[str] = ()

    def variables(self, to: Addressee, letterhead: Letterhead) -> Mapping[str, object]:
        del to, letterhead
        return {
            "problems": _of(Severity.PROBLEM, self.findings),
            "warnings": [f for f in self.findings if f.severity is not Severity.PROBLEM],
            "form": self.form,
            "unknown_lines": self.unknown_lines,
            "other_words": self.other_words,
        }


@dataclass(frozen=True, kw_only=True)
class DraftSaved(Draft):
    """一時保存: the draft is stored as its writer asked; what is still missing before it can be submitted."""

    kind = NoticeKind.SAVED
    template = "notices/draft_saved"
    to_one_reader = True


def _of(severity: Severity, findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is severity]


def _see(content: Completed | InEffect | ViewEnding, letterhead: Letterhead) -> WhereToSee:
    return content.see or letterhead.where_to_see(str(content.case.application.receipt or ""))
