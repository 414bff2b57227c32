"""PDF forms: システムサービス利用契約変更申込書 and システムサービス利用契約変更承認通知 (S2, S4), as PDF.

No password is ever in one.  Their texts are in `templates/papers/`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from functools import lru_cache
from typing import Any

from mailbot.model.notice import Enclosure
from mailbot.model.people import Language
from mailbot.notices import paper_layout as layout
from mailbot.notices.contents.base import PaperKind, PaperRequest
from mailbot.notices.display import day
from mailbot.notices.paper_tables import changes, counts
from mailbot.notices.render import Renderer
from mailbot.notices.unprintable import Unprintable
from mailbot.notices.values import Case, Letterhead, ThisCase
from mailbot.notices.view import CaseView, view


class PaperWriter:
    """Prints papers.  Raises Unprintable; MissingGlyphs when the font cannot show what was written."""

    def __init__(self, renderer: Renderer, letterhead: Letterhead) -> None:
        self._renderer = renderer
        self._letterhead = letterhead
        self._kept = lru_cache(maxsize=2 * len(Language))(self._made)  # … for the other copies of the notice

    def enclosure(self, request: PaperRequest, case: Case, language: Language) -> Enclosure:
        """The paper as a file that goes with a notice; made once for all its copies in a language."""
        return self._kept(request, ThisCase(case), language)

    def _made(self, request: PaperRequest, this: ThisCase, language: Language) -> Enclosure:
        case, shown = this.case, view(this.case, language)
        match request.kind:
            case PaperKind.APPLICATION_FORM:
                return self._application_form(case, shown, language, request.issued)
            case PaperKind.APPROVAL:
                return self._approval(case, shown, language, request.issued)

    def _application_form(self, case: Case, shown: CaseView, language: Language, issued: date) -> Enclosure:
        """申込書: what was applied for, and what it changes."""
        phrases = self._phrases("papers/application_form", shown, language)
        story: list[Any] = [
            layout.right(f"{phrases['issued']}{day(issued, language)}"),
            layout.gap(3),
            *layout.title(phrases["title"]),
            layout.words(phrases["declaration"]),
            *layout.heading(phrases["application"]),
            layout.facts(_application(shown, phrases, shown.start) + counts(case.contract, phrases)),
            *layout.heading(phrases["office"]),
            layout.facts(_office(case, shown, phrases)),
            *layout.heading(phrases["contact"]),
            layout.facts([fact for fact in shown.contact if fact.value]),
            *layout.heading(phrases["content"]),
            layout.facts(_content(case, shown)),
            *changes(case.contract, case.application.start_date, phrases),
        ]
        return self._paper(case, language, phrases, story)

    def _approval(self, case: Case, shown: CaseView, language: Language, issued: date) -> Enclosure:
        """承認通知: a letter that says what was approved, and from when on it holds."""
        start = case.application.start_date or issued
        phrases = self._phrases("papers/approval", shown, language)
        story: list[Any] = [
            layout.right(f"{phrases['letter']}\n{day(issued, language)}"),
            layout.gap(6),
            layout.words(phrases["to"], 11),
            layout.gap(6),
            layout.right(f"{phrases['sender']}\n{phrases['desk']}"),
            layout.gap(10),
            *layout.title(phrases["title"]),
            layout.words(phrases["greeting"]),
            layout.words(phrases["approved"]),
            layout.gap(5),
            layout.centred(phrases["below"]),
            layout.gap(3),
            layout.facts(_application(shown, phrases, day(start, language)) + counts(case.contract, phrases)),
            *changes(case.contract, start, phrases),
            layout.together(
                layout.gap(4),
                layout.words(phrases["keep"]),
                layout.words(phrases["questions"]),
                layout.right(phrases["end"]),
            ),
        ]
        return self._paper(case, language, phrases, story)

    def _phrases(self, template: str, shown: CaseView, language: Language) -> Mapping[str, str]:
        # Looked at before the template, which would show an invisible character as an escape.
        shown = replace(shown, company=layout.printable(shown.company))
        found = self._renderer.phrases(template, language, {"case": shown, "desk": self._letterhead})
        return _Phrases(f"{template}.{language.value}.j2", found)

    def _paper(self, case: Case, language: Language, phrases: Mapping[str, str], story: Sequence[Any]) -> Enclosure:
        receipt = str(case.application.receipt or "")
        sheet = layout.Sheet(
            title=f"{phrases['title']} {receipt}",
            footer=f"{phrases['title']}　{receipt}",
            author=self._letterhead.organisation,
            language=language.value,
        )
        return Enclosure(f"{phrases['file']}_{receipt}.pdf", "application/pdf", layout.pdf(sheet, story))


class _Phrases(dict[str, str]):
    """The words of a paper.  Raises Unprintable for words that an operator's own copy of the template lacks."""

    def __init__(self, file: str, found: Mapping[str, str]) -> None:
        super().__init__(found)
        self._file = file

    def __missing__(self, name: str) -> str:
        raise Unprintable(f"templates/{self._file}: the line «{name} = …» is missing")


def _application(shown: CaseView, phrases: Mapping[str, str], start: str) -> list[tuple[str, str]]:
    rows = [
        (phrases["receipt"], shown.receipt),
        (phrases["received"], shown.submitted),
        (phrases["procedure"], shown.title),
        (phrases["decided"], shown.decided),
        (phrases["start"], start),
    ]
    return [row for row in rows if row[1]]


def _office(case: Case, shown: CaseView, phrases: Mapping[str, str]) -> list[tuple[str, str]]:
    office = case.office
    rows = [
        (phrases["company"], shown.company),
        (phrases["code"], office.code),
        (phrases["short_name"], office.short_name),
        (phrases["address"], office.address),
        (phrases["customs"], office.customs),
        (phrases["division_of_office"], office.division),
        (phrases["administrator"], office.administrator.name),
    ]
    return [row for row in rows if row[1]]


def _content(case: Case, shown: CaseView) -> list[tuple[str, str]]:
    """What was written for each field; IDs stand beside one another, two hundred of them are no four pages."""
    values = case.application.revision.filled.values
    rows = []
    for field, fact in zip(case.procedure.fields, shown.content, strict=True):
        listed = isinstance(values.get(field.name), tuple)
        rows.append((fact.label, fact.value.replace("\n", "　") if listed else fact.value))
    return [row for row in rows if row[1]]
