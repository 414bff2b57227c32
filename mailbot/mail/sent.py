"""Our sent notices: whether a line of a reply is quoted from them, and what was changed in a form that they contain."""

import re
from collections.abc import Iterator, Sequence
from functools import cached_property, lru_cache
from typing import NamedTuple

from mailbot.lines import (
    NOTICE_RULE,
    has_box,
    has_quote_mark,
    is_bracketed,
    is_rule,
    label_and_value,
    without_quote_marks,
)
from mailbot.mail.jis import map_to_jis
from mailbot.text import nfkc, without_blanks

# Labels above a quoted mail, which our alerts use too: no fields of a form.
_HEADER_NAMES = frozenset({"差出人", "送信日時", "宛先", "件名", "from", "sent", "date", "to", "cc", "subject"})
# What stands before the colon of the hour where an attribution begins: no label either.
_DATE = re.compile(r"\d{4}年\d{1,2}月\d{1,2}日")


@lru_cache(maxsize=16_384)  # a desk writes the same lines again and again
def key_of(line: str) -> str:
    """A line as it is compared: without quote marks and white space, NFKC, and as ISO-2022-JP would transport it."""
    return without_blanks(nfkc(map_to_jis(without_quote_marks(line))))


class _Notice(NamedTuple):
    """The lines of one notice, by their keys."""

    keys: frozenset[str]
    own: frozenset[str]  # of the lines in our own words
    groups: frozenset[str]
    joined: str  # all keys
    labels: frozenset[str]


@lru_cache(maxsize=256)  # the notices that a person may quote come again with each of his mails
def _notice(text: str) -> _Notice:
    lines = text.split("\n")
    keys = [key for line in lines if (key := key_of(line))]
    return _Notice(
        frozenset(keys),
        frozenset(key_of(line) for line in _in_our_words(lines)),
        frozenset(_joined(group) for group in groups(lines)),
        "".join(keys),
        frozenset(found.label for key in keys if (found := label_and_value(key))),
    )


class SentNotices:
    """The lines of some of our notices, by their keys (`key_of`)."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._notices = [_notice(text) for text in texts]

    # Of a mail that quotes nothing most of these are never needed.

    @cached_property
    def labels(self) -> frozenset[str]:
        """The labels of all lines `項目名：値`."""
        return frozenset().union(*(one.labels for one in self._notices))

    @cached_property
    def _keys(self) -> frozenset[str]:
        return frozenset().union(*(one.keys for one in self._notices))

    @cached_property
    def _own(self) -> frozenset[str]:
        return frozenset().union(*(one.own for one in self._notices))

    @cached_property
    def _groups(self) -> frozenset[str]:
        return frozenset().union(*(one.groups for one in self._notices))

    @cached_property
    def _joined_texts(self) -> str:
        return "\n".join(one.joined for one in self._notices)

    def has_line(self, key: str) -> bool:
        """Whether `key` is a line of a notice."""
        return key in self._keys

    def has_own_line(self, key: str) -> bool:
        """Whether `key` is a line in our own words, and does not repeat what a person wrote."""
        return key in self._own

    def has_group(self, joined: str) -> bool:
        """Whether the joined keys of a group (`groups`) are one in a notice."""
        return joined in self._groups

    def contains(self, key: str) -> bool:
        """Whether `key` occurs in a notice across line breaks, as after a mail client has wrapped a line."""
        return key in self._joined_texts

    def count(self, keys: Sequence[str]) -> int:
        """How many of `keys` are lines of a notice."""
        return sum(key in self._keys for key in keys)


def _in_our_words(lines: Sequence[str]) -> Iterator[str]:
    """The lines that we wrote.

    What people wrote stands between two rules, on the further lines of a value (which begin with full-width blanks),
    or behind a bar; the last rule, which no other closes, opens the footer.
    """
    rules = [i for i, line in enumerate(lines) if line.strip() == NOTICE_RULE]
    theirs = {i for start, end in zip(rules[::2], rules[1::2], strict=False) for i in range(start, end)}
    for i, line in enumerate(lines):
        if i not in theirs and not line.startswith("　") and not has_quote_mark(line):
            yield line


def most_quoted(sent: Sequence[str], lines: Sequence[str]) -> str:
    """Which of `sent` (newest first) has the most of `lines`; "" when none has any."""
    keys = [key for line in lines if (key := key_of(line))]
    counts = [sum(key in _notice(text).keys for key in keys) for text in sent] if keys else []
    best = max(counts, default=0)
    return sent[counts.index(best)] if best else ""


def is_form_line(line: str) -> bool:
    """A line as forms have them: `項目名：値`, a box to tick, a rule, a heading."""
    bare = line.strip()
    return label_and_value(bare) is not None or has_box(bare) or is_rule(bare) or is_bracketed(bare)


def groups(lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines, each `項目名：値` together with the boxes or the lines on which its value continues."""
    group: list[str] = []
    for line in lines:
        bare = without_quote_marks(line).strip()
        if group and not _continues_value(bare):
            yield group
            group = []
        if bare:
            group.append(bare)
    if group:
        yield group


def changed_lines(quoted: Sequence[str], answered: SentNotices) -> list[str]:
    """Lines of a quoted form of ours with another value than we sent, each with the lines on which it continues.

    `answered`: only the notice that is replied to; a value that an earlier notice had is a change.
    """
    found = list(groups(quoted))
    changed: list[str] = []
    for i, group in enumerate(found):
        following = key_of(found[i + 1][0]) if i + 1 < len(found) else ""
        if _is_changed(group, following, answered):
            changed += group
    return changed


def _is_changed(group: Sequence[str], following: str, answered: SentNotices) -> bool:
    """A label of the notice with a value that it does not have.  Lines that were only wrapped anew are no change."""
    first = label_and_value(key_of(group[0]))
    if first is None or _DATE.match(first.label):
        return False
    if first.label not in answered.labels or first.label.casefold() in _HEADER_NAMES:
        return False
    joined = _joined(group)
    if answered.has_group(joined):
        return False
    return not (following and answered.contains(joined + following))


def _continues_value(bare: str) -> bool:
    """Whether a line belongs to the value above it: a box, or a line that is no label, rule, heading or blank."""
    if not bare or is_rule(bare):
        return False
    return has_box(bare) or (label_and_value(bare) is None and not is_bracketed(bare))


def _joined(group: Sequence[str]) -> str:
    return "".join(key_of(line) for line in group)
