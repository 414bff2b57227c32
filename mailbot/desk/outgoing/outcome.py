"""The result of a request: a disposition with its reason, and the notices to be enqueued."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mailbot.desk.outgoing.notice import Notice
from mailbot.model.application import Application
from mailbot.model.queued_mail import Disposition


@dataclass(frozen=True)
class Outcome:
    """The end of handling one mail.  `reason` is a short code (`submitted`, `sender-not-registered`)."""

    disposition: Disposition
    reason: str
    notices: tuple[Notice, ...] = ()
    application: Application | None = None
    detail: str = ""
    confirms_challenge: bool = False  # the mail that the challenge is about can be carried out now


def combine_outcomes(outcomes: Sequence[Outcome]) -> Outcome:
    """The outcome of a mail with several parts, each handled on its own: carried out if any of them was."""
    if len(outcomes) == 1:
        return outcomes[0]
    done = [o for o in outcomes if o.disposition is Disposition.CARRIED_OUT]
    detail = "; ".join(f"{_receipt(o)} {o.reason}" for o in outcomes)
    notices = tuple(notice for outcome in outcomes for notice in outcome.notices)
    return replace((done or outcomes)[0], notices=notices, detail=detail)


def _receipt(outcome: Outcome) -> str:
    application = outcome.application
    return str(application.receipt or "a draft") if application is not None else "no application"
