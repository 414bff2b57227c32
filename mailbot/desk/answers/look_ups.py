"""What an applicant can look up: 状況, 契約内容, 新着, 申込書, 承認通知 (NSS's screens, by mail).

Everybody sees the offices that they are registered for, and no others.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.applications.draft_findings import draft_findings
from mailbot.desk.cases.case import case_of
from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.request import Request
from mailbot.desk.outgoing import recipients
from mailbot.desk.outgoing.notice import notices_to
from mailbot.desk.outgoing.outcome import Outcome
from mailbot.desk.outgoing.replies import answer_about, answer_to_sender, read_back
from mailbot.model.application import Application
from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import Disposition
from mailbot.notices.contents.answers import PaperAnswer
from mailbot.notices.contents.base import PaperKind, PaperRequest
from mailbot.notices.contract_view import contract_view, news_row
from mailbot.records.applications import application_queries, application_store
from mailbot.records.register import offices

LATEST = 10  # 新着情報 shows the latest 10 (S1)


def status(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """進行状況 of one application when the mail is about one, else of the office's latest; of a draft what it needs."""
    found = [request.application] if request.application is not None else _latest(request)
    cases = [
        replace(case_of(one, context), findings=tuple(draft_findings(one, request, now, context))) for one in found
    ]
    return answer_to_sender(request, context, "status", cases=cases)


def contract(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """契約内容の確認, in its parts netNACCS and 一般NACCS, with the changes that wait for their 利用開始日."""
    views = []
    to = recipients.author_of(request.sender, context.settings.language)
    for code in _offices(request):
        office = offices.office(code)
        if office is not None:
            coming = [case_of(a, context) for a in application_queries.waiting_to_start(code)]
            views.append(contract_view(office, coming, tokyo_date(now), to.language))
    return answer_to_sender(request, context, "contract", contracts=views)


def news(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """新着情報: the latest steps of the office's applications, newest first."""
    del now
    language = recipients.author_of(request.sender, context.settings.language).language
    latest = application_queries.latest_steps(_offices(request), LATEST)
    rows = [news_row(a, step, context.procedure_of(a.procedure), language) for a, step in latest]
    return answer_to_sender(request, context, "news", news=rows)


def paper(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """申込書 PDF of an application that was submitted."""
    return _paper(request, now, context, PaperKind.APPLICATION_FORM)


def approval(request: Request, now: datetime, context: DeskContext) -> Outcome:
    """承認通知 PDF, from the 利用開始日 on."""
    return _paper(request, now, context, PaperKind.APPROVAL)


def _paper(request: Request, now: datetime, context: DeskContext, kind: PaperKind) -> Outcome:
    application = request.application or _only_one(request, kind)
    if application is None or application.receipt is None:
        cases = [case_of(a, context) for a in _latest(request)]
        return answer_to_sender(request, context, "which_application", cases=cases, **read_back(request))
    case, today = case_of(application, context), tokyo_date(now)
    if kind is PaperKind.APPROVAL and (application.start_date is None or today < application.start_date):
        return answer_about(request, case, context, "no_paper_yet")
    to = recipients.author_of(request.sender, context.settings.language)
    paper = PaperRequest(kind, today)
    content = PaperAnswer(case=case, params={"reason": kind.value}, paper=paper)
    notices = notices_to([to], content, application)
    return Outcome(Disposition.ANSWERED, f"paper-{kind.value.replace('_', '-')}", notices, application)


def _only_one(request: Request, kind: PaperKind) -> Application | None:
    """The office's only application that has such a paper: there is nothing to ask."""
    found = [a for a in _latest(request) if a.receipt is not None]
    if kind is PaperKind.APPROVAL:
        found = [a for a in found if a.state is State.COMPLETED and a.start_date is not None]
    return found[0] if len(found) == 1 else None


def _latest(request: Request) -> list[Application]:
    found = (a for code in _offices(request) for a in application_store.listing(office=code))
    return sorted(found, key=lambda a: a.revision.made_at, reverse=True)[:LATEST]


def _offices(request: Request) -> list[str]:
    return sorted({r.office.code for r in request.sender.registrations})


LOOK_UPS: dict[str, Callable[[Request, datetime, DeskContext], Outcome]] = {
    "status": status,
    "contract": contract,
    "news": news,
    "paper": paper,
    "approval": approval,
}
