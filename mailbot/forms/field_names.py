"""Finds the field that a label names: by its exact name, an alias, or a similar name when only one field has it."""

import math
import re
from collections.abc import Iterable, Sequence
from copy import copy
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from mailbot.lines import LONGEST_LABEL
from mailbot.model.procedure import Field, FieldKind, Section
from mailbot.text import fold_word, remove_invisible


class UserIdPart(StrEnum):
    """The parts that a USER_IDS field is written in."""

    CODE = "code"  # 利用者コード
    NUMBER = "number"  # 識別番号
    ID = "id"  # 利用者ID


_PARTS: dict[UserIdPart, tuple[str, ...]] = {
    UserIdPart.CODE: ("利用者コード", "利用者CD", "ユーザーコード", "user code"),
    UserIdPart.NUMBER: ("識別番号", "識別No", "識別", "識別記号", "identification number", "id number", "number"),
    UserIdPart.ID: ("利用者ID", "ユーザーID", "利用者アイディー", "user id", "user ids"),
}
_PUNCTUATION = re.compile(r"[\s\[\]()（）【】〔〕「」『』<>《》・･,、.。_/\\*＊※:：'\"]")


_OBLIGATION = re.compile(r"[(\[【](?:必須|任意|required|optional)[)\]】]")  # that a form writes beside a label


@dataclass(frozen=True)
class LabelMatch:
    """What a label means: one field, several that could be meant, or none."""

    field: Field | None = None
    part: UserIdPart | None = None  # which part, for a USER_IDS field
    candidates: tuple[Field, ...] = ()
    option: str = ""  # which choice, for a COUNTS field; UNKNOWN when the text in brackets is none


NO_MATCH = LabelMatch()
_MOST_MATCHED = 4_096  # labels that are remembered
UNKNOWN = "?"
_Name = tuple[str, Field, UserIdPart | None, str]  # key, field, part, option


@lru_cache(maxsize=4096)
def label_key(label: str) -> str:
    """A label as it is compared: width, case, blanks and punctuation do not matter."""
    return _PUNCTUATION.sub("", _OBLIGATION.sub("", fold_word(remove_invisible(label))))


class FieldNames:
    """The names of some fields as labels are compared with them, computed once for all labels."""

    def __init__(self, fields: Iterable[Field]) -> None:
        fields = tuple(fields)
        self._left_to_compare = math.inf
        self._matched: dict[str, LabelMatch] = {}  # labels come again and again
        self._counts = _names_of_counts(fields)
        self._by_key: dict[str, list[_Name]] = {}
        self._by_first: dict[str, list[_Name]] = {}  # first character of the key, which similar names share
        for name in _names(fields):
            self._by_key.setdefault(name[0], []).append(name)
            self._by_first.setdefault(name[0][:1], []).append(name)

    def match(self, label: str) -> LabelMatch:
        """Which of the fields the label names."""
        if len(label) > LONGEST_LABEL:
            return NO_MATCH
        found = self._matched.get(label)
        if found is None:
            found = self._match(label) if self._can_begin(label) else NO_MATCH
            if self._left_to_compare > 0:  # else it may be another one in another text
                if len(self._matched) >= _MOST_MATCHED:
                    self._matched.clear()
                self._matched[label] = found
        return found

    def _can_begin(self, label: str) -> bool:
        """False when no name begins as the label does: cells of a large table are told from labels by it.

        What stands in brackets before a label is no part of it, and its first characters may be invisible.
        """
        key = "" if label[:1] in "([【（［" else label_key(label[:3])
        return not key or key[0] in self._by_first

    def _match(self, label: str) -> LabelMatch:
        key = label_key(label)
        if not key:
            return NO_MATCH
        found = self._by_key.get(key, [])
        if not found and key[0] in self._by_first and self._left_to_compare > 0:
            self._left_to_compare -= 1
            found = [name for name in self._by_first[key[0]] if _nearly(key, name[0])]
        found = found or [name for name in self._counts if key.startswith(name[0])]
        return _one(found) if found else NO_MATCH

    def exact(self, label: str) -> LabelMatch | None:
        """Which of the fields has exactly this name; None when none has it."""
        found = self._by_key.get(label_key(label)) if len(label) <= LONGEST_LABEL else None
        return _one(found) if found else None

    def may_begin(self, line: str) -> bool:
        """Whether a line begins with the first character of a name: a quick look before its words are compared."""
        return label_key(line[:3])[:1] in self._by_first

    def nearly(self, label: str) -> Field | None:
        """A field whose name the label is too far from to be read as it, but near enough to be asked about.

        Of the contact only a slip counts, not a longer label: mail rooms and signatures have labels of their own.
        """
        key = label_key(label)
        if len(key) < 4:
            return None
        for name, (_, field, *_) in ((known, names[0]) for known, names in self._by_key.items()):
            longer = len(key) - len(name)
            slip = len(name) >= 6 and not name[-2:].isascii() and _nearly(key, name, slips=1)
            if field.section is Section.CONTACT:
                if slip and abs(longer) <= 1:
                    return field
            elif slip or (len(name) >= 4 and name in key and longer <= 4):
                return field
        return None


