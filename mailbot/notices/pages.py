"""The web pages in words: log-in, the office's applications, ID通知内容.  Their templates are in `templates/web/`."""

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from mailbot.model.contract import Office
from mailbot.model.effects import ContractLine
from mailbot.model.lifecycle import Event
from mailbot.model.people import Language
from mailbot.model.queued_mail import SentNotice
from mailbot.notices.issued_view import issued_ids
from mailbot.notices.mailto import mailto_filled
from mailbot.notices.page_values import ApplicationPage, CaseRow, Overview, ShownPassword
from mailbot.notices.render import Renderer
from mailbot.notices.values import Letterhead
from mailbot.notices.view import CaseView, HistoryRow, company, view


class PageWriter:
    """Writes each page as HTML.  `csrf` stands in every form of a session's pages."""

    def __init__(self, renderer: Renderer, letterhead: Letterhead) -> None:
        self._renderer = renderer
        self._letterhead = letterhead

    def login(
        self, language: Language, *, problem: str = "", code: str = "", wait_seconds: int = 0, to: str = ""
    ) -> str:
        """`problem`: "" | wrong | wait | paused | ended (the session is over) | origin; `to`: the receipt number of the
        page that follows, "" for the overview.
        """
        return self._page("login", language, problem=problem, code=code, wait_seconds=wait_seconds, to=to)

    def overview(self, one: Overview, csrf: str) -> str:
        """The first page of an office."""
        language = one.office.language
        return self._page(
            "overview",
            language,
            one.office,
            csrf=csrf,
            here="home",
            current=_rows(one.current, language),
            past=_rows(one.past, language),
            page=one,
        )

    def application(
        self, one: ApplicationPage, csrf: str, *, shown: ShownPassword | None = None, flash: str = ""
    ) -> str:
        """`shown`: a password after a click, for one answer; `flash`: "" | withdrawn | not_withdrawn."""
        case = view(one.case, one.office.language)
        number = case.receipt
        correction = f"修正 {number}" if one.office.language is Language.JA else f"correct {number}"
        body = f"{correction}\n\n"
        link = mailto_filled(self._letterhead.address, subject=correction, body=body, filled=one.form)
        return self._page(
            "application",
            one.office.language,
            one.office,
            csrf=csrf,
            case=case,
            page=one,
            shown=shown,
            flash=flash,
            asked=_asked(case),
            issued=issued_ids(one.case, case, one.ids, one.seen),
            sent=_by_notice(one.sent),
            counts=_counts(one.case.contract),
            correction=correction,
            correction_link=link if one.form else "",
        )

    def withdrawal(self, one: ApplicationPage, csrf: str) -> str:
        """What a 取下げ does, before it is done."""
        case = view(one.case, one.office.language)
        return self._page("withdrawal", one.office.language, one.office, csrf=csrf, case=case, page=one)

    def change(self, office: Office, csrf: str, problem: str = "") -> str:
        """`problem`: "" | wrong | wait | short | same | code | differ."""
        return self._page("change", office.language, office, csrf=csrf, problem=problem, here="password")

    def link(self, language: Language, token: str, to: str = "") -> str:
        """What a log-in link leads to: a button."""
        return self._page("link", language, token=token, to=to)

    def message(self, language: Language, kind: str, office: Office | None = None, csrf: str = "") -> str:
        """`kind`: not_found | changed | away | link_sent | link_over | no_paper; `office`: who is logged in."""
        return self._page("message", language, office, kind=kind, csrf=csrf)

    def style(self) -> str:
        """The style sheet of all pages."""
        return self._renderer.page("web/style.css", {})

    def _page(self, name: str, language: Language, office: Office | None = None, **values: object) -> str:
        context: dict[str, object] = {
            "desk": self._letterhead,
            "lang": language,
            "frame": f"web/frame.{language.value}.j2",
            "style_version": sha256(self.style().encode()).hexdigest()[:8],
            "office": office,
            "company": company(office, language) if office is not None else "",
            "office_code": office.code if office is not None else "",
            "here": "",
            "procedure_name": "",
            "labels": {},
            **values,
        }
        return self._renderer.page(f"web/{name}.{language.value}.j2", context)


def _rows(rows: Sequence[CaseRow], language: Language) -> list[tuple[CaseView, CaseRow]]:
    return [(view(row.case, language), row) for row in rows]


def _asked(case: CaseView) -> HistoryRow | None:
    """The latest 確認依頼."""
    return next((row for row in reversed(case.progress) if row.event is Event.ASK), None)


def _counts(lines: Sequence[ContractLine]) -> tuple[int, int]:
    """How many items are added, and how many are removed (S4)."""
    return sum(line.after and not line.before for line in lines), sum(line.before and not line.after for line in lines)


def _by_notice(sent: Sequence[SentNotice]) -> list[list[SentNotice]]:
    """The copies of each notice, the newest notice first."""
    found: dict[tuple[datetime, str, str], list[SentNotice]] = {}
    for one in sent:
        found.setdefault((one.at, one.kind.value, one.subject), []).append(one)
    return list(reversed(found.values()))
