"""Forms to send: the empty one to fill in, and a person's own input to correct and send back."""

from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.model.people import Language
from mailbot.model.procedure import Field, FieldKind, Filled, Section, Value

_HEADINGS = {
    Section.CONTACT: {Language.JA: "【申込担当者】", Language.EN: "[Applicant]"},
    Section.CONTENT: {Language.JA: "【申込内容】", Language.EN: "[Application]"},
}
_AGAIN = "contact_email_again"
_COLON = {Language.JA: "：", Language.EN: ": "}


@dataclass(frozen=True)
class FormLayout:
    """What a form is written from."""

    title: str  # of the procedure
    fields: Sequence[Field]  # head, contact and content, in this order
    language: Language
    user_ids: Sequence[tuple[str, str]] = ()  # (8 characters, 処理方式) of the office, for ticking


def write_form(layout: FormLayout, filled: Filled) -> str:
    """The form with `filled` in it; what could not be read stands there as it was written."""
    lines: list[str] = []
    section = Section.HEAD
    for one in layout.fields:
        if one.section is not section:
            section = one.section
            lines += ["", _HEADINGS[section][layout.language]]
        lines += _lines(one, layout, filled)
    return "\n".join(lines) + "\n"


def _lines(one: Field, layout: FormLayout, filled: Filled) -> list[str]:
    head = one.label(layout.language) + _COLON[layout.language]
    if one.name == "procedure":
        return [head + layout.title]
    value, written = filled.values.get(one.name), filled.written.get(one.name, "")
    if one.name == _AGAIN and "contact_email" in filled.values:
        return []  # nothing to confirm: the address is known
    if value is None and written:
        return written.split("\n") if one.kind is FieldKind.USER_IDS else [head + written]
    match one.kind:
        case FieldKind.USER_IDS:
            return _id_lines(head, layout, value if isinstance(value, tuple) else ())
        case FieldKind.CHOICE:
            return [head.rstrip(), *(_box(value == c.name) + c.labels[layout.language] for c in one.choices)]
        case FieldKind.FLAG:
            return [head + _box(value is True).strip()]
        case _:
            return [(head + _text(value)).rstrip(" ")]


def _id_lines(head: str, layout: FormLayout, chosen: tuple[str, ...]) -> list[str]:
    known = dict(layout.user_ids)
    rows = [*known, *(full for full in chosen if full not in known)]
    methods = (f"（{known[full]}）" if known.get(full) else "" for full in rows)
    return [head.rstrip(), *(_box(full in chosen) + full + method for full, method in zip(rows, methods, strict=True))]


def _box(ticked: bool) -> str:
    return "[x] " if ticked else "[ ] "


def _text(value: Value | None) -> str:
    return "" if value is None else str(value)
