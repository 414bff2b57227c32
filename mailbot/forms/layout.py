"""Fields as people lay them out → lines of `項目名：値`, so that there is one reader for all of them.

`【利用者コード】1ANAC`, `■利用者コード` with the value below, `利用者コード → 1ANAC`, several fields on one line.
Only an exact name of a field makes a label here: other lines stay as they are.
"""

import re
from collections.abc import Iterator, Sequence

from mailbot.forms.field_names import FieldNames, LabelMatch, field_names_of
from mailbot.lines import LONGEST_LABEL, label_and_value, labelled_line, without_bullet
from mailbot.model.procedure import Field, FieldKind

MOST_LINES = 5_000
_LONGEST_LINE = 2_000  # characters; a longer one is prose
_MOST_CANDIDATES = 6  # beginnings of a line that are compared with the names
_IN_BRACKETS = re.compile(
    r"[【〔［\[《〈「『｢＜<(（]\s*([^【】〔〕［\]《》〈〉「」『』｢｣＜＞<>]{1,40}?)\s*[】〕］\]》〉」』｣＞>)）]\s*[：:]?\s*"
)
_SEPARATES = re.compile(r"[\s→⇒➡⇨►▶\-=＝－–—―─‐>＞│┃|｜;；/／~〜～.．・…‥：:]")  # of which a separator has one
_SEPARATOR = re.compile(
    r"\s*(?:[→⇒➡⇨►▶]|[-=＝－–—―]?[>＞]+|[│┃|｜;；/／~〜～]|[-－–—―─‐]+|[.．・…‥]{2,}|…|：|:)\s*|\s+"
)
# 利用者コード（1ANAC）, 利用者コード1ANAC
_VALUE_IN_BRACKETS = re.compile(r"([^（(「『【｢]{2,40})[（(「『【｢]([^（(「『【｢）)」』】｣]{1,60})[）)」』】｣]")
_CODE_BEHIND = re.compile(
    r"(.{0,39}[^\x00-\x7f０-９Ａ-Ｚａ-ｚ])([0-9A-Za-z０-９Ａ-Ｚａ-ｚ][0-9A-Za-z０-９Ａ-Ｚａ-ｚ\s、,・/-]{2,60})"
)
_END_OF_CODE = re.compile(r"[0-9A-Za-z０-９Ａ-Ｚａ-ｚ\s、,・/-]")
_CLOSING_BRACKETS = tuple("）)」』】｣")
_WIDE_BLANK = re.compile(r"\t|\u3000|\s{2,}")
_NO_VALUE = re.compile(r"[はがをにのでもとへ](?![0-9A-Za-z])|から|まで|より|について|など|欄|とも")
_NEXT_LABEL = re.compile(
    r"(?:^|(?<=[\s、，,/／;；|│・】〕]))([^\s：:＝=、，,/／;；|│【】〔〕]{2,20})\s?[：:＝=]|[【〔]([^【】〔〕]{2,20})[】〕]\s*[：:]?"
)
_BETWEEN = " \u3000、，,/／;；|│・"  # what people write between the fields of one line
_LEADING = "：:→⇒➡>＞ \t\u3000"  # in front of a value, behind the separator: `＝＞`
_VERSION = re.compile(
    r"\s{0,4}[・(（【\[〔]?\s{0,4}(?:(?P<old>誤|旧|前|変更前|訂正前|修正前)|(?P<new>正|新|後|変更後|訂正後|修正後))\s{0,4}[)）】\]〕：:]\s{0,4}"
)
_FREE_TEXT = (FieldKind.TEXT, FieldKind.LINE)


def lay_out(lines: Sequence[str], fields: Sequence[Field]) -> list[tuple[str, ...]]:
    """What each of `lines` is read as: every field that it gives as `項目名：値`; any other line as it is."""
    names = field_names_of(fields)
    pieces = [tuple(_lines(line, names)) for line in lines[:MOST_LINES]] + [(line,) for line in lines[MOST_LINES:]]
    for i in _pairs_of_before_and_after(lines[:MOST_LINES], names):
        pieces[i], pieces[i + 1] = (), tuple(_lines(_VERSION.sub("", lines[i + 1], count=1), names))
    return pieces


def _pairs_of_before_and_after(lines: Sequence[str], names: FieldNames) -> Iterator[int]:
    """The index of each `誤）項目名：値` directly above `正）項目名：値` of the same field: only the second counts."""
    for i in range(len(lines) - 1):
        before, after = _VERSION.match(lines[i]), _VERSION.match(lines[i + 1])
        if before is None or after is None or before["old"] is None or after["new"] is None:
            continue
        labels = [label_and_value(line[found.end() :]) for line, found in ((lines[i], before), (lines[i + 1], after))]
        first, second = (names.match(without_bullet(one.label)) if one is not None else None for one in labels)
        if first is not None and first == second and (first.field or first.candidates):
            yield i


