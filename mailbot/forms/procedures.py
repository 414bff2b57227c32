"""Finds the procedures that a mail names, and splits a mail with the forms of several."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from mailbot.forms.field_names import FieldNames, label_key
from mailbot.lines import LabelledText, label_and_value, without_bullet
from mailbot.model.common_fields import HEAD_FIELDS
from mailbot.text import nfkc

LONGEST_LABEL = 20  # characters, of the lines 手続 and 事業所コード
_LONGEST_VALUE = 80
_LONGEST_LINE = 200  # characters of a line that is a title
Titles = Mapping[str, tuple[str, ...]]  # name of a procedure → everything it is called
_SUFFIX = re.compile(r"(?:の)?(?:お)?(?:申込み?|申し込み|申請|依頼|手続き?|について)(?:書|です|します|の件)?$")
_LONGEST_SUFFIX = 9  # characters: のお申し込みします
_COUNTED = re.compile(
    r"\s*(?:申込み?|申請|手続き?|その|第)?\s*[0-9]{1,2}\s*(?:件目|つ目|番目|[.)、:：】\]]|(?=\s))[\s:：】\])]*|(?:申込み?|申請)\s*[:：]\s*"
)
_OFFICE = FieldNames(field for field in HEAD_FIELDS if field.name == "office")
_PROCEDURE = FieldNames(field for field in HEAD_FIELDS if field.name == "procedure")


def procedure_named(text: str, procedures: Titles) -> tuple[str, ...]:
    """The names of the procedures that `text` names, in order.

    The 手続 lines count; without one, the lines (or the subject) that consist of a title.
    """
    lines = text.split("\n")[:500]
    stated = [found.value for line in lines if (found := _short_entry(line)) and is_procedure_label(found.label)]
    if stated:
        return _named(stated, procedures)
    return _named(lines, procedures)


def title_lines(lines: Iterable[str], procedures: Titles) -> list[str]:
    """Those of `lines` that are nothing but the title of a procedure, with a number or a bullet."""
    names = _names(procedures)
    return [line for line in lines if len(line) <= _LONGEST_VALUE and _key(line) in names]


def split_by_procedure(lines: Sequence[str], procedures: Titles) -> list[list[int]]:
    """The forms in a mail that asks for several procedures: each from its 手続 line (or heading) to the next.

    Each form is the indices of its lines.  It gets the lines above the first one, and the last 事業所コード written
    above it.  One form of all lines when fewer than two procedures are named.
    """
    starts = [i for i, line in enumerate(lines) if _names_procedure(line, procedures)]
    if len(starts) < 2:
        return [[*range(len(lines))]]
    parts = []
    office = -1
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        named = [i for i in (*range(starts[0]), *range(start, end)) if _is_office_line(lines[i])]
        office = named[-1] if named else office
        parts.append([*range(starts[0]), *([] if named or office < 0 else [office]), *range(start, end)])
    return parts


def is_procedure_label(label: str) -> bool:
    """Whether a label is that of the 手続 line."""
    return _PROCEDURE.match(label).field is not None


def _names_procedure(line: str, procedures: Titles) -> bool:
    found = _short_entry(line)
    return (found is not None and is_procedure_label(found.label)) or bool(_named([line], procedures))


def _is_office_line(line: str) -> bool:
    found = _short_entry(line)
    return found is not None and _OFFICE.match(found.label).field is not None


def _short_entry(line: str) -> LabelledText | None:
    """A short label with a short value that is not blank; None for any other line."""
    found = label_and_value(line, longest=LONGEST_LABEL)
    if found is None or not 1 <= len(found.value) <= _LONGEST_VALUE:
        return None
    return LabelledText(without_bullet(found.label), found.value)


def _named(candidates: Iterable[str], procedures: Titles) -> tuple[str, ...]:
    names = _names(procedures)
    found: dict[str, None] = {}
    for text in candidates:
        found |= names.get(_key(text), {}) if len(text) <= _LONGEST_LINE else {}
    return tuple(found)


def _names(procedures: Titles) -> Mapping[str, dict[str, None]]:
    """The key of each title → the procedures that have it."""
    return _names_of(tuple(procedures.items()))


@lru_cache(maxsize=8)  # the lines of a mail are compared with the same titles
def _names_of(procedures: tuple[tuple[str, tuple[str, ...]], ...]) -> Mapping[str, dict[str, None]]:
    names: dict[str, dict[str, None]] = {}
    for name, titles in procedures:
        for title in (name, *titles):
            names.setdefault(label_key(title), {})[name] = None
    return names


@lru_cache(maxsize=4_096)  # whether a line is a title is asked by each step of a reading
def _key(text: str) -> str:
    """A line as titles are compared: without its number, its brackets, and what people write behind a title."""
    bare = nfkc(without_bullet(text.strip().strip("【】■●◆")))
    counted = _COUNTED.match(bare)
    key = label_key(bare[counted.end() :] if counted is not None else bare)
    return key[:-_LONGEST_SUFFIX] + _SUFFIX.sub("", key[-_LONGEST_SUFFIX:])
