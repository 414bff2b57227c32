"""The grammar of a line in a mail: rules, headings, labels with values, boxes, bullets, quote marks, signatures.

Each function is pure and takes one line without its line break.  Where mail/ and forms/ need different patterns for the
same thing, both are here, with the reason.  `\\s` matches the ideographic space (U+3000) too.
"""

import re
from typing import NamedTuple

LONGEST_LABEL = 40  # characters; a longer text before a colon is a sentence
TICKED_BOX, EMPTY_BOX = "☑", "☐"  # as the desk writes them in a cell of a table
TICKED_CELLS = frozenset({"☑", "☒", "■", "✓", "✔", "レ", "x", "X", "○", "●", "TRUE", "True"})
_EMPTY_CELLS = frozenset({"☐", "□", "FALSE", "False"})

_STROKES = r"\-‐－―─━=＝_＿~～*＊・…"
_RULE = re.compile(rf"\s*(?:[{_STROKES}+#◆◇■□☆★]\s*){{5,}}")
_FORM_RULE = re.compile(rf"\s*(?:[{_STROKES}]\s*){{3,}}|(?:--|__)\s")
_NOTICE_RULE = re.compile(r"\s*[─━―=_-]{5,}\s*")
_HEADING = re.compile(r"\s*(?:【[^】]{0,30}】|\[[A-Za-z ]{2,30}\]|[■●◆][^：:＝=]{1,30})\s*")
_BRACKETED = re.compile(r"[【\[].*[】\]]")
_LABEL = re.compile(r"\s*+([^\s：:＝=][^：:＝=\t]*+)[：:＝=\t]")
_BULLET = re.compile(r"^\s*(?:[・■□●○◆◇▪*＊-]|[(（]?[0-9０-９①-⑳]{1,2}[.．)）])?\s*")
_MARK = "[xXｘＸレ✓✔vV○●■☑*＊]?"
_BOX = re.compile(rf"\s*(?:[\[［]\s*{_MARK}\s*[\]］]|[☐☑☒□■])")
_BOX_OR_MARK = re.compile(rf"^\s*(?:[\[［(（]\s*({_MARK})\s*[\]］)）]|([☑☒■✓✔レ●])|([☐□○]))\s*")
_QUOTE_MARKS = re.compile(r"^\s*(?:[>＞|｜≫»]\s*)+")
_QUOTE_ARROWS = (">", "＞", "≫", "»")
_SIGNATURE_MARK = re.compile(r"(?:--|__)\s?")
_SIGNATURE_LABEL = re.compile(
    r"\s*(?:TEL|FAX|E-?mail|Mail|https?|URL|HP|Web|携帯|直通|代表|内線|Mobile|Phone|〒)[\s./]*(?:FAX)?\s*", re.I
)


class LabelledText(NamedTuple):
    """The parts of `label：value`, without the blanks around them."""

    label: str
    value: str


def label_and_value(line: str, longest: int = LONGEST_LABEL) -> LabelledText | None:
    """The label and the value of `label：value`; None for a line of another kind.

    The first of `：`, `:`, `＝`, `=` and tab separates them.  The value may be empty, the label may not.  `longest`:
    characters of the label, counted with the blanks before the separator.
    """
    match = _LABEL.match(line)
    if match is None or len(match[1]) > longest:
        return None
    return LabelledText(match[1].rstrip(), line[match.end() :].strip())


def labelled_line(label: str, value: str) -> str:
    """`label：value`, as `label_and_value` reads it; a colon at the end of `label` is not repeated."""
    return f"{label.rstrip('：:')}：{value}"


def is_rule(line: str) -> bool:
    """Whether a line is a rule in a mail: 5 or more strokes or ornaments (`-----`, `◆◇◆◇◆`), blanks not counted.

    Shorter ones are none, because text below a rule may be removed as a signature.
    """
    return _RULE.fullmatch(line) is not None


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
    return _BULLET.sub("", text, count=1).strip()


def has_box(line: str) -> bool:
    """Whether a line begins with a box that is one wherever it is: `[ ]`, `[x]`, `☐`, `■`.

    Narrower than `has_box_or_mark`: ○ and ● are bullets too, and words such as レポート begin with レ.
    """
    return _BOX.match(line) is not None


def has_box_or_mark(line: str) -> bool:
    """Whether a line begins with a box or a tick, for lines on which one is expected: also `( )`, `○`, `✓`, `レ`."""
    return _BOX_OR_MARK.match(line) is not None


def is_ticked(line: str) -> bool:
    """Whether a line begins with a tick (`[x]`, `[レ]`, `☑`, `■`, `●`); an empty box is none."""
    match = _BOX_OR_MARK.match(line)
    return match is not None and bool(match[1] or match[2])


def without_box(line: str) -> str:
    """A line without the box or the tick at its start and the blanks around it."""
    return _BOX_OR_MARK.sub("", line, count=1)


def cell_tick(cell: str) -> bool | None:
    """Whether a cell of a table that is nothing but a box is ticked; None for any other cell."""
    if cell in TICKED_CELLS:
        return True
    return False if cell in _EMPTY_CELLS else None


def has_quote_mark(line: str) -> bool:
    """Whether a line begins with a quote mark: an arrow, or a bar, with which a table may be drawn too."""
    return _QUOTE_MARKS.match(line) is not None


def has_quote_arrow(line: str) -> bool:
    """Whether a line begins with an arrow (`>`): always a quote mark."""
    return line.lstrip().startswith(_QUOTE_ARROWS)


def without_quote_marks(line: str) -> str:
    """A line without the quote marks at its start and the blanks around them."""
    return _QUOTE_MARKS.sub("", line)


def is_signature_mark(line: str) -> bool:
    """Whether a line separates the signature: `-- ` (RFC 3676 §4.3), the same without its blank, or `__`."""
    return _SIGNATURE_MARK.fullmatch(line) is not None


def is_signature_label(label: str) -> bool:
    """Whether a label (TEL, URL, 携帯, 〒) belongs to a signature."""
    return _SIGNATURE_LABEL.fullmatch(label) is not None
