"""Reads one written value as the canonical value of its field, or a Finding that says what was expected."""

import re
from collections.abc import Callable
from datetime import date

from mailbot.lines import TICKED_CELLS, has_box_or_mark, is_ticked, without_box
from mailbot.model.procedure import ALL, Choice, Field, FieldKind, Finding, Value
from mailbot.text import fold_address, fold_code, fold_word, full_width_kana, nfkc

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_KANA = re.compile(r"[\u30a0-\u30ff\u3000 ・]+")
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988}
_ERA_DATE = re.compile(r"(令和|平成|R|H)(元|\d{1,2})[年./-](\d{1,2})[月./-](\d{1,2})日?")
_DATE = re.compile(r"(\d{4})(?:[年./-](\d{1,2})[月./-](\d{1,2})日?|(\d{2})(\d{2}))")
_WEEKDAY = re.compile(r"[(\[（]?([月火水木金土日]|MON|TUE|WED|THU|FRI|SAT|SUN)(?:曜日?)?[)\]）]?$")
_WEEKDAYS = {name: i % 7 for i, name in enumerate([*"月火水木金土日", "MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"])}
_CODE_SEPARATORS = re.compile(r"[\s、,，・/;；&＆と]+")
_REMARK = re.compile(r"[(（\[][^()（）\[\]]{0,40}[)）\]]")  # 1ANACA0A（net）: added to a code by the pre-filled form
_COUNTED = re.compile(r"(.{1,30}?) ?[:：=×xX*]? ?(\d{1,4}) ?[個件台つ]?")
_LONGEST_COUNT = 60  # characters of `net：1`
_YES = frozenset({"はい", "有", "あり", "要", "する", "yes", "y", "1", *(cell.casefold() for cell in TICKED_CELLS)})
_NO = frozenset({"", "いいえ", "無", "なし", "不要", "しない", "no", "n", "false", "0"})


def read_value(field: Field, written: str) -> Value | Finding:
    """`written` (not blank) as the canonical value of `field`.  USER_IDS are read by `user_ids`, not here."""
    return _READERS[field.kind](field, written)


def _line(field: Field, written: str) -> str:
    return " ".join(written.split("\n")).strip()


def _text(field: Field, written: str) -> str:
    return written.strip()


def _code(field: Field, written: str) -> str | Finding:
    """One code; where lines begin with boxes, the one that is ticked."""
    codes = _codes(field, written) if any(has_box_or_mark(line) for line in written.split("\n")) else None
    if codes is None:
        return fold_code(written)
    if len(codes) > 1:
        return Finding("several_ticked", field.name, read="、".join(codes))
    return codes[0] if codes and codes != ALL else ""


def _email(field: Field, written: str) -> str | Finding:
    address = fold_address(written)
    return address if _ADDRESS.fullmatch(address) else Finding("not_an_address", field.name, read=written)


def _kana(field: Field, written: str) -> str | Finding:
    kana = full_width_kana(" ".join(written.split("\n"))).strip()
    return kana if _KANA.fullmatch(kana) else Finding("not_kana", field.name, read=written)


def _phone(field: Field, written: str) -> str | Finding:
    digits = re.sub(r"[-()/.・]", "", fold_code(written))
    if digits.startswith("+81"):
        digits = "0" + digits[3:].removeprefix("0")
    good = digits.isascii() and digits.isdigit() and 9 <= len(digits) <= 13
    return digits if good else Finding("not_a_phone", field.name, read=written)


def _date(field: Field, written: str) -> str | Finding:
    text = fold_code(written)
    day, weekday = parse_date(text), None
    if day is None and (weekday := _WEEKDAY.search(text)) is not None:
        day = parse_date(text[: weekday.start()])
    if day is None:
        return Finding("not_a_date", field.name, read=written)
    if weekday is not None and _WEEKDAYS[weekday[1]] != day.weekday():
        return Finding("weekday_differs", field.name, read=written, params={"date": day.isoformat()})
    return day.isoformat()


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


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _choice(field: Field, written: str) -> str | Finding:
    """The choice named by its label, an alias, a ticked line, or a beginning that only one choice has."""
    ticked = [line for line in written.split("\n") if line.strip()]
    if any(has_box_or_mark(line) for line in ticked):
        marked = [without_box(line) for line in ticked if is_ticked(line)]
        if not marked:
            return ""
        written = marked[0] if len(marked) == 1 else written
    key = fold_word(written)
    exact = [c for c in field.choices if key in {fold_word(name) for name in _choice_names(c)}]
    near = exact or [c for c in field.choices if any(_begins(key, fold_word(n)) for n in _choice_names(c))]
    if len(near) == 1:
        return near[0].name
    labels = "」「".join(label for c in field.choices for label in list(c.labels.values())[:1])
    return Finding("not_a_choice", field.name, read=written, params={"choices": f"「{labels}」"})


