"""Alerts to the operators."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.enqueue import enqueue_notices
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.model.notice import Addressee
from mailbot.notices.contents.answers import Alert
from mailbot.notices.contents.base import PaperRequest
from mailbot.notices.unprintable import Unprintable
from mailbot.notices.values import Case
from mailbot.records.applications.reminders import record_at_most, record_once


@dataclass(frozen=True)
class AlertCause:
    """Why the operators are alerted.  `name`: a reason code or the topic; `about`: an address, or what it concerns.

    `by_stranger`: whether anybody can cause it: `about` is no registered person who is proven.
    """

    name: str
    about: str
    by_stranger: bool = False


@dataclass(frozen=True)
class _Most:
    """How many alerts of one cause: about one sender in a day, about all strangers together in an hour."""

    of_one: int = 5
    of_strangers: int = 10


# A further alert about the same one would say nothing new; or it is in the daily list.
_ONCE = (
    "newcomer",
    "not-an-operator",
    "too-much-cpu-time",
    "too-many-answers",
    "too-many-challenges",
    "too-many-changes",
)
_MOST = {cause: _Most(of_one=1) for cause in (*_ONCE, "undelivered", "reviewer_absent")}
_MOST |= {"newcomer": _Most(of_one=1, of_strangers=5), "for-postmaster": _Most(of_strangers=3)}


def alert(
    topic: str,
    context: DeskContext,
    *,
    case: Case | None = None,
    params: Mapping[str, object] | None = None,
    to: Sequence[Addressee] | None = None,
) -> tuple[Notice, ...]:
    """`topic` (a template under `answers/`) to every operator, or to those of them in `to`."""
    readers = recipients.operators(context) if to is None else to
    return notices_to(readers, Alert(topic=topic, case=case, params=params or {}), None)


def alert_once(
    key: str,
    topic: str,
    now: datetime,
    context: DeskContext,
    *,
    case: Case | None = None,
    params: Mapping[str, object] | None = None,
) -> None:
    """Enqueue `topic` to every operator, unless that was done with `key` before; in the caller's transaction."""
    if record_once(key, now):
        enqueue_notices(alert(topic, context, case=case, params=params), now, context)


def alert_unprintable(error: Unprintable, paper: PaperRequest, case: Case, now: datetime, context: DeskContext) -> None:
    """The operators make this PDF by hand: one alert, however often it is asked for; in the caller's transaction."""
    key = f"paper:{case.application.id}:{paper}"
    alert_once(key, "paper_failed", now, context, case=case, params={"read": error.what})


def alert_at_most(
    cause: AlertCause,
    topic: str,
    now: datetime,
    context: DeskContext,
    *,
    case: Case | None = None,
    params: Mapping[str, object] | None = None,
) -> tuple[Notice, ...]:
    """`topic` to every operator while `may_alert` allows it, in the caller's transaction."""
    return alert(topic, context, case=case, params=params) if may_alert(cause, now) else ()


def may_alert(cause: AlertCause, now: datetime) -> bool:
    """Whether the operators are alerted once more about this cause, which then counts; in the caller's transaction.

    A handful a day about each sender.  Strangers have as many addresses as they like, so there are a few an hour about
    all of them together; what they use up is missing to nobody who is known, and under no other cause.
    """
    most = _MOST.get(cause.name, _Most())
    if cause.by_stranger and not record_at_most(most.of_strangers, f"alert:{cause.name}", now, timedelta(hours=1)):
        return False
    return record_at_most(most.of_one, f"alert-about:{cause.name}:{cause.about}", now, timedelta(days=1))
