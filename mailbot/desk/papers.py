"""The papers that go with notices: 申込書 with 確認完了, 承認通知 from the 利用開始日 on."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from mailbot.clock import tokyo_date
from mailbot.desk.alerts import alert
from mailbot.desk.outcome import Owed
from mailbot.desk.tools import Tools
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


def papers_of_completion(case: Case, now: datetime, tools: Tools) -> tuple[Papers, tuple[Owed, ...]]:
    """The 申込書 for 確認完了, in each language; and the alert to the operators if it cannot be printed.

    What changes nothing of the contract has no 申込書.
    """
    if not case.procedure.starts:
        return (lambda _language: ()), ()
    return _printed(case, lambda language: application_form(case, language, now, tools), tools)


def papers_of_start(case: Case, now: datetime, tools: Tools) -> tuple[Papers, tuple[Owed, ...]]:
    """The 承認通知, with the notice that the change is in effect."""
    return _printed(case, lambda language: approval_paper(case, language, now, tools), tools)


def application_form(case: Case, language: Language, now: datetime, tools: Tools) -> Enclosure:
    """システムサービス利用契約変更申込書.  Raises Unprintable."""
    return _pdf(tools.papers.application_form(case, language, _lines(case, language), issued=tokyo_date(now)))


def approval_paper(case: Case, language: Language, now: datetime, tools: Tools) -> Enclosure:
    """システムサービス利用契約変更承認通知, for an application whose 利用開始日 is fixed.  Raises Unprintable."""
    start = case.application.start_date or tokyo_date(now)
    lines = _lines(case, language)
    return _pdf(tools.papers.approval(case, language, lines, start=start, issued=tokyo_date(now)))


def _printed(case: Case, print_one: Callable[[Language], Enclosure], tools: Tools) -> tuple[Papers, tuple[Owed, ...]]:
    try:
        made = {language: (print_one(language),) for language in Language}
    except Unprintable as error:
        return (lambda _language: ()), paper_alert(case, error, tools)
    return (lambda language: made[language]), ()


def paper_alert(case: Case, error: Unprintable, tools: Tools) -> tuple[Owed, ...]:
    """To the operators, who make this paper by hand: nothing is printed as a box, and no decision waits for it."""
    return alert("paper_failed", tools, case=case, params={"read": error.what})


def _lines(case: Case, language: Language) -> list[PaperLine]:
    rows = (contract_row(line, language) for line in case.contract)
    return [PaperLine(row.item, row.before, row.after, row.changed) for row in rows]


def _pdf(paper: Paper) -> Enclosure:
    return Enclosure(paper.name, PDF, paper.data)
