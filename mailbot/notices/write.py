"""Render a notice's content as subject, text and HTML for one addressee."""

from mailbot.model.notice import Addressee, RenderedNotice
from mailbot.model.people import APPLICANT_SIDE
from mailbot.notices.contents.base import Content
from mailbot.notices.render import Renderer
from mailbot.notices.values import Letterhead
from mailbot.notices.view import company, labels_of, view

# Who is addressed by company and office.


class NoticeWriter:
    """Writes every notice of the desk: the one place where a notice becomes text and HTML."""

    def __init__(self, renderer: Renderer, letterhead: Letterhead) -> None:
        self._renderer = renderer
        self.letterhead = letterhead

    def write(self, content: Content, to: Addressee, reply_address: str = "") -> RenderedNotice:
        """The words of `content` for `to`.  `reply_address`: where this copy is answered; "": the desk's own address.

        Raises jinja2.TemplateError when a template is missing or faulty.
        """
        case, letterhead = content.case, self.letterhead
        return self._renderer.render(
            content.template_for(),
            to.language,
            {
                "desk": letterhead,
                "to": to,
                "reply_address": reply_address or letterhead.address,
                "to_one_reader": content.to_one_reader,
                "calendar_published": any(not entry.cancelled for entry in content.calendar),
                "calendar_cancelled": any(entry.cancelled for entry in content.calendar),
                "case": view(case, to.language) if case else None,
                "company": company(case.office, to.language) if case and to.role in APPLICANT_SIDE else "",
                "procedure_name": case.procedure.name if case else "",
                "labels": labels_of(case, to.language),
                **content.variables(to, letterhead),
            },
        )
