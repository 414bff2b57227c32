"""Reads one written value as the canonical value of its field, or a Finding that says what was expected."""

import re
from collections.abc import Callable
from datetime import date

from mailbot.forms.dates import read_day
from mailbot.forms.ticks import Ticked, read_ticks
from mailbot.lines import TICKED_CELLS
from mailbot.model.procedure import ALL, Choice, Field, FieldKind, Finding, Value
from mailbot.text import fold_address, fold_code, fold_word, full_width_kana, katakana, nfkc, remove_invisible

_ADDRESS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_KANA = re.compile(r"[\u30a0-\u30ff\u3000 ・]+")
_BESIDE_PHONE = re.compile(
    r"(?<!\s)\s*(?:\([^()0-9]{1,10}\)|(?:\(\s*)?(?:内線|ext\.?)[\s:]*\d{1,6}\s*\)?)\s*$", re.I
)  # （直通）
_AS_TYPED = frozenset({FieldKind.LINE, FieldKind.TEXT})
_CODE_SEPARATORS = re.compile(r"[\s、,，・/;；&＆と]+")
_REMARK = re.compile(r"[(（\[][^()（）\[\]]{0,40}[)）\]]")  # 1ANACA0A（net）: added to a code by the pre-filled form
_TAKES_BACK = re.compile(
    r"不要|除|対象外|なし|無し|ない|取り?消|取り?下|誤|間違|以外|未定|保留|見送|\b(?:no|not|except|without)\b"
    r"|(?<![A-Z0-9])(?=[A-Z]*[0-9])(?=[0-9]*[A-Z])(?:[A-Z0-9]{3}|[A-Z0-9]{8})(?![A-Z0-9])",
    re.I,
)
_AROUND_CODE = "`\"'“”‘’「」『』→⇒➡>。. "  # what people write around a code
_KANJI_DIGITS = {ord(c): str(i) for i, c in enumerate("〇一二三四五六七八九十")}
_COUNTED = re.compile(r"(.{1,30}?) ?[:：=×xX*]? ?(\d{1,4}) ?[個件台つ]?")
_LONGEST_PHONE = 100  # characters of a number with what is written beside it
_LONGEST_COUNT = 60  # characters of `net：1`
_YES = frozenset({"はい", "有", "あり", "要", "する", "yes", "y", "1", *(cell.casefold() for cell in TICKED_CELLS)})
_NO = frozenset({"", "いいえ", "無", "なし", "不要", "しない", "no", "n", "false", "0"})


def read_value(field: Field, written: str, today: date | None = None) -> Value | Finding:
    """`written` (not blank) as the canonical value of `field`.  USER_IDS are read by `user_ids`, not here.

    `today`: for a date without a year, or with a short one; without it only full dates are read.
    """
    if field.kind not in _AS_TYPED:
        written = remove_invisible(written)
    if field.kind is FieldKind.DATE:
        return _date(field, written, today)
    return _READERS[field.kind](field, written)


def _line(field: Field, written: str) -> str:
    return " ".join(written.split("\n")).strip()


def _text(field: Field, written: str) -> str:
    return written.strip()


def _code(field: Field, written: str) -> str | Finding:
    """One code; where lines begin with boxes, the one that is ticked."""
    codes = _codes(field, written) if read_ticks(written.split("\n")) is not None else None
    if codes is None:
        return fold_code(written)
    if isinstance(codes, Finding):
        return codes
    if len(codes) > 1:
        return Finding("several_ticked", field.name, read="、".join(codes))
    return codes[0] if codes and codes != ALL else ""


def _email(field: Field, written: str) -> str | Finding:
    address = fold_address(written)
    return address if _ADDRESS.fullmatch(address) else Finding("not_an_address", field.name, read=written)


def _kana(field: Field, written: str) -> str | Finding:
    kana = katakana(full_width_kana(" ".join(written.split("\n")))).strip()
    return kana if _KANA.fullmatch(kana) else Finding("not_kana", field.name, read=written)


