"""What every notice has in common: who writes, to whom, about what."""

from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.model.notice import Addressee, Words
from mailbot.model.people import Language, Role
from mailbot.notices.render import Renderer
from mailbot.notices.values import Case, Letterhead
from mailbot.notices.view import company, view

# Whom a mail addresses by company and office.
_OFFICE_ROLES = frozenset({Role.CONTACT, Role.ADMINISTRATOR})


class TemplateWriter:
    """Writes one template to one person; the writers of the rooms below are made of it."""

    def __init__(self, renderer: Renderer, desk: Letterhead) -> None:
        self._renderer = renderer
        self._desk = desk

    @property
    def desk(self) -> Letterhead:
        return self._desk

    def _write(
        self, template: str, to: Addressee, case: Case | None, reply_address: str = "", **values: object
    ) -> Words:
        """The words of `template`; a blank `reply_address` means the desk's own."""
        context: dict[str, object] = {
            "desk": self._desk,
            "to": to,
            "reply_address": reply_address or self._desk.address,
            "case": view(case, to.language) if case else None,
            "company": company(case.office, to.language) if case and to.role in _OFFICE_ROLES else "",
            "procedure_name": case.procedure.name if case else "",
            "labels": _labels(case, to.language),
            **values,
        }
        return self._renderer.render(template, to.language, context)


def _labels(case: Case | None, language: Language) -> dict[str, str]:
    """Field.name → its label, for saying which field a finding means."""
    fields = COMMON_FIELDS + (case.procedure.fields if case else ())
    return {field.name: field.label(language) for field in fields}
