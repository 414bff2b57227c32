"""What an applicant can look up: 状況, 契約内容, 新着, 申込書, 承認通知 (NSS's screens, by mail).

Everybody sees the offices that they are registered for, and no others.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk import addressees
from mailbot.desk.answering import answer_about, answer_to_sender, read_back
from mailbot.desk.case import case_of
from mailbot.desk.outcome import Outcome, owed_to
from mailbot.desk.papers import application_form, approval_paper, paper_alert, with_papers
from mailbot.desk.request import Request
from mailbot.desk.tools import Tools
from mailbot.model.application import Application
from mailbot.model.lifecycle import State
from mailbot.model.notice import NoticeKind
from mailbot.model.post import Disposition
from mailbot.notices.contract_view import NewsRow, contract_view
from mailbot.notices.display import short_day
from mailbot.notices.papers import Unprintable
from mailbot.records import applications, claims, contracts

LATEST = 10  # 新着情報 shows the latest 10 (S1)


def status(request: Request, now: datetime, tools: Tools) -> Outcome:
    """進行状況 of one application when the mail is about one, else of the office's latest."""
    del now
    found = [request.application] if request.application is not None else _latest(request)
    return answer_to_sender(request, tools, "status", cases=[case_of(a, tools) for a in found])


def contract(request: Request, now: datetime, tools: Tools) -> Outcome:
    """契約内容の確認, in its parts netNACCS and 一般NACCS, with the changes that wait for their 利用開始日."""
    views = []
    to = addressees.writer_of(request.sender, tools.settings.language)
    for code in _offices(request):
        office = contracts.office(code)
        if office is not None:
            coming = [case_of(a, tools) for a in claims.waiting_to_start(code)]
            views.append(contract_view(office, coming, tokyo_date(now), to.language))
    return answer_to_sender(request, tools, "contract", contracts=views)


def news(request: Request, now: datetime, tools: Tools) -> Outcome:
    """新着情報: the latest steps of the office's applications, newest first."""
    del now
    language = addressees.writer_of(request.sender, tools.settings.language).language
    rows = []
    for application, step in claims.latest_steps(_offices(request), LATEST):
        procedure = tools.procedure_of(application.procedure)
        receipt, category = str(application.receipt or ""), procedure.category.value
        rows.append(NewsRow(short_day(step.at), category, receipt, step.event, procedure.title(language)))
    return answer_to_sender(request, tools, "news", news=rows)


def paper(request: Request, now: datetime, tools: Tools) -> Outcome:
    """申込書 PDF of an application that was submitted."""
    return _paper(request, now, tools, "application_form")


def approval(request: Request, now: datetime, tools: Tools) -> Outcome:
    """承認通知 PDF, from the 利用開始日 on."""
    return _paper(request, now, tools, "approval")


def _paper(request: Request, now: datetime, tools: Tools, which: str) -> Outcome:
    application = request.application or _only_one(request, which)
    if application is None or application.receipt is None:
        cases = [case_of(a, tools) for a in _latest(request)]
        return answer_to_sender(request, tools, "which_application", cases=cases, **read_back(request))
    case = case_of(application, tools)
    start = application.start_date
    if which == "approval" and (start is None or tokyo_date(now) < start):
        return answer_about(request, case, tools, "no_paper_yet")
    to = addressees.writer_of(request.sender, tools.settings.language)
    print_it = approval_paper if which == "approval" else application_form
    try:
        enclosed = (print_it(case, to.language, now, tools),)
    except Unprintable as error:
        told = answer_about(request, case, tools, "paper_later", {"reason": which})
        return replace(told, notices=(*told.notices, *paper_alert(case, error, tools)))
    notices = owed_to(
        NoticeKind.ANSWER,
        [to],
        application,
        lambda one, _: with_papers(tools.writer.answer("paper", one, case=case, params={"reason": which}), enclosed),
    )
    return Outcome(Disposition.ANSWERED, f"paper-{which.replace('_', '-')}", notices, application)


def _only_one(request: Request, which: str) -> Application | None:
    """The office's only application that has such a paper: there is nothing to ask."""
    found = [a for a in _latest(request) if a.receipt is not None]
    if which == "approval":
        found = [a for a in found if a.state is State.COMPLETED and a.start_date is not None]
    return found[0] if len(found) == 1 else None


def _latest(request: Request) -> list[Application]:
    found = (a for code in _offices(request) for a in applications.listing(office=code))
    return sorted(found, key=lambda a: a.revision.made_at, reverse=True)[:LATEST]


def _offices(request: Request) -> list[str]:
    return sorted({r.office.code for r in request.sender.registrations})


LOOK_UPS: dict[str, Callable[[Request, datetime, Tools], Outcome]] = {
    "status": status,
    "contract": contract,
    "news": news,
    "paper": paper,
    "approval": approval,
}
