"""Our sent notices, for asking of a line in a reply whether it is ours, and what was changed in a form of ours."""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache

from mailbot.mail.jis import map_to_jis
from mailbot.text import nfkc

MARKS = re.compile(r"^[\s　]*(?:[>＞|｜≫»][\s　]*)+")
_FIELD = re.compile(r"^([^：:＝=\t]{1,40})[：:＝=\t](.*)$")
_TICK = re.compile(r"^[\[［][\s　xXｘＸレ✓✔]?[\]］]|^[☐☑☒□■]")
_RULE = re.compile(r"^[\s　]*(?:[-=*_+#~─━―－＝＊＿～◆◇■□☆★・…][\s　]?){5,}[\s　]*$")
_HEADING = re.compile(r"^[【\[].*[】\]]$")
# What a client writes above a quote, and our alerts name too: no fields of a form.
_HEADER_NAMES = frozenset({"差出人", "送信日時", "宛先", "件名", "from", "sent", "date", "to", "cc", "subject"})
_WHITE = re.compile(r"[\s　]+")


@lru_cache(maxsize=16_384)  # a desk writes the same lines again and again
def key_of(line: str) -> str:
    """A line as it is compared: without quote marks, white space and width, and whatever charset it went through."""
    return _WHITE.sub("", nfkc(map_to_jis(MARKS.sub("", line))))


class SentNotices:
    """Some of our notices, for asking whether a line is ours."""

    def __init__(self, sent: Sequence[str]) -> None:
        self._lines: set[str] = set()
        self._plain: set[str] = set()
        self._groups: set[str] = set()
        wholes = []
        for text in sent:
            keys = [key for line in text.split("\n") if (key := key_of(line))]
            self._lines.update(keys)
            self._plain.update(key_of(line) for line in text.split("\n") if not MARKS.match(line))
            self._groups.update(_joined(group) for group in groups(text.split("\n")))
            wholes.append("".join(keys))
        self._whole = "\n".join(wholes)
        self.labels = {m[1] for line in self._lines if (m := _FIELD.match(line))}

    def has_line(self, key: str) -> bool:
        return key in self._lines

    def says(self, key: str) -> bool:
        """Whether `key` is a line in words of our own, not one of the person's that we said back behind a bar."""
        return key in self._plain

    def has_group(self, joined: str) -> bool:
        return joined in self._groups

    def contains(self, key: str) -> bool:
        """Whether `key` stands anywhere in what we sent: a line that the client wrapped anew."""
        return key in self._whole

    def shares(self, keys: Sequence[str]) -> int:
        """How many of `keys` are lines of ours."""
        return sum(key in self._lines for key in keys)


def the_one_quoted(sent: Sequence[str], lines: Sequence[str]) -> str:
    """Which of `sent` (newest first) the lines of a quote come from; "" when none has any of them."""
    keys = [key for line in lines if (key := key_of(line))]
    counts = [SentNotices([text]).shares(keys) for text in sent]
    best = max(counts, default=0)
    return sent[counts.index(best)] if best else ""


def is_form_line(line: str) -> bool:
    """A line as forms have them: `項目名：値`, a box to tick, a rule, a heading."""
    bare = line.strip()
    return any(pattern.match(bare) for pattern in (_FIELD, _TICK, _RULE, _HEADING))


def groups(lines: Sequence[str]) -> Iterator[list[str]]:
    """The lines, each `項目名：値` together with the boxes or the lines that its value runs on over."""
    group: list[str] = []
    for line in lines:
        bare = MARKS.sub("", line).strip()
        feed = bool(bare) and not (_FIELD.match(bare) and not _TICK.match(bare)) and not _ends_a_value(bare)
        if group and not feed:
            yield group
            group = []
        if bare:
            group.append(bare)
    if group:
        yield group


def changed_lines(quoted: Sequence[str], answered: SentNotices) -> list[str]:
    """Lines of a form of ours that came back with another value, each with the lines it runs on over.

    `answered` holds the notice that is replied to, and no other: a value that stood in an earlier one is a change.
    """
    found = list(groups(quoted))
    changed: list[str] = []
    for i, group in enumerate(found):
        following = key_of(found[i + 1][0]) if i + 1 < len(found) else ""
        if _is_changed(group, following, answered):
            changed += group
    return changed


def _is_changed(group: Sequence[str], following: str, answered: SentNotices) -> bool:
    """A label of ours with a value that is not.  Text of ours that merely was wrapped anew is no change."""
    match = _FIELD.match(key_of(group[0]))
    if match is None or match[1] not in answered.labels or match[1].casefold() in _HEADER_NAMES:
        return False
    joined = _joined(group)
    if answered.has_group(joined):
        return False
    return not (following and answered.contains(joined + following))


def _ends_a_value(bare: str) -> bool:
    return _RULE.match(bare) is not None or (_HEADING.match(bare) is not None and _TICK.match(bare) is None)


def _joined(group: Sequence[str]) -> str:
    return "".join(key_of(line) for line in group)
