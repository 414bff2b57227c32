"""Values as people read them: dates with their weekday, choices by their label, IDs with their method."""

from datetime import date, datetime
from typing import NamedTuple

from mailbot.clock import TOKYO, tokyo_date
from mailbot.model.contract import Office
from mailbot.model.effects import ContractLine, Item
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
        return "\n".join(_listed(field, one, language, office) for one in value)
    if not isinstance(value, str):
        return str(value)
    if field.kind is FieldKind.CHOICE:
        return next((c.labels[language] for c in field.choices if c.name == value), value)
    if field.kind is FieldKind.DATE:
        return day_of_iso(value, language)
    return value


def day(value: date | datetime, language: Language) -> str:
    """2026年11月30日（月）/ Monday, 30 November 2026; an instant by its day in Asia/Tokyo."""
    one = tokyo_date(value) if isinstance(value, datetime) else value
    weekday = _WEEKDAYS[language][one.weekday()]
    if language is Language.JA:
        return f"{one.year}年{one.month}月{one.day}日（{weekday}）"
    return f"{weekday}, {one.day} {_MONTHS[one.month - 1]} {one.year}"


def day_of_year(value: date, language: Language) -> str:
    """11月30日（月）/ Mon, 30 Nov: for lists of days that follow one another."""
    weekday = _WEEKDAYS[language][value.weekday()]
    if language is Language.JA:
        return f"{value.month}月{value.day}日（{weekday}）"
    return f"{weekday[:3]}, {value.day} {_MONTHS[value.month - 1][:3]}"


def short_day(value: date | datetime) -> str:
    """2026/11/30, as the tables of NSS write it (S1)."""
    one = tokyo_date(value) if isinstance(value, datetime) else value
    return f"{one:%Y/%m/%d}"


def moment(value: datetime, language: Language) -> str:
    """Day and minute in Asia/Tokyo: 2026年11月30日（月） 14:05."""
    return f"{day(value, language)}{'' if language is Language.JA else ','} {value.astimezone(TOKYO):%H:%M}"


def minute(value: datetime, language: Language, now: datetime) -> str:
    """For lists: 11/30（月）9:05 / Mon 30 Nov, 09:05; of another year than `now` with the year."""
    at, today = value.astimezone(TOKYO), now.astimezone(TOKYO)
    weekday = _WEEKDAYS[language][at.weekday()]
    if language is Language.JA:
        year = f"{at.year}/" if at.year != today.year else ""
        return f"{year}{at.month}/{at.day}（{weekday}）{at.hour}:{at:%M}"
    year = f" {at.year}" if at.year != today.year else ""
    return f"{weekday[:3]} {at.day} {_MONTHS[at.month - 1][:3]}{year}, {at:%H:%M}"


def day_of_iso(value: str, language: Language) -> str:
    """`2026-11-30` as `day` shows it; what is no date stays as it is."""
    try:
        return day(date.fromisoformat(value), Language(language))
    except ValueError:
        return value


def _listed(field: Field, one: str, language: Language, office: Office) -> str:
    """One entry of a list, with what is known of it."""
    if field.kind is FieldKind.COUNTS:
        choice, _, number = one.rpartition("=")
        return f"{choice}：{number}" if language is Language.JA else f"{choice}: {number}"
    mailbox = office.mailbox(one)
    if mailbox is not None:
        return with_detail(one, mailbox.kind, language)
    return _with_method(one, language, office)


def with_detail(text: str, detail: str, language: Language) -> str:
    """`text` with what is said about it in brackets; `text` alone when nothing is."""
    if not detail:
        return text
    return f"{text}（{detail}）" if language is Language.JA else f"{text} ({detail})"


def _with_method(full: str, language: Language, office: Office) -> str:
    known = office.user_id(full)
    return with_detail(full, known.method if known is not None else "", language)


ITEMS: dict[Item, dict[Language, str]] = {
    Item.USER_CODE: {Language.JA: "利用者コード", Language.EN: "User code"},
    Item.USER_ID: {Language.JA: "利用者ID", Language.EN: "User ID"},
    Item.MAILBOX: {Language.JA: "メールボックス", Language.EN: "Mailbox"},
}
_TO_BE_NUMBERED = {Language.JA: "新規", Language.EN: "new"}


class ContractRow(NamedTuple):
    """One line of 変更前 / 変更後; "" on a side where the thing is not there."""

    item: str
    before: str
    after: str
    changed: bool


def contract_row(line: ContractLine, language: Language) -> ContractRow:
    """`line` in words.  What has no number yet is called new."""
    shown = with_detail(line.code or _TO_BE_NUMBERED[language], line.detail, language)
    return ContractRow(
        ITEMS[line.item][language], shown if line.before else "", shown if line.after else "", line.changed
    )