def _lines(line: str, names: FieldNames) -> Iterator[str]:
    if not line.strip() or len(line) > _LONGEST_LINE:
        yield line
        return
    labelled = _labelled(line, names)
    if labelled is None:
        yield line
        return
    label, value, match = labelled
    value = value.lstrip(_LEADING)
    parts = list(_parts(value, match, names)) if value else []
    if not parts and label_and_value(line) == (label, value):
        yield line
        return
    yield labelled_line(label, value[: parts[0][0]].rstrip(_BETWEEN) if parts else value)
    ends = [*(start for start, _, _ in parts[1:]), len(value)]
    for (_, start, name), end in zip(parts, ends, strict=False):
        yield labelled_line(name, value[start:end].strip(_BETWEEN))


def _labelled(line: str, names: FieldNames) -> tuple[str, str, LabelMatch] | None:
    """The label that a line begins with, its value, and what the label means; None for any other line."""
    found = label_and_value(line)
    if found is not None:
        colon = names.match(without_bullet(found.label))
        if colon.field is not None or colon.candidates:
            return found.label, found.value, colon
    bare = without_bullet(line)
    bracketed = _IN_BRACKETS.match(bare)
    if bracketed is not None and (match := names.exact(bracketed[1])) is not None:
        return bracketed[1], bare[bracketed.end() :].strip(), match
    if not names.may_begin(bare):
        return None
    alone = names.exact(bare.rstrip("：: "))
    if alone is not None:
        return bare.rstrip("：: "), "", alone
    return _separated(bare, names)


def _separated(bare: str, names: FieldNames) -> tuple[str, str, LabelMatch] | None:
    """A label with anything but a colon behind it.  The longest beginning of the line that is a name counts."""
    best: tuple[str, str, LabelMatch] | None = None
    if _SEPARATES.search(bare, 0, LONGEST_LABEL + 10) is None:
        return _attached(bare, names)
    for i, separator in enumerate(_SEPARATOR.finditer(bare, 0, LONGEST_LABEL + 10)):
        if i == _MOST_CANDIDATES or separator.start() > LONGEST_LABEL:
            break
        label, value = bare[: separator.start()], bare[separator.end() :].strip()
        match = names.exact(label)
        if match is None or not value or _NO_VALUE.match(value):
            continue
        if label.isascii() and " " not in label and separator.group() == " ":
            continue  # an English word at the beginning of a sentence
        best = label, value, match
    return best or _attached(bare, names)


def _attached(bare: str, names: FieldNames) -> tuple[str, str, LabelMatch] | None:
    """A label with its value in brackets, or with a code right behind it."""
    # The last character tells which shape a line may have; to try both costs more than all else that is done with it.
    if bare.endswith(_CLOSING_BRACKETS):
        found = _VALUE_IN_BRACKETS.fullmatch(bare)
    else:
        found = _CODE_BEHIND.fullmatch(bare) if _END_OF_CODE.match(bare[-1:]) else None
    if found is not None and (match := names.exact(found[1])) is not None:
        return found[1], found[2].strip(), match
    return None


def _parts(value: str, first: LabelMatch, names: FieldNames) -> Iterator[tuple[int, int, str]]:
    """(start, start of the value, label) of each further field on the line.

    Free text goes on until a label behind a wide blank or in brackets: a remark may have a colon.
    """
    free = _is_free(first)
    for found in _NEXT_LABEL.finditer(value):
        label = found[1] or found[2]
        match = names.exact(label)
        if match is None:
            continue
        wide = found[2] is not None or _WIDE_BLANK.search(value[max(0, found.start() - 2) : found.start()]) is not None
        if free and not wide:
            continue
        yield found.start(), found.end(), label
        free = _is_free(match)
    if not free and "：" not in value and ":" not in value:
        yield from _parts_between_blanks(value, names)


def _parts_between_blanks(value: str, names: FieldNames) -> Iterator[tuple[int, int, str]]:
    """`1ANAC 識別番号 A02 理由 失念`: labels and values with nothing but blanks between."""
    words = list(re.finditer(r"\S+", value))
    for word in words[1:-1]:
        match = names.exact(word.group())
        if match is not None:
            yield word.start(), word.end(), word.group()
            if _is_free(match):
                return


def _is_free(match: LabelMatch) -> bool:
    return match.field is not None and match.field.kind in _FREE_TEXT
