"""The web pages in words: log-in, the office's applications, ID通知内容.  Their templates are in `templates/web/`."""

from collections.abc import Sequence

from mailbot.model.contract import Office
from mailbot.model.people import Language
from mailbot.notices.contract_view import NewsRow
from mailbot.notices.render import Renderer
from mailbot.notices.values import Case, Letterhead
from mailbot.notices.view import company, view


class PageWriter:
    """Writes each page as HTML.  `csrf` stands in every form of a session's pages."""

    def __init__(self, renderer: Renderer, letterhead: Letterhead) -> None:
        self._renderer = renderer
        self._letterhead = letterhead

    def login(self, language: Language, *, problem: str = "", code: str = "", wait_seconds: int = 0) -> str:
        """`problem`: "" | wrong | wait | ended (the session is over) | origin."""
        return self._page("login", language, problem=problem, code=code, wait_seconds=wait_seconds)

    def overview(self, office: Office, cases: Sequence[Case], news: Sequence[NewsRow], csrf: str) -> str:
        language = office.language
        shown = [view(case, language) for case in cases]
        return self._page("overview", language, office, cases=shown, news=news, csrf=csrf)

    def application(
        self,
        office: Office,
        case: Case,
        csrf: str,
        *,
        ids: Sequence[str],
        over: bool,
        shown: tuple[str, str] | None,
        files: Sequence[str] = (),
    ) -> str:
        """ID通知内容.  `ids`: whose passwords can be shown; `shown`: (ID, password) after a click, for one answer.

        `files`: what can be downloaded (`desk.website.downloads`).
        """
        return self._page(
            "application",
            office.language,
            office,
            case=view(case, office.language),
            csrf=csrf,
            ids=ids,
            over=over,
            shown=shown,
            revoked=case.application.revoked,
            taken_back=case.application.taken_back,
            files=files,
            short_name=office.short_name,
        )

    def change(self, office: Office, csrf: str, problem: str = "") -> str:
        """`problem`: "" | wrong | wait | short | same | code | differ."""
        return self._page("change", office.language, office, csrf=csrf, problem=problem)

    def link(self, language: Language, token: str) -> str:
        """What a log-in link leads to: a button."""
        return self._page("link", language, token=token)

    def message(self, language: Language, kind: str) -> str:
        """`kind`: not_found | paper | changed | away | link_sent | link_over."""
        return self._page("message", language, kind=kind)

    def style(self) -> str:
        """The style sheet of all pages."""
        return self._renderer.page("web/style.css", {})

    def _page(self, name: str, language: Language, office: Office | None = None, **values: object) -> str:
        context: dict[str, object] = {
            "desk": self._letterhead,
            "lang": language,
            "frame": f"web/frame.{language.value}.j2",
            "company": company(office, language) if office is not None else "",
            "office_code": office.code if office is not None else "",
            "procedure_name": "",
            "labels": {},
            **values,
        }
        return self._renderer.page(f"web/{name}.{language.value}.j2", context)
