"""Notices to reviewers: what is to be decided, what was decided, what happened meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from mailbot.model.application import Actor
from mailbot.model.lifecycle import Event
from mailbot.model.notice import Addressee, Words
from mailbot.notices.display import short_day
from mailbot.notices.template_writer import TemplateWriter
from mailbot.notices.values import Case, Change, Check
from mailbot.notices.view import view


@dataclass(frozen=True)
class Waiting:
    """One line of the digest."""

    case: Case
    days: int  # business days since it came, or was corrected
    overdue: bool


class ReviewerWriter(TemplateWriter):
    """Writes to 審査担当者."""

    def review_request(
        self,
        case: Case,
        to: Addressee,
        *,
        checks: Sequence[Check],
        changes: Sequence[Change] = (),
        earlier: Sequence[tuple[str, str, str]] = (),
        superseded: bool = False,
        stands_in: bool = False,
        reply_address: str = "",
    ) -> Words:
        """審査依頼.

        `checks`: what was looked at already, the sender's evidence included; `earlier`: completed applications for
        the same codes as (code, receipt number, ISO date or ""); `superseded`: whether this replaces a request
        whose content has changed.
        """
        rows = [(code, "　".join(filter(None, (receipt, _short(when))))) for code, receipt, when in earlier]
        return self._write(
            "notices/review_request",
            to,
            case,
            reply_address,
            checks=checks,
            changes=changes,
            earlier=rows,
            superseded=superseded,
            stands_in=stands_in,
        )

    def decision(
        self, case: Case, to: Addressee, *, event: Event, by: Actor, words: str = "", reply_address: str = ""
    ) -> Words:
        """A decision that was carried out, to the reviewer who made it and to the others."""
        mine = by.email != "" and by.email == to.email
        return self._write("notices/decision", to, case, reply_address, event=event, by=by, words=words, mine=mine)

    def review_reminder(self, case: Case, to: Addressee, *, reply_address: str = "") -> Words:
        """An application waits for its review."""
        return self._write("notices/review_reminder", to, case, reply_address)

    def digest(self, to: Addressee, *, waiting: Sequence[Waiting], reply_address: str = "") -> Words:
        """Everything that waits for this reviewer, answerable line by line."""
        rows = [(view(one.case, to.language), one.days, one.overdue) for one in waiting]
        return self._write("notices/digest", to, None, reply_address, waiting=rows)

    def update(self, case: Case, to: Addressee, *, event: Event, by: Actor) -> Words:
        """What became of an application without a reviewer: withdrawn, lapsed."""
        return self._write("notices/update", to, case, event=event, by=by)


def _short(iso: str) -> str:
    try:
        return short_day(date.fromisoformat(iso))
    except ValueError:
        return iso