def _choice_names(choice: Choice) -> tuple[str, ...]:
    return (*choice.labels.values(), *choice.aliases)


def _begins(key: str, name: str) -> bool:
    return len(key) >= 2 and (name.startswith(key) or key.startswith(name))


def _count(field: Field, written: str) -> int | Finding:
    digits = re.sub(r"[個件台つ]$", "", fold_code(written))
    good = digits.isascii() and digits.isdigit() and len(digits) <= 4
    return int(digits) if good else Finding("not_a_number", field.name, read=written)


def _flag(field: Field, written: str) -> bool | Finding:
    if has_box_or_mark(written):
        return is_ticked(written)
    word = fold_word(written)
    if word in _YES or word in _NO:
        return word in _YES
    return Finding("not_a_choice", field.name, read=written, params={"choices": "「[x]」「[ ]」"})


def _codes(field: Field, written: str) -> tuple[str, ...]:
    """The codes in a value; where lines begin with boxes, the ticked ones only, and a tick without a code means all."""
    lines = written.split("\n")
    if any(has_box_or_mark(line) for line in lines):
        lines = [without_box(line) or ALL[0] for line in lines if is_ticked(line)]
    elif fold_word(written) in _NO | _YES:
        lines = [ALL[0]] if fold_word(written) in _YES else []
    return tuple(dict.fromkeys(code for line in lines for code in codes_in(line) if code))


def codes_in(line: str) -> list[str]:
    """The codes on a line, folded, without remarks in brackets."""
    return [fold_code(token) for token in _CODE_SEPARATORS.split(_REMARK.sub(" ", nfkc(line))) if token]


def _counts(field: Field, written: str) -> tuple[str, ...] | Finding:
    """`net 1、インタ 2`: numbers by choice on one line; where the label names the choice, a number alone."""
    found: dict[str, str] = {}
    for piece in re.split(r"[、,，\n]+", written):
        flat = " ".join(nfkc(piece).split())
        match = _COUNTED.fullmatch(flat) if len(flat) <= _LONGEST_COUNT else None
        choice = _counted_choice(field, match[1]) if match else None
        if match is None or choice is None:
            labels = "」「".join(c.name for c in field.choices)
            return Finding("not_counts", field.name, read=written, params={"choices": f"「{labels}」"})
        found[choice] = match[2]
    return tuple(f"{choice}={int(number)}" for choice, number in found.items())


def _counted_choice(field: Field, written: str) -> str | None:
    key = fold_word(written)
    return next((c.name for c in field.choices if key in {fold_word(n) for n in (c.name, *_choice_names(c))}), None)


def read_count(field: Field, written: str) -> int | Finding:
    """A whole number ≥ 0; nothing written is 0."""
    return _count(field, written) if written.strip() else 0


def same_address(a: str, b: str) -> bool:
    """Whether two written addresses are one."""
    return nfkc(fold_address(a)).casefold() == nfkc(fold_address(b)).casefold()


_READERS: dict[FieldKind, Callable[[Field, str], Value | Finding]] = {
    FieldKind.LINE: _line,
    FieldKind.TEXT: _text,
    FieldKind.KANA: _kana,
    FieldKind.CODE: _code,
    FieldKind.PHONE: _phone,
    FieldKind.EMAIL: _email,
    FieldKind.DATE: _date,
    FieldKind.CHOICE: _choice,
    FieldKind.COUNT: _count,
    FieldKind.FLAG: _flag,
    FieldKind.CODES: _codes,
    FieldKind.COUNTS: _counts,
}
