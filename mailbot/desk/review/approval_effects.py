"""What an approval decides and issues: numbers, 利用開始日, view period, and passwords (stored in the vault only)."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date, datetime

from mailbot.clock import tokyo_date
from mailbot.desk.cases.case import case_of
from mailbot.desk.cases.circumstances import circumstances
from mailbot.desk.context import DeskContext
from mailbot.errors import Temporary
from mailbot.logs import get_logger
from mailbot.model.application import Application, Approval
from mailbot.model.contract import Office
from mailbot.model.effects import contract_lines, password_id
from mailbot.model.lifecycle import OPEN_STATES
from mailbot.model.numbering import NoNumbersLeft, allocate, used_number
from mailbot.model.procedure import Circumstances, Filled, Procedure
from mailbot.model.view_period import ViewPeriod, after_notice, around_start
from mailbot.records.register import used_numbers

log = get_logger("mailbot.review")


def approval_of(procedure: Procedure, filled: Filled, facts: Circumstances, context: DeskContext) -> Approval:
    """What the approval of `filled` decides, on the day that `facts` says.

    Raises NoNumbersLeft when something cannot be numbered.
    """
    effects = procedure.effects(filled, facts)
    given = tuple(allocate(effects, facts.used_numbers, facts.office.code))
    start = None
    if procedure.starts:
        start = facts.start_days.confirmed(filled.day("wished_start") or facts.day, facts.day)
    period: ViewPeriod | None = None
    if any(password_id(effect) for effect in given):
        period = (
            around_start(facts.day, start, context.calendar) if start else after_notice(facts.day, context.calendar)
        )
    return Approval(given, contract_lines(facts.office, given, facts.day), start, period)


def issue_passwords(
    application: Application, approval: Approval, office: Office, now: datetime, context: DeskContext
) -> None:
    """The numbers are used from now on; each new or initialised ID gets a 仮パスワード in the vault."""
    given = (used_number(effect, office.code) for effect in approval.effects)
    used_numbers.take(pair for pair in given if pair is not None)
    for of in filter(None, map(password_id, approval.effects)):
        context.vault.issue(application.id, of, context.choose, _period(approval, now, context), now)


def make_ready(applications: Callable[[], Sequence[Application]], now: datetime, context: DeskContext) -> None:
    """Before a transaction that may approve `applications`: what takes time, their passwords and the keys for them.

    `applications` is called in `Store.reading`.  In the transaction everything is decided anew; what was made ready is
    used where it still fits.  Raises Temporary.
    """
    try:
        with context.store.reading():
            waiting = [one for one in applications() if one.state in OPEN_STATES]
            last_days = {user_id: last for one in waiting for user_id, last in _foreseen(one, now, context)}
        if last_days:
            context.vault.make_ready(last_days, context.choose)
    except (Temporary, MemoryError):
        raise
    except Exception:  # the transaction meets the same fault, and knows what to do about it
        log.exception("approval-not-foreseen")


def _foreseen(application: Application, now: datetime, context: DeskContext) -> Iterator[tuple[str, date]]:
    """The IDs that would get a password by an approval, and until when it could be looked at."""
    case, filled = case_of(application, context), application.revision.filled
    facts = circumstances(case.procedure, filled, case.office, application, now, context)
    try:
        approval = approval_of(case.procedure, filled, facts, context)
    except NoNumbersLeft:
        return
    for user_id in filter(None, map(password_id, approval.effects)):
        yield user_id, _period(approval, now, context).last


def _period(approval: Approval, now: datetime, context: DeskContext) -> ViewPeriod:
    return approval.view_period or after_notice(tokyo_date(now), context.calendar)