def _phone(field: Field, written: str) -> str | Finding:
    if len(written) > _LONGEST_PHONE:
        return Finding("not_a_phone", field.name, read=written)
    digits = re.sub(r"[-()/.・]", "", fold_code(_BESIDE_PHONE.sub("", nfkc(written))))
    if digits.startswith("+81"):
        digits = "0" + digits[3:].removeprefix("0")
    good = digits.isascii() and digits.isdigit() and 9 <= len(digits) <= 13
    return digits if good else Finding("not_a_phone", field.name, read=written)


def _date(field: Field, written: str, today: date | None) -> str | Finding:
    found = read_day(written, today)
    if found.day is not None:
        return found.day.isoformat()
    meant = found.suggestion.isoformat() if found.suggestion else ""
    if found.weekday_differs:
        return Finding("weekday_differs", field.name, read=written, suggestion=meant, params={"date": meant})
    params = {"earliest": "1"} if found.earliest else {}
    return Finding("not_a_date", field.name, read=written, suggestion=meant, params=params)


def _choice(field: Field, written: str) -> str | Finding:
    """The choice named by its label, an alias, a ticked line, or a beginning that only one choice has."""
    ticked = read_ticks(written.split("\n"))
    if ticked is not None:
        if ticked.unclear:
            return unclear_tick(field.name, ticked)
        if not ticked.chosen:
            return ""
        written = ticked.chosen[0] if len(ticked.chosen) == 1 else written
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
    digits = re.sub(r"[個件台つ]$", "", fold_code(written)).translate(_KANJI_DIGITS)
    good = digits.isascii() and digits.isdigit() and len(digits) <= 4
    return int(digits) if good else Finding("not_a_number", field.name, read=written)


def _flag(field: Field, written: str) -> bool | Finding:
    ticked = read_ticks([written])
    if ticked is not None:
        return unclear_tick(field.name, ticked) if ticked.unclear else bool(ticked.chosen)
    word = fold_word(written)
    if word in _YES or word in _NO:
        return word in _YES
    return Finding("not_a_choice", field.name, read=written, params={"choices": "「[x]」「[ ]」"})


def unclear_tick(name: str, ticked: Ticked) -> Finding:
    """The finding for lines of which nobody can tell whether they are chosen.  `name`: of the field."""
    return Finding("unclear_tick", name, read="\n".join(ticked.unclear))


def _codes(field: Field, written: str) -> tuple[str, ...] | Finding:
    """The codes in a value; where lines begin with boxes, the ticked ones only, and a tick without a code means all."""
    lines = written.split("\n")
    ticked = read_ticks(lines)
    if ticked is not None:
        if ticked.unclear:
            return unclear_tick(field.name, ticked)
        lines = [line.strip() or ALL[0] for line in ticked.chosen]
    elif fold_word(written) in _NO | _YES:
        lines = [ALL[0]] if fold_word(written) in _YES else []
    return tuple(dict.fromkeys(code for line in lines for code in codes_in(line) if code))


def codes_in(line: str) -> list[str]:
    """The codes on a line, folded, without remarks in brackets.

    A remark that takes its code back or names another one (`A0B（不要）`) stays on the code, which is none then.
    """
    tokens = _CODE_SEPARATORS.split(_REMARK.sub(_kept_remark, nfkc(line)))
    bare = (token.strip(_AROUND_CODE).removesuffix("です").rstrip(_AROUND_CODE) for token in tokens)
    return [fold_code(token) for token in bare if token]


def _kept_remark(remark: re.Match[str]) -> str:
    return "".join(_CODE_SEPARATORS.split(remark[0])) if _TAKES_BACK.search(remark[0]) else " "


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
    FieldKind.CHOICE: _choice,
    FieldKind.COUNT: _count,
    FieldKind.FLAG: _flag,
    FieldKind.CODES: _codes,
    FieldKind.COUNTS: _counts,
}
