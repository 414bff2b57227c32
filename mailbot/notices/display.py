"""Values as people read them: dates with their weekday, choices by their label, IDs with their method."""

from datetime import date, datetime

from mailbot.clock import TOKYO, tokyo_date
from mailbot.model.contract import Office
from mailbot.model.people import Language
from mailbot.model.procedure import Field, FieldKind, Value

_WEEKDAYS = {
    Language.JA: "月火水木金土日",
    Language.EN: ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
_TICK = "☑"


def display(field: Field, value: Value, language: Language, office: Office) -> str:
    """`value` of `field` for a person to read; "" when there is none.  IDs stand one a line.

    Never raises: what is not what the field's kind keeps is shown as it is.
    """
    if isinstance(value, bool):
        return _TICK if value else ""
    if isinstance(value, tuple):
        return "\n".join(_with_method(full, language, office) for full in value)
    if not isinstance(value, str):
        return str(value)
    if field.kind is FieldKind.CHOICE:
        return next((c.labels[language] for c in field.choices if c.name == value), value)
    if field.kind is FieldKind.DATE:
        return _day_of_iso(value, language)
    return value


def day(value: date | datetime, language: Language) -> str:
    """2026年11月30日（月）/ Monday, 30 November 2026; an instant by its day in Asia/Tokyo."""
    one = tokyo_date(value) if isinstance(value, datetime) else value
    weekday = _WEEKDAYS[language][one.weekday()]
    if language is Language.JA:
        return f"{one.year}年{one.month}月{one.day}日（{weekday}）"
    return f"{weekday}, {one.day} {_MONTHS[one.month - 1]} {one.year}"


def short_day(value: date | datetime) -> str:
    """2026/11/30, as the tables of NSS write it (S1)."""
    one = tokyo_date(value) if isinstance(value, datetime) else value
    return f"{one:%Y/%m/%d}"


def moment(value: datetime, language: Language) -> str:
    """Day and minute in Asia/Tokyo: 2026年11月30日（月） 14:05."""
    return f"{day(value, language)}{'' if language is Language.JA else ','} {value.astimezone(TOKYO):%H:%M}"


def _day_of_iso(value: str, language: Language) -> str:
    try:
        return day(date.fromisoformat(value), language)
    except ValueError:
        return value


def _with_method(full: str, language: Language, office: Office) -> str:
    known = office.user_id(full)
    if known is None or not known.method:
        return full
    return f"{full}（{known.method}）" if language is Language.JA else f"{full} ({known.method})"
