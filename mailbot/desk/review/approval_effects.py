"""What an approval decides and issues: numbers, 利用開始日, view period, and passwords (stored in the vault only)."""

from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.model.application import Application, Approval
from mailbot.model.contract import Office
from mailbot.model.effects import contract_lines, password_id
from mailbot.model.numbering import allocate, used_number
from mailbot.model.passwords import generate
from mailbot.model.procedure import Circumstances, Filled, Procedure
from mailbot.model.view_period import ViewPeriod, after_notice, around_start
from mailbot.records.register import used_numbers


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
    period = approval.view_period or after_notice(tokyo_date(now), context.calendar)
    for of in filter(None, map(password_id, approval.effects)):
        password = generate(context.choose, lambda candidate, of=of: context.vault.used_before(of, candidate))  # type: ignore[misc]
        context.vault.seal(application.id, of, password, period, now)