MOST_COMPARED = 2_000  # different labels of a text
_MOST_SETS = 64  # of fields whose names are kept: there are as many as procedures, alone and together
_NAMES_OF: dict[tuple[int, ...], tuple[FieldNames, tuple[Field, ...]]] = {}


def field_names_of(fields: Sequence[Field]) -> FieldNames:
    """The names of `fields` for the labels of one text, computed once for each set of them.

    At most MOST_COMPARED labels are compared with similar names; of further ones only exact names are found.
    """
    key = tuple(map(id, fields))
    if key not in _NAMES_OF:
        if len(_NAMES_OF) >= _MOST_SETS:
            _NAMES_OF.clear()
        # With the fields themselves, so that no other object can have the id of one of them.
        _NAMES_OF[key] = (FieldNames(fields), tuple(fields))
    names = copy(_NAMES_OF[key][0])
    names._left_to_compare = MOST_COMPARED
    return names


def part_named(label: str) -> UserIdPart | None:
    """The part of a 利用者ID that a label names, whichever field it belongs to; None when it names none."""
    key = label_key(label)
    return next((part for part, names in _PARTS.items() if key in map(label_key, names)), None)


def _one(found: Sequence[_Name]) -> LabelMatch:
    distinct = {(field.name, part, option): (field, part, option) for _, field, part, option in found}
    if len(distinct) == 1:
        field, part, option = next(iter(distinct.values()))
        return LabelMatch(field, part, (field,), option)
    fields = {field.name: field for _, field, _, _ in found}
    return LabelMatch(candidates=tuple(fields.values()))


def _names(fields: Iterable[Field]) -> list[_Name]:
    names: list[_Name] = []
    for field in fields:
        parts = _PARTS.items() if field.kind is FieldKind.USER_IDS else ()
        names += [(label_key(name), field, part, "") for part, variants in parts for name in variants]
        own = (*field.labels.values(), *field.aliases)
        default = UserIdPart.ID if field.kind is FieldKind.USER_IDS else None
        names += [(label_key(name), field, default, "") for name in own]
        if field.kind is FieldKind.COUNTS:
            names += [
                (label_key(name + choice.name), field, None, choice.name) for name in own for choice in field.choices
            ]
    return names


def _names_of_counts(fields: Iterable[Field]) -> list[_Name]:
    """The beginnings of labels of COUNTS fields whose rest is text that is none of their choices."""
    counts = [field for field in fields if field.kind is FieldKind.COUNTS]
    own = ((field, label_key(name)) for field in counts for name in (*field.labels.values(), *field.aliases))
    return [(key, field, None, UNKNOWN) for field, key in own]


def _nearly(key: str, name: str, slips: int = 0) -> bool:
    """Edit distance of at most 1 for a name of up to 7 characters, else 2; names of 1 or 2 characters must be exact.

    With `slips` the distance may be greater by as much, and the first character may differ.
    """
    allowed = (1 if len(name) < 8 else 2) + slips
    if len(name) < 3 or abs(len(key) - len(name)) > allowed:
        return False
    return (slips > 0 or key[0] == name[0]) and _distance_at_most(key, name, allowed)


def _distance_at_most(a: str, b: str, limit: int) -> bool:
    """Whether the edit distance of two short words is at most `limit`."""
    row = list(range(len(b) + 1))
    for i, char in enumerate(a, 1):
        previous, row[0] = row[0], i
        for j, other in enumerate(b, 1):
            previous, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, previous + (char != other))
        if min(row) > limit:
            return False
    return row[-1] <= limit
