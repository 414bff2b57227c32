"""What happens next with an application: who is waited for, for what, and by when."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from mailbot.clock import tokyo_date
from mailbot.model.application import Application
from mailbot.model.lifecycle import State


class Wait(StrEnum):
    """What an application waits for.  The words of each are in `templates/web/next.*.j2`."""

    SUBMIT = "submit"  # the office completes its draft
    ANSWER = "answer"  # the office answers a 確認依頼
    LOOK = "look"  # the office looks at its issued passwords
    REPLY = "reply"  # the desk answers what the applicant wrote
    PARTNERS = "partners"  # other offices that share a 利用者コード apply as well
    REVIEW = "review"
    START = "start"  # the 利用開始日 comes
    NOTHING = "nothing"


OF_THE_OFFICE = frozenset({Wait.SUBMIT, Wait.ANSWER, Wait.LOOK})


@dataclass(frozen=True)
class NextStep:
    """What is waited for; `by`: the last day, or the day on which it happens, None when it is open."""

    wait: Wait
    by: date | None = None

    @property
    def is_yours(self) -> bool:
        """Whether the office has to do it."""
        return self.wait in OF_THE_OFFICE


def next_step(
    application: Application, unseen: Collection[str], promised: date | None, partners: Collection[str]
) -> NextStep:
    """The next step.  `unseen`: IDs whose passwords can be looked at and were not; `promised`: the day for the answer
    to what the applicant wrote, None when nothing is open; `partners`: 事業所コード that have not applied yet.
    """
    state = application.state
    if promised is not None and state is not State.DRAFT:
        return NextStep(Wait.REPLY, promised)
    if state is State.DRAFT:
        return NextStep(Wait.SUBMIT)
    if state is State.NEEDS_CONFIRMATION:
        return NextStep(Wait.ANSWER, tokyo_date(application.answer_by) if application.answer_by else None)
    if state is State.RECEIVED:
        return NextStep(Wait.PARTNERS if partners else Wait.REVIEW)
    if unseen and application.view_period is not None:
        return NextStep(Wait.LOOK, application.view_period.last)
    if state is State.COMPLETED and application.start_date is not None and not application.in_effect:
        return NextStep(Wait.START, application.start_date)
    return NextStep(Wait.NOTHING)
