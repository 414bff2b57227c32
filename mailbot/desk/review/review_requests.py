"""審査依頼: what reviewers are asked, with the checks made before; and updates to them."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from mailbot.clock import tokyo_date
from mailbot.desk.cases.circumstances import circumstances
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.authorization import Fact, facts_of
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.alerts import AlertCause, alert_at_most
from mailbot.desk.outgoing.notice import Notice, notices_to
from mailbot.model.application import Actor, Application
from mailbot.model.lifecycle import Event
from mailbot.model.notice import Addressee
from mailbot.model.procedure import Finding, ReviewCheck, Severity
from mailbot.notices.contents.reviewers import ReviewRequest, Update
from mailbot.notices.values import Case, Change, CheckResult, Earlier
from mailbot.records.applications import application_queries

_ALWAYS_SHOWN = (
    ReviewCheck.IDS_REGISTERED,
    ReviewCheck.IDS_IN_USE,
    ReviewCheck.DATE_POSSIBLE,
    ReviewCheck.NO_OTHER_APPLICATION,
)


def ask_reviewers(
    case: Case,
    request: Request,
    findings: Sequence[Finding],
    now: datetime,
    context: DeskContext,
    changes: Sequence[Change],
) -> tuple[Notice, ...]:
    """審査依頼 to every reviewer of the category, after a submission or a correction with these `findings`."""
    to = recipients.reviewers_of(case.procedure.category, context)
    if not to:
        return _no_reviewer(case, now, context)
    checks = [*_sender_checks(facts_of(request, proof_required=True)), *_contract_checks(case, findings)]
    due = due_day(case.application, context)
    content = ReviewRequest(case=case, checks=checks, changes=changes, earlier=earlier_ones(case), due=due)
    return notices_to(to, content, case.application)


def review_requests(
    case: Case,
    to: Sequence[Addressee],
    now: datetime,
    context: DeskContext,
    *,
    superseded: bool = False,
    stands_in: bool = False,
) -> tuple[Notice, ...]:
    """審査依頼 to `to` about an application in its present state, its rules applied again.

    `superseded`: it replaces one that was answered too late; `stands_in`: its reader is the deputy of a reviewer who
    is away.
    """
    content = ReviewRequest(
        case=case,
        checks=checks_now(case, now, context),
        earlier=earlier_ones(case),
        superseded=superseded,
        stands_in=stands_in,
        due=due_day(case.application, context),
    )
    return notices_to(to, content, case.application)


def checks_now(case: Case, now: datetime, context: DeskContext) -> list[CheckResult]:
    """What the rules say of the present content; not of its sender."""
    filled = case.application.revision.filled
    known = circumstances(case.procedure, filled, case.office, case.application, now, context)
    return _contract_checks(case, case.procedure.check(filled, known))


def ask_all_again(case: Case, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """審査依頼 to every reviewer of the category about an application in its present state; an alert without any."""
    to = recipients.reviewers_of(case.procedure.category, context)
    return review_requests(case, to, now, context) if to else _no_reviewer(case, now, context)


def _no_reviewer(case: Case, now: datetime, context: DeskContext) -> tuple[Notice, ...]:
    """To the operators: nobody reviews this category."""
    return alert_at_most(AlertCause("no_reviewer", case.procedure.category), "no_reviewer", now, context, case=case)


def notify_reviewers(case: Case, event: Event, by: Actor, context: DeskContext) -> tuple[Notice, ...]:
    """What became of the application without a reviewer, to every reviewer of the category."""
    to = recipients.reviewers_of(case.procedure.category, context)
    return notices_to(to, Update(case=case, event=event, by=by), case.application)


def _sender_checks(facts: frozenset[Fact]) -> list[CheckResult]:
    return [
        CheckResult(ReviewCheck.SENDER_REGISTERED, Fact.REGISTERED in facts),
        CheckResult(ReviewCheck.SENDER_ALIGNED, Fact.PROVEN in facts),
        CheckResult(ReviewCheck.SENDER_TOKEN, Fact.TOKEN in facts),
    ]


def _contract_checks(case: Case, findings: Sequence[Finding]) -> list[CheckResult]:
    """The findings as a reviewer wants to see them: registered and in use, date, other applications."""
    problems = {f.check for f in findings if f.severity is Severity.PROBLEM}
    warnings = {f.check: f for f in findings if f.severity is Severity.WARNING}
    results = [CheckResult(check, check not in problems) for check in _ALWAYS_SHOWN]
    if case.procedure.starts:
        differs = warnings.get(ReviewCheck.ON_SCHEDULE)
        results.append(CheckResult(ReviewCheck.ON_SCHEDULE, differs is None, _params(differs)))
    waiting = warnings.get(ReviewCheck.SHARING_OFFICES_APPLIED)
    if waiting is not None:
        results.append(CheckResult(ReviewCheck.SHARING_OFFICES_APPLIED, ok=False, params=waiting.params))
    return results


def due_day(application: Application, context: DeskContext) -> date:
    """The last day on which the review is in time, counted from the submission or the last correction."""
    made = tokyo_date(application.revision.made_at)
    return context.calendar.add(made, context.settings.reminder_business_days)


def waited(application: Application, now: datetime, context: DeskContext) -> int:
    """Business days since the present content came in."""
    return context.calendar.between(tokyo_date(application.revision.made_at), tokyo_date(now))


def is_overdue(application: Application, now: datetime, context: DeskContext) -> bool:
    """Later than the applicant was promised: 翌営業日 is in time."""
    return not application.held and waited(application, now, context) > context.settings.reminder_business_days


def _params(finding: Finding | None) -> Mapping[str, str]:
    return finding.params if finding else {}


def earlier_ones(case: Case) -> list[Earlier]:
    """Completed applications of the same procedure with the same subjects."""
    return [
        Earlier(subject.lstrip("+-"), str(one.receipt or ""), tokyo_date(one.decided_at) if one.decided_at else None)
        for subject in case.procedure.subjects(case.application.revision.filled)
        for one in application_queries.completed_with_subject(case.procedure.name, subject)
    ]
