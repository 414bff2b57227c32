"""Days as people write them.  A day without a year, or with a short one, is read where only one day can be meant."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from mailbot.text import fold_code

_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
_ERA_DATE = re.compile(r"(令和|平成|R|H)(元|\d{1,2})[年./-](\d{1,2})[月./-](\d{1,2})日?")
_DATE = re.compile(r"(\d{4})(?:[年./-](\d{1,2})[月./-](\d{1,2})日?|(\d{2})(\d{2}))")
_MONTHS = {
    name: i
    for i, name in enumerate(["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"], 1)
}
_MONTH = f"({'|'.join(_MONTHS)})[A-Z]{{0,6}}[.]?"
_ENGLISH = re.compile(rf"(?:(\d{{1,2}})(?:ST|ND|RD|TH)?{_MONTH}|{_MONTH}(\d{{1,2}})(?:ST|ND|RD|TH)?),?(\d{{4}})?")
_MONTH_DAY = re.compile(r"(\d{1,2})[月/.-](\d{1,2})日?|(\d{2})(\d{2})")
_SHORT = re.compile(r"'?(\d{1,2})[年/.-](\d{1,2})[月/.-](\d{1,2})日?|(\d{2})(\d{2})(\d{2})")
_TIME = re.compile(r"(?:(?<!\s)\s|T)\s*(?:\d{1,2}:\d{2}(?::\d{2})?|\d{1,2}時(?:\d{1,2}分)?)(?:から|～)?\s*$")
_WEEKDAY = re.compile(r"[(\[（]?([月火水木金土日]|MON|TUE|WED|THU|FRI|SAT|SUN)(?:曜日?|[A-Z]*DAY)?[)\]）]?$")
_WEEKDAYS = {name: i % 7 for i, name in enumerate([*"月火水木金土日", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])}
_BEHIND = re.compile(
    r"(?:(?:の|を|に)?(?:利用)?(?:開始|登録|実施|適用|希望|予定|付け?|から|より|にて|です|ます|します|いたします|致します|"
    r"でお願い|お願い|したい|とする|(?<!ま)で)|[、。.~])+$"
)
_ABOUT = re.compile(r"(?:以降|以前|までに?|ごろ|頃|前後|あたり|中に?|の?週)$")
_RELATIVE_WEEKDAY = re.compile(r"(今週|来週|翌週|再来週|今度|次)?の?([月火水木金土日])曜日?")
_WEEKS = {"来週": 1, "翌週": 1, "再来週": 2}
_AFTER = re.compile(r"(\d{1,2})(日|週間?|[ヶか]?月)後")
_IN_MONTH = re.compile(r"(今月|来月|翌月|再来月)の?(?:(\d{1,2})日|(末日?|初め?|頭))?")
_NAMED = {"本日": 0, "今日": 0, "明日": 1, "翌日": 1, "明後日": 2, "あさって": 2, "TODAY": 0, "TOMORROW": 1}
_EARLIEST = re.compile(r"最短|最速|至急|なるべく早|できるだけ早|出来るだけ早|いつでも|直近|ASAP|EARLIEST|ASSOONAS")
_LONGEST = 100  # characters of a day with all that people write beside it
_FARTHEST = timedelta(days=366)  # of a day without a full year
_NEAR = timedelta(days=183)  # a day without a year that is farther is likelier one that has passed


@dataclass(frozen=True)
class Day:
    """What a text says about a day.

    `day`: the only day that can be meant; `suggestion`: the likeliest one where that is not certain; `earliest`: the
    writer wants the first possible day; `weekday_differs`: the weekday beside the day is another one.
    """

    day: date | None = None
    suggestion: date | None = None
    earliest: bool = False
    weekday_differs: bool = False


def read_day(written: str, today: date | None = None) -> Day:
    """The day that `written` names.  `today`: without it only days with a full year are read."""
    if len(written) > _LONGEST:
        return Day()
    text = fold_code(_TIME.sub("", written))
    if (day := parse_date(text)) is not None:
        return Day(day)
    bare = _BEHIND.sub("", text)
    about = _ABOUT.search(bare)
    bare = _BEHIND.sub("", bare[: about.start()]) if about else bare
    weekday = None
    candidates, certain = _candidates(bare, today)
    if not candidates and (weekday := _WEEKDAY.search(bare)) is not None:
        candidates, certain = _candidates(bare[: weekday.start()], today)
    if not candidates:
        return Day(suggestion=_relative(bare, today), earliest=_EARLIEST.search(text) is not None)
    best = candidates[0]
    if weekday is not None and _WEEKDAYS[weekday[1]] != best.weekday():
        return Day(suggestion=best, weekday_differs=True)
    return Day(best) if certain and len(candidates) == 1 and not about else Day(suggestion=best)


def parse_date(text: str) -> date | None:
    """A folded date in any of the forms of the specification (domain, "Dates"), or None."""
    era = _ERA_DATE.fullmatch(text)
    if era is not None:
        year = _ERAS[era[1]] + (1 if era[2] == "元" else int(era[2]))
        return _day(year, int(era[3]), int(era[4]))
    plain = _DATE.fullmatch(text)
    if plain is None:
        return None
    return _day(int(plain[1]), int(plain[2] or plain[4]), int(plain[3] or plain[5]))


def _candidates(text: str, today: date | None) -> tuple[list[date], bool]:
    """(the days that `text` may name, nearest first; whether the nearest is certain when it is the only one)."""
    if (day := parse_date(text)) is not None:
        return [day], True
    english = _ENGLISH.fullmatch(text)
    if english is not None and english[5]:
        found = _day(int(english[5]), _MONTHS[english[2] or english[3]], int(english[1] or english[4]))
        return ([found] if found else []), True
    if today is None:
        return [], False
    short = _SHORT.fullmatch(text)
    if short is not None:
        a, b, c = (int(part) for part in short.groups() if part is not None)
        days = {_day(2000 + a, b, c), _day(2018 + a, b, c), _day(2000 + c, a, b), _day(2000 + c, b, a)}
        return sorted(day for day in days if day is not None and today <= day <= today + _FARTHEST), True
    month_day = _MONTH_DAY.fullmatch(text)
    if month_day is not None:
        return _next(int(month_day[1] or month_day[3]), int(month_day[2] or month_day[4]), today)
    if english is not None:
        return _next(_MONTHS[english[2] or english[3]], int(english[1] or english[4]), today)
    return [], False


def _next(month: int, day: int, today: date) -> tuple[list[date], bool]:
    """The next day of this name, today included; not certain when it is so far that a passed one may be meant."""
    for year in (today.year, today.year + 1):
        found = _day(year, month, day)
        if found is not None and found >= today:
            return [found], found - today <= _NEAR
    return [], False


def _relative(text: str, today: date | None) -> date | None:
    """The day that `text` names by its distance from `today`: it is suggested, never read."""
    if today is None:
        return None
    if text in _NAMED:
        return today + timedelta(days=_NAMED[text])
    if (found := _RELATIVE_WEEKDAY.fullmatch(text)) is not None:
        weekday = _WEEKDAYS[found[2]]
        if found[1] in (None, "今週", "今度", "次"):
            return today + timedelta(days=(weekday - today.weekday()) % 7 or 7)
        monday = today - timedelta(days=today.weekday())
        return monday + timedelta(weeks=_WEEKS[found[1]], days=weekday)
    if (after := _AFTER.fullmatch(text)) is not None:
        number = int(after[1])
        return today + timedelta(days=number * (1 if after[2] == "日" else 7 if after[2][0] == "週" else 30))
    return next(_in_month(text, today), None)


def _in_month(text: str, today: date) -> Iterator[date]:
    """来月5日, 今月末."""
    found = _IN_MONTH.fullmatch("今月末" if text in ("月末", "末") else text)
    if found is None or not (found[2] or found[3]):
        return
    months = {"今月": 0, "来月": 1, "翌月": 1, "再来月": 2}[found[1]]
    year, month = divmod(today.year * 12 + today.month - 1 + months, 12)
    if found[3] and found[3].startswith("末"):
        year_after, month_after = divmod(year * 12 + month + 1, 12)
        yield date(year_after, month_after + 1, 1) - timedelta(days=1)
    elif (day := _day(year, month + 1, int(found[2] or 1))) is not None:
        yield day


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
