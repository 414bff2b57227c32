"""The grammar of a line in a mail: rules, headings, labels with values, boxes, bullets, quote marks, signatures.

Each function is pure and takes one line without its line break.  Where mail/ and forms/ need different patterns for the
same thing, both are here, with the reason.  `\\s` matches the ideographic space (U+3000) too.
"""

import re
from enum import Enum
from functools import lru_cache
from typing import NamedTuple

LONGEST_LABEL = 40  # characters; a longer text before a colon is a sentence
_LONGEST_KEPT = 400  # characters of a line whose parts are kept
TICKED_BOX, EMPTY_BOX = "☑", "☐"  # as the desk writes them in a cell of a table
TICKED_CELLS = frozenset({*"☑☒✅🗹■●◎✓✔🗸レﾚxXｘＸvV○〇◯⭕", "TRUE", "True", "✔\ufe0f", "☑\ufe0f", "済"})
_EMPTY_CELLS = frozenset({*"☐□▢⬜◻", "FALSE", "False"})

_STROKES = r"\-‐－―─━=＝_＿~～*＊・…"
_SHORTEST_RULE = 5  # strokes or ornaments
_RULE = re.compile(rf"\s*(?:[{_STROKES}+#/◆◇■□☆★]\s*){{{_SHORTEST_RULE},}}")
# Any other symbols with which people frame a signature; not those of quotes, boxes, brackets and sentences.
_ORNAMENTS = re.compile(r"\s*(?:[^\w\s>＞≫»<\[\]()（）「」『』【】、。，．,.!！?？'\"]\s*){5,}")  # as many
_DOTTED = re.compile(r"\s*(?:[^\w\s>＞≫»<\[\]()（）「」『』【】、，．,.!！?？'\"]\s*){8,}")  # with 。 among the symbols
_MOST_ORNAMENTS = 6  # different symbols in one rule
_FORM_RULE = re.compile(rf"\s*(?:[{_STROKES}]\s*){{3,}}|(?:--|__)\s")
_NOTICE_RULE = re.compile(r"\s*[─━―=_-]{5,}\s*")
_HEADING = re.compile(r"\s*(?:【[^】]{0,30}】|\[[A-Za-z ]{2,30}\]|[■●◆][^：:＝=]{1,30})\s*")
_BRACKETED = re.compile(r"[【\[].*[】\]]")
_LABEL = re.compile(r"\s*+([^\s：:＝=][^：:＝=\t]*+)[：:＝=\t]")
_BULLET = re.compile(
    r"\s*(?:[・･•‣▪▸►▶➢➤※■□●○◆◇★☆*＊-]|[①-⑳]\s*[.．)）:：、]?|(?:[(（\[【〔]\s*)?[0-9０-９]{1,2}\s*[.．)）\]】〕、]"
    r"|[一二三四五六七八九十]\s*[.．)）、]|[(（][一二三四五六七八九十ア-オa-e][)）])?\s*"
)


class Mark(Enum):
    """What a box holds, or a mark without a box.  Only the other marks of a list tell what some of them mean."""

    EMPTY = "empty"
    TICK = "tick"
    LETTER = "letter"  # x in a box, as the forms of the desk have it
    CIRCLE = "circle"  # ○, o
    BARE_CIRCLE = "bare circle"  # ○ without a box: chosen beside ×, not chosen beside ●
    DOT = "dot"  # ● without a box
    CROSS = "cross"  # ×: a tick in a box, not chosen beside ○
    UNKNOWN = "unknown"  # anything else in a box


