"""What came of a request: a disposition with its reason, and the notices that are owed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial

from mailbot.model.application import Application
from mailbot.model.notice import Addressee, NoticeKind, Words
from mailbot.model.queued_mail import Disposition

# Writes one copy: for whom, and the reply address that carries the token made for this very copy.
Write = Callable[[Addressee, str], Words]


@dataclass(frozen=True)
class Notice:
    """One notice to one person, not yet written; `write` takes the reply address."""

    kind: NoticeKind
    to: Addressee
    write: Callable[[str], Words]
    application: Application | None = None
    challenge: int | None = None  # the mail (its inbox number) that this one asks about
    lines: tuple[Application, ...] = ()  # of a digest: what its reply may decide


@dataclass(frozen=True)
class Outcome:
    """The end of handling one mail.  `reason` is a short code (`submitted`, `sender-not-registered`)."""

    disposition: Disposition
    reason: str
    notices: tuple[Notice, ...] = ()
    application: Application | None = None
    detail: str = ""
    resume: int | None = None  # an earlier mail (its inbox number) that can be carried out now


def notices_to(
    kind: NoticeKind, addressees: Iterable[Addressee], application: Application | None, write: Write
) -> tuple[Notice, ...]:
    """The same notice to each of `addressees`, one copy each."""
    return tuple(Notice(kind, to, partial(write, to), application) for to in addressees)


def combine_outcomes(outcomes: Sequence[Outcome]) -> Outcome:
    """What came of the parts of one mail, each with its own check: carried out if any of them was."""
    if len(outcomes) == 1:
        return outcomes[0]
    done = [o for o in outcomes if o.disposition is Disposition.CARRIED_OUT]
    detail = "; ".join(f"{_receipt(o)} {o.reason}" for o in outcomes)
    notices = tuple(owed for outcome in outcomes for owed in outcome.notices)
    return replace((done or outcomes)[0], notices=notices, detail=detail)


def _receipt(outcome: Outcome) -> str:
    application = outcome.application
    return str(application.receipt or "a draft") if application is not None else "no application"
