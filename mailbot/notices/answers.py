"""Answers to one mail that change nothing: help, forms, status, and why something could not be done."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from mailbot.model.notice import Addressee, Words
from mailbot.model.people import Language
from mailbot.notices.display import moment
from mailbot.notices.template_writer import TemplateWriter
from mailbot.notices.values import Case
from mailbot.notices.view import CaseView, view

# What the templates under answers/ may name, with the value it has when a caller has nothing to say.
_BLANK: dict[str, object] = {
    "form": "",  # a form, ready to send
    "more": 0,  # how many further lines were read
    "event": None,  # what was asked for
    "state": None,
    "possible": (),  # the events that the state allows
    "by": None,  # Actor
    "at": None,  # aware datetime
    "findings": (),
    "reason": "",  # short code, to operators
    "sender": "",
    "inbox_id": "",
    "outbox_id": "",
    "recipient": "",
    "notice": "",  # its subject
    "receipt": "",
    "server_answer": "",
    "contracts": (),  # contract_view.ContractView
    "news": (),  # contract_view.NewsRow
}


class AnswerWriter(TemplateWriter):
    """Writes `answers/<topic>`; what each topic needs stands in the template's first comment."""

    def answer(
        self,
        topic: str,
        to: Addressee,
        *,
        params: Mapping[str, object] | None = None,
        case: Case | None = None,
        reply_address: str = "",
    ) -> Words:
        """The answer called `topic`, to one person.

        `params`: `read` and `receipts` may be one string or several, `cases` are Case values, `titles` is
        procedure name → titles by language; the others as `_BLANK` lists them.  What is absent is blank.
        Raises jinja2.TemplateNotFound for a topic that has no template.
        """
        given = dict(params or {})
        values: dict[str, object] = {**_BLANK, **given}
        values["read"] = _several(given.get("read"))
        values["receipts"] = _several(given.get("receipts"))
        values["cases"] = _views(given.get("cases"), to.language)
        values["titles"] = _titles(given.get("titles"), to.language)
        values.pop("procedure", None)
        return self._write(f"answers/{topic}", to, case, reply_address, **values)

    def challenge(self, to: Addressee, *, params: Mapping[str, object], reply_address: str) -> Words:
        """The question whether a mail is its reader's own.

        `params`: asked (model of what, `apply`), received_at (aware datetime), receipt, sender, newcomer, hours.
        """
        received_at = params["received_at"]
        shown = moment(received_at, to.language) if isinstance(received_at, datetime) else ""
        return self._write("notices/challenge", to, None, reply_address, **{**params, "received": shown})


def _several(value: object) -> list[str]:
    """One string by its lines, or several strings; blank ones left out."""
    if isinstance(value, str):
        return [line for line in value.splitlines() if line.strip()]
    if isinstance(value, Iterable):
        return [str(one) for one in value if str(one).strip()]
    return []


def _views(value: object, language: Language) -> list[CaseView]:
    cases = value if isinstance(value, Sequence) else ()
    return [view(case, language) for case in cases if isinstance(case, Case)]


def _titles(value: object, language: Language) -> list[str]:
    if not isinstance(value, Mapping):
        return []
    return [str(titles[language]) for titles in value.values() if isinstance(titles, Mapping) and language in titles]