_SIGNS = {
    Mark.LETTER: "xXｘＸ",
    Mark.CIRCLE: "oOｏＯ○〇◯⭕⚪",
    Mark.CROSS: "×✕✖╳❌❎✗✘",
    Mark.TICK: "✓✔✅☑🗹🗸☒レﾚvVｖＶ■●⬛◼◾◎◉⦿★*＊+＋",
    Mark.EMPTY: "☐□▢⬜◻◽",
}
_WORDS = {Mark.TICK: ("済", "要", "有", "はい", "yes", "y"), Mark.EMPTY: ("否", "不要", "無", "いいえ", "no", "n")}
_MARK_OF = {sign: mark for mark, signs in _SIGNS.items() for sign in signs} | {
    word: mark for mark, words in _WORDS.items() for word in words
}
_BARE = {
    **dict.fromkeys("☑☒✅🗹🗸✓✔レﾚ■⬛◼◾◎◉⦿", Mark.TICK),
    **dict.fromkeys("☐□▢⬜◻◽", Mark.EMPTY),
    **dict.fromkeys("○〇◯⭕", Mark.BARE_CIRCLE),
    **dict.fromkeys("×✕✖❌❎✗✘", Mark.CROSS),
    "●": Mark.DOT,
}
_STYLE = "[\\ufe0e\\ufe0f]?"  # variation selectors: a sign as text or as a picture
_IN_BOX = f"(?:[{re.escape(''.join(''.join(signs) for signs in _SIGNS.values()))}]{_STYLE})?"
_BOX = re.compile(rf"\s*(?:[\[［]\s*{_IN_BOX}\s*[\]］]|[☐☑☒□■✅🗹⬜]{_STYLE})")
_OTHER_MARK = "|".join(_WORDS[Mark.TICK] + _WORDS[Mark.EMPTY]) + r"|[^\w\s\[\]［］()（）【】〔〕]{1,2}"
_BOX_OR_MARK = re.compile(
    rf"^\s*(?:[\[［(（【〔]\s*(?P<boxed>{_IN_BOX}|(?:{_OTHER_MARK}){_STYLE})\s*[\]］)）】〕]"
    rf"|(?P<bare>[{''.join(_BARE)}]){_STYLE})\s*",
    re.I,
)
_MARK_BEHIND = re.compile(rf"(?P<rest>.*\S)\s*(?P<bare>[{''.join(_BARE)}]){_STYLE}\s*")
_QUOTE_MARKS = re.compile(r"\s*(?:[>＞|｜≫»]\s*)+")
_QUOTE_ARROWS = (">", "＞", "≫", "»")
_SIGNATURE_MARK = re.compile(r"(?:--|__)\s?")
_SIGNATURE_LABEL = re.compile(
    r"[\s【［\[(（☎✆📞📠📧✉℡■●◆◇・*]*(?:[ＴT][ＥE]?[ＬL]?|[ＦF][ＡA]?[ＸX]?|℡|E-?mails?|Mails?|https?|URL|HP|Web(?:site|サイト)?|M|E"
    r"|電話|ファック?ス|メール|Ｅメール|Eメール|携帯(?:電話)?|直通|代表(?:電話)?|外線|内線|住所|所在地|本社|本店|会社|勤務先"
    r"|ホームページ|サイト|営業時間|受付時間|Mobile|Cell|Phone|Direct|Ext|Address|Office|〒)"
    r"[\s./・]*(?:&|＆|/|・)?\s*(?:TEL|FAX)?\s*(?:[(（\[［][^)）\]］]{0,12}[)）\]］])?[\s】］\])）]*",
    re.I,
)


NOTICE_RULE = "─" * 35  # in our notices: above and below what people wrote, and above the footer


class LabelledText(NamedTuple):
    """The parts of `label：value`, without the blanks around them."""

    label: str
    value: str


def label_and_value(line: str, longest: int = LONGEST_LABEL) -> LabelledText | None:
    """The label and the value of `label：value`; None for a line of another kind.

    The first of `：`, `:`, `＝`, `=` and tab separates them.  The value may be empty, the label may not.  `longest`:
    characters of the label, counted with the blanks before the separator.
    """
    found, width = _parts_of_line(line) if len(line) <= _LONGEST_KEPT else _label_and_value(line)
    return found if width <= longest else None


def _label_and_value(line: str) -> tuple[LabelledText | None, int]:
    """(label and value, characters of the label with the blanks before the separator)."""
    match = _LABEL.match(line)
    if match is None:
        return None, 0
    return LabelledText(match[1].rstrip(), line[match.end() :].strip()), len(match[1])


_parts_of_line = lru_cache(maxsize=8_192)(_label_and_value)  # each step of a reading asks for them


def labelled_line(label: str, value: str) -> str:
    """`label：value`, as `label_and_value` reads it; a colon at the end of `label` is not repeated."""
    return f"{label.rstrip('：:')}：{value}"


def is_rule(line: str) -> bool:
    """Whether a line is a rule in a mail: 5 or more strokes or ornaments (`-----`, `◆◇◆◇◆`), blanks not counted.

    Shorter ones are none, because text below a rule may be removed as a signature.
    """
    bare = line.strip()
    if len(bare) < _SHORTEST_RULE or bare[0].isalnum():
        return False
    if _RULE.fullmatch(line) is not None:
        return True
    drawn = _ORNAMENTS.fullmatch(line) is not None or (
        bare[0] not in "。…" and bare.count("。") * 2 < len(bare) and _DOTTED.fullmatch(line) is not None
    )
    return drawn and len(set("".join(bare.split()))) <= _MOST_ORNAMENTS


def is_form_rule(line: str) -> bool:
    """Whether a line is a rule in a form, which ends a value: 3 or more strokes (`---`), blanks not counted, or `-- `.

    Unlike for `is_rule`, ornaments do not count: `★★★` and `###` may be lines of a remark.  Unlike for
    `is_signature_mark`, `-- ` needs its blank: `--` may be what a person writes for nothing.
    """
    return _FORM_RULE.fullmatch(line) is not None


