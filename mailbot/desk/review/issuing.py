"""What an approval fixes and gives out: numbers, the 利用開始日, the view period; passwords into the vault only."""

from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.tools import Tools
from mailbot.model.application import Application, Approval
from mailbot.model.contract import Office
from mailbot.model.effects import contract_lines, secret_of
from mailbot.model.numbering import allocate, numbers_of
from mailbot.model.passwords import generate
from mailbot.model.procedure import Circumstances, Filled, Procedure
from mailbot.model.view_period import ViewPeriod, after_notice, around_start
from mailbot.records import numbers


def approval_of(procedure: Procedure, filled: Filled, facts: Circumstances, tools: Tools) -> Approval:
    """What the approval of `filled` fixes, on the day that `facts` says.

    Raises NoNumbersLeft when something cannot be numbered.
    """
    effects = procedure.effects(filled, facts)
    given = tuple(allocate(effects, facts.used_numbers, facts.office.code))
    start = None
    if procedure.starts:
        start = facts.start_days.confirmed(filled.day("wished_start") or facts.day, facts.day)
    period: ViewPeriod | None = None
    if any(secret_of(effect) for effect in given):
        period = around_start(facts.day, start, tools.calendar) if start else after_notice(facts.day, tools.calendar)
    return Approval(given, contract_lines(facts.office, given, facts.day), start, period)


def give_out(application: Application, approval: Approval, office: Office, now: datetime, tools: Tools) -> None:
    """The numbers are used from now on; each new or initialised ID gets a 仮パスワード, sealed until the end."""
    given = (numbers_of(effect, office.code) for effect in approval.effects)
    numbers.take(pair for pair in given if pair is not None)
    period = approval.view_period or after_notice(tokyo_date(now), tools.calendar)
    for of in filter(None, map(secret_of, approval.effects)):
        password = generate(tools.choose, lambda candidate, of=of: tools.vault.used_before(of, candidate))  # type: ignore[misc]
        tools.vault.seal(application.id, of, password, period, now)
