"""The papers that go with notices: 申込書 with 確認完了, 承認通知 from the 利用開始日 on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.alerts import alert
from mailbot.desk.outgoing.outcome import Notice
from mailbot.model.notice import Enclosure, Words
from mailbot.model.people import Language
from mailbot.notices.display import contract_row
from mailbot.notices.papers import Paper, PaperLine, Unprintable
from mailbot.notices.write import Case

PDF = "application/pdf"
Papers = Callable[[Language], tuple[Enclosure, ...]]


def with_papers(words: Words, papers: tuple[Enclosure, ...]) -> Words:
    """The notice with its enclosures."""
    return replace(words, enclosures=papers)


def papers_of_completion(case: Case, now: datetime, context: DeskContext) -> tuple[Papers, tuple[Notice, ...]]:
    """The 申込書 for 確認完了, in each language; and the alert to the operators if it cannot be printed.

    What changes nothing of the contract has no 申込書.
    """
    if not case.procedure.starts:
        return (lambda _language: ()), ()
    return _printed(case, lambda language: application_form(case, language, now, context), context)


def papers_of_start(case: Case, now: datetime, context: DeskContext) -> tuple[Papers, tuple[Notice, ...]]:
    """The 承認通知, with the notice that the change is in effect."""
    return _printed(case, lambda language: approval_paper(case, language, now, context), context)


def application_form(case: Case, language: Language, now: datetime, context: DeskContext) -> Enclosure:
    """システムサービス利用契約変更申込書.  Raises Unprintable."""
    return _pdf(context.papers.application_form(case, language, _lines(case, language), issued=tokyo_date(now)))


def approval_paper(case: Case, language: Language, now: datetime, context: DeskContext) -> Enclosure:
    """システムサービス利用契約変更承認通知, for an application whose 利用開始日 is fixed.  Raises Unprintable."""
    start = case.application.start_date or tokyo_date(now)
    lines = _lines(case, language)
    return _pdf(context.papers.approval(case, language, lines, start=start, issued=tokyo_date(now)))


def _printed(
    case: Case, print_one: Callable[[Language], Enclosure], context: DeskContext
) -> tuple[Papers, tuple[Notice, ...]]:
    try:
        made = {language: (print_one(language),) for language in Language}
    except Unprintable as error:
        return (lambda _language: ()), paper_alert(case, error, context)
    return (lambda language: made[language]), ()


def paper_alert(case: Case, error: Unprintable, context: DeskContext) -> tuple[Notice, ...]:
    """To the operators, who make this paper by hand: nothing is printed as a box, and no decision waits for it."""
    return alert("paper_failed", context, case=case, params={"read": error.what})


def _lines(case: Case, language: Language) -> list[PaperLine]:
    rows = (contract_row(line, language) for line in case.contract)
    return [PaperLine(row.item, row.before, row.after, row.changed) for row in rows]


def _pdf(paper: Paper) -> Enclosure:
    return Enclosure(paper.name, PDF, paper.data)