def is_notice_rule(line: str) -> bool:
    """Whether a line is a rule as our notices have it above their footer: unbroken, at least 5 strokes.

    Narrower than `is_rule`, because the lines below it are not read: a row of ornaments that a person adds to a form
    inside the notice does not end the form.
    """
    return _NOTICE_RULE.fullmatch(line) is not None


def is_heading(line: str) -> bool:
    """Whether a line is a heading in a form: `【申込内容】`, `[Application]`, `■申込内容`, of at most 30 characters."""
    return _HEADING.fullmatch(line) is not None


def is_bracketed(line: str) -> bool:
    """Whether a line begins and ends with a bracket, as the headings of our notices do, whatever is between them."""
    return _BRACKETED.fullmatch(line.strip()) is not None


def without_bullet(text: str) -> str:
    """`text` without the bullet or the number at its start (`・`, `■`, `(1)`, `２．`) and the blanks around it."""
    bullet = _BULLET.match(text)
    return (text[bullet.end() :] if bullet is not None else text).strip()


def has_box(line: str) -> bool:
    """Whether a line begins with a box that is one wherever it is: `[ ]`, `[x]`, `☐`, `■`.

    Narrower than `has_box_or_mark`: ○ and ● are bullets too, and words such as レポート begin with レ.
    """
    return _BOX.match(line) is not None


def mark_before(line: str) -> tuple[Mark, str] | None:
    """The box or mark that a line begins with, and the rest of the line; None when it begins with neither."""
    match = _BOX_OR_MARK.match(line)
    if match is None:
        return None
    rest = line[match.end() :]
    if match["bare"]:
        return _BARE[match["bare"]], rest
    held = match["boxed"].rstrip("\ufe0e\ufe0f")
    return (_MARK_OF.get(held) or _MARK_OF.get(held.lower(), Mark.UNKNOWN) if held else Mark.EMPTY), rest


def mark_behind(line: str) -> tuple[Mark, str] | None:
    """The mark that a line ends with (`1ANACA0A（net）◎`), and the line before it; None when it ends with none."""
    match = _MARK_BEHIND.fullmatch(line)
    return (_BARE[match["bare"]], match["rest"].rstrip("：: \u3000")) if match else None


def has_box_or_mark(line: str) -> bool:
    """Whether a line begins with a box or a tick, for lines on which one is expected: also `( )`, `○`, `✓`, `レ`."""
    return mark_before(line) is not None


def is_ticked(line: str) -> bool:
    """Whether a line that stands alone begins with a tick (`[x]`, `[レ]`, `☑`, `■`, `●`); an empty box is none.

    For the lines of a list see `forms.ticks`: what ○ and × mean depends on the other lines.
    """
    found = mark_before(line)
    return found is not None and found[0] not in (Mark.EMPTY, Mark.BARE_CIRCLE, Mark.UNKNOWN)


def without_box(line: str) -> str:
    """A line without the box or the tick at its start and the blanks around it."""
    found = mark_before(line)
    return found[1] if found is not None else line


def boxed_cell(cell: str) -> str:
    """A cell of a table that is nothing but a box or a mark, as a box before a line: `[○]`; "" for any other cell."""
    if cell in TICKED_CELLS or cell in _EMPTY_CELLS:
        return "[x]" if cell in ("TRUE", "True") else "[ ]" if cell in ("FALSE", "False") else f"[{cell}]"
    found = mark_before(cell)
    return "" if found is None or found[1].strip() else cell if cell[:1] in "[［(（【〔" else f"[{cell}]"


def has_quote_mark(line: str) -> bool:
    """Whether a line begins with a quote mark: an arrow, or a bar, with which a table may be drawn too."""
    return _QUOTE_MARKS.match(line) is not None


def has_quote_arrow(line: str) -> bool:
    """Whether a line begins with an arrow (`>`): always a quote mark."""
    return line.lstrip().startswith(_QUOTE_ARROWS)


def depth_of_quote(line: str) -> int:
    """How many arrows a line begins with (`> > `: 2)."""
    marks = _QUOTE_MARKS.match(line)
    return sum(mark in _QUOTE_ARROWS for mark in marks[0]) if marks is not None else 0


def without_quote_marks(line: str) -> str:
    """A line without the quote marks at its start and the blanks around them."""
    marks = _QUOTE_MARKS.match(line)
    return line[marks.end() :] if marks is not None else line


def is_signature_mark(line: str) -> bool:
    """Whether a line separates the signature: `-- ` (RFC 3676 §4.3), the same without its blank, or `__`."""
    return _SIGNATURE_MARK.fullmatch(line) is not None


def is_signature_label(label: str) -> bool:
    """Whether a label (TEL, URL, 携帯, 〒) belongs to a signature."""
    return _SIGNATURE_LABEL.fullmatch(label) is not None
