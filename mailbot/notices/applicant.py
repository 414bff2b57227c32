"""Notices to the applicant side: one for each state an application enters."""

from collections.abc import Sequence
from datetime import date

from mailbot.model.application import Actor
from mailbot.model.notice import Addressee, Words
from mailbot.model.procedure import Finding, Severity
from mailbot.notices.display import day
from mailbot.notices.template_writer import TemplateWriter
from mailbot.notices.values import Case, Change, WhereToSee


class ApplicantWriter(TemplateWriter):
    """Writes to 申込担当者 and 管理責任者.

    `reply_address` is where this very copy is to be answered; `to` says in which language it is written.
    """

    def received(
        self,
        case: Case,
        to: Addressee,
        *,
        findings: Sequence[Finding] = (),
        changes: Sequence[Change] = (),
        reply_address: str = "",
    ) -> Words:
        """受付完了, after a submission, or after a correction when there are `changes`."""
        return self._write(
            "notices/received",
            to,
            case,
            reply_address,
            warnings=_of(Severity.WARNING, findings),
            hints=_of(Severity.HINT, findings),
            changes=changes,
        )

    def needs_confirmation(
        self, case: Case, to: Addressee, *, words: str, form: str, answer_by: date, reply_address: str = ""
    ) -> Words:
        """確認依頼: the reviewer's `words`, the content as a `form` to edit, the last day for an answer."""
        last_day = day(answer_by, to.language)
        return self._write(
            "notices/needs_confirmation", to, case, reply_address, words=words, form=form, last_day=last_day
        )

    def completed(
        self,
        case: Case,
        to: Addressee,
        *,
        words: str = "",
        reply_address: str = "",
        where_to_see: WhereToSee | None = None,
    ) -> Words:
        """確認完了.  `where_to_see`: where the ID通知内容 can be read; by default on its page, or by the desk."""
        see = where_to_see or WhereToSee(url=self.desk.page_url, phone=self.desk.phone)
        return self._write("notices/completed", to, case, reply_address, words=words, see=see)

    def in_effect(self, case: Case, to: Addressee) -> Words:
        """利用開始: the 利用開始日 has come, the contract is changed."""
        return self._write("notices/in_effect", to, case)

    def view_ending(self, case: Case, to: Addressee, *, where_to_see: WhereToSee | None = None) -> Words:
        """参照期間終了間近: the passwords can be seen for a last day or two."""
        see = where_to_see or WhereToSee(url=self.desk.page_url, phone=self.desk.phone)
        return self._write("notices/view_ending", to, case, see=see)

    def answer_reminder(self, case: Case, to: Addressee, *, words: str, reply_address: str = "") -> Words:
        """A 確認依頼 (`words`) waits for its answer."""
        return self._write("notices/answer_reminder", to, case, reply_address, words=words)

    def withdrawn(self, case: Case, to: Addressee, *, by: Actor) -> Words:
        """取下げ受付."""
        return self._write("notices/withdrawn", to, case, by=by)

    def lapsed(self, case: Case, to: Addressee) -> Words:
        """無効: nobody answered in time."""
        return self._write("notices/lapsed", to, case)

    def draft(
        self,
        case: Case,
        to: Addressee,
        *,
        findings: Sequence[Finding],
        form: str,
        unknown_lines: Sequence[str] = (),
        reply_address: str = "",
    ) -> Words:
        """入力不備: every problem at once.

        Without any problem it is the answer to 一時保存; with a receipt number it is about a correction, which
        has changed nothing.
        """
        return self._write(
            "notices/draft",
            to,
            case,
            reply_address,
            problems=_of(Severity.PROBLEM, findings),
            warnings=[f for f in findings if f.severity is not Severity.PROBLEM],
            form=form,
            unknown_lines=unknown_lines,
        )


def _of(severity: Severity, findings: Sequence[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.severity is severity]
