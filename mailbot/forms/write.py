"""Forms to send: the empty one to fill in, and a person's own input to correct and send back."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from mailbot.model.people import Language
from mailbot.model.procedure import Field, FieldKind, Filled, Section, Ticks, Value

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
    user_codes: Sequence[tuple[str, str]] = ()  # (5 characters, 業種)
    mailboxes: Sequence[tuple[str, str]] = ()  # (メールボックスID, メール種別)

    def to_tick(self, one: Field) -> Sequence[tuple[str, str]]:
        """(code, what is said about it) for each code of the office that a field offers to tick."""
        if one.kind is FieldKind.USER_IDS:
            return self.user_ids
        return {Ticks.USER_CODES: self.user_codes, Ticks.MAILBOXES: self.mailboxes}.get(one.ticks, ())


def write_form(layout: FormLayout, filled: Filled) -> str:
    """The form with `filled` in it; what could not be read stands there as it was written."""
    lines: list[str] = []
    section = Section.HEAD
    for one in layout.fields:
        if one.section is not section:
            section = one.section
            lines += ["", heading(section, layout.language)]
        lines += field_lines(one, layout, filled)
    return "\n".join(lines) + "\n"


def heading(section: Section, language: Language) -> str:
    """What stands above a section of the form; the head has none."""
    return _HEADINGS[section][language]


def field_lines(one: Field, layout: FormLayout, filled: Filled) -> list[str]:
    """The lines of one field: `項目名：値`, or its label with the boxes below it."""
    head = one.label(layout.language) + _COLON[layout.language]
    if one.name == "procedure":
        return [head + layout.title]
    value, written = filled.values.get(one.name), filled.written.get(one.name, "")
    if one.name == _AGAIN and "contact_email" in filled.values:
        return []  # nothing to confirm: the address is known
    if value is None and written:
        listed = one.kind in (FieldKind.USER_IDS, FieldKind.CODES, FieldKind.COUNTS)
        return written.split("\n") if listed else [head + written]
    return _value_lines(one, head, layout, filled)


def _value_lines(one: Field, head: str, layout: FormLayout, filled: Filled) -> list[str]:
    value = filled.values.get(one.name)
    offered = layout.to_tick(one)
    match one.kind:
        case FieldKind.USER_IDS | FieldKind.CODES if offered or one.kind is FieldKind.USER_IDS:
            return _tick_lines(head, offered, filled.codes(one.name))
        case FieldKind.CODE if offered:
            chosen = (filled.text(one.name),) if filled.text(one.name) else ()
            return _tick_lines(head, offered, chosen)
        case FieldKind.CODES:
            return [(head + "、".join(filled.codes(one.name))).rstrip(" ")]
        case FieldKind.COUNTS:
            return _count_lines(one, layout, filled.counts(one.name))
        case FieldKind.CHOICE:
            return [head.rstrip(), *(_box(value == c.name) + c.labels[layout.language] for c in one.choices)]
        case FieldKind.FLAG:
            return [head + _box(value is True).strip()]
        case _:
            return [(head + _text(value)).rstrip(" ")]


def _tick_lines(head: str, offered: Sequence[tuple[str, str]], chosen: tuple[str, ...]) -> list[str]:
    known = dict(offered)
    rows = [*known, *(code for code in chosen if code not in known)]
    asides = (f"（{known[code]}）" if known.get(code) else "" for code in rows)
    return [head.rstrip(), *(_box(code in chosen) + code + aside for code, aside in zip(rows, asides, strict=True))]


def _count_lines(one: Field, layout: FormLayout, counts: Mapping[str, int]) -> list[str]:
    """追加数（net）：1, a line for each choice."""
    opening, closing = ("（", "）") if layout.language is Language.JA else (" (", ")")
    label, colon = one.label(layout.language) + opening, closing + _COLON[layout.language]
    return [f"{label}{c.name}{colon}{counts.get(c.name, '')}".rstrip(" ") for c in one.choices]


def _box(ticked: bool) -> str:
    return "[x] " if ticked else "[ ] "


def _text(value: Value | None) -> str:
    return "" if value is None else str(value)
