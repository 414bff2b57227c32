"""審査依頼: what reviewers are asked, with the checks that were made already; and what they are told besides."""

from collections.abc import Mapping, Sequence
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.cases.circumstances import circumstances
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.authorization import Fact, Facts, facts_of
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.alerts import alert
from mailbot.desk.outgoing.outcome import Notice, notices_to
from mailbot.model.application import Actor
from mailbot.model.lifecycle import Event
from mailbot.model.notice import Addressee, NoticeKind
from mailbot.model.procedure import Finding, Severity
from mailbot.notices.write import Case, Change, Check
from mailbot.records.applications import application_queries

_CLAIMED = frozenset({"already_open", "already_abolished", "addition_open", "code_being_abolished"})


def ask_reviewers(
    case: Case, request: Request, now: datetime, context: DeskContext, changes: Sequence[Change] = ()
) -> tuple[Notice, ...]:
    """審査依頼 to every reviewer of the category, after a submission or a correction."""
    to = recipients.reviewers_of(case.procedure.category, context)
    if not to:
        return alert("no_reviewer", context, case=case)
    evidence = _sender_checks(facts_of(request, proof_required=True))
    return review_requests(case, to, now, context, changes=changes, evidence=evidence)


def review_requests(
    case: Case,
    to: Sequence[Addressee],
    now: datetime,
    context: DeskContext,
    *,
    changes: Sequence[Change] = (),
    evidence: Sequence[Check] = (),
    superseded: bool = False,
    stands_in: bool = False,
) -> tuple[Notice, ...]:
    """審査依頼 to `to`; `superseded` when it replaces one that was answered too late, `stands_in` when its reader
    takes over from a reviewer who is away."""
    checks = [*evidence, *_contract_checks(case, now, context)]
    earlier = _earlier(case)
    return notices_to(
        NoticeKind.REVIEW_REQUEST,
        to,
        case.application,
        lambda reader, reply_to: context.writer.review_request(
            case,
            reader,
            checks=checks,
            changes=changes,
            earlier=earlier,
            superseded=superseded,
            stands_in=stands_in,
            reply_address=reply_to,
        ),
    )


def tell_reviewers(case: Case, event: Event, by: Actor, context: DeskContext) -> tuple[Notice, ...]:
    """What the applicant did meanwhile, to every reviewer of the category."""
    return notices_to(
        NoticeKind.UPDATE,
        recipients.reviewers_of(case.procedure.category, context),
        case.application,
        lambda to, _reply_to: context.writer.update(case, to, event=event, by=by),
    )


def _sender_checks(facts: Facts) -> list[Check]:
    return [
        Check("sender_registered", Fact.REGISTERED in facts),
        Check("sender_aligned", Fact.PROVEN in facts),
        Check("sender_token", Fact.TOKEN in facts),
    ]


def _contract_checks(case: Case, now: datetime, context: DeskContext) -> list[Check]:
    """The rules once more, as a reviewer wants to see them: registered and in use, date, other applications."""
    filled = case.application.revision.filled
    found = case.procedure.check(
        filled, circumstances(case.procedure, filled, case.office, case.application, now, context)
    )
    codes = {finding.code for finding in found if finding.severity is Severity.PROBLEM}
    checks = [
        Check("ids_registered", not codes & {"unknown_user_code", "unknown_user_id", "unknown_mailbox"}),
        Check("ids_in_use", "user_id_not_in_use" not in codes),
        Check("date_possible", not codes & {"date_today", "date_past", "date_needed"}),
        Check("no_other_application", not codes & _CLAIMED),
    ]
    warned = {finding.code: finding for finding in found if finding.severity is Severity.WARNING}
    if case.procedure.starts:
        checks.append(Check("on_schedule", "start_may_differ" not in warned, _params(warned.get("start_may_differ"))))
    if "shared_code" in warned:
        checks.append(Check("sharing_offices_applied", ok=False, params=warned["shared_code"].params))
    return checks


def _params(finding: Finding | None) -> Mapping[str, str]:
    return finding.params if finding else {}


def _earlier(case: Case) -> list[tuple[str, str, str]]:
    """Earlier completed applications of the same procedure for the same codes: (code, receipt number, ISO date)."""
    rows = []
    for subject in case.procedure.subjects(case.application.revision.filled):
        for one in application_queries.decided_naming(case.procedure.name, subject):
            day = tokyo_date(one.decided_at).isoformat() if one.decided_at else ""
            rows.append((subject.lstrip("+-"), str(one.receipt or ""), day))
    return rows
