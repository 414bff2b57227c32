"""The person's own new words in a reply.

We know what we wrote: what a reply quotes is first recognised by matching our own sent notices, whatever the client
and its quote marks; only then by the patterns of clients.  A keyword in quoted text must never count, and nothing of
a fresh application may be lost: so the text above the quote is taken as it is.  Below, a line is the person's only in a
quote that is marked line by line, where it stands unmarked and is not ours; behind a header block (差出人, 送信日時, …)
nobody can tell whose words they are, and none counts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.mail.sent import MARKS, SentNotices, changed_lines, is_form_line, key_of, the_one_quoted
from mailbot.mail.signature_block import cut_signature
from mailbot.text import nfkc

MARKERS = ("ここから上にご記入ください", "Please write above this line")
LARGEST = 200_000  # characters
_DIVIDER = re.compile(
    r"^[\s　>]*(?:[-－―─_＿=]{2,}[\s　]*"
    r"(?:元のメッセージ|Original Message|Original Appointment|転送メッセージ|転送されたメッセージ"
    r"|Forwarded message|Forwarded by|Begin forwarded message|返信元メッセージ|引用)[^\n]{0,60}"
    r"|Begin forwarded message:|_{20,})[\s　]*$",
    re.I,
)
_LABELS = {
    "from": re.compile(r"^[\s　*>]*(?:差出人|送信者|From)[\s　*]*[:：]", re.I),
    "sent": re.compile(r"^[\s　*>]*(?:送信日時|日時|日付|送信日|Sent|Date)[\s　*]*[:：]", re.I),
    "to": re.compile(r"^[\s　*>]*(?:宛先|To|CC|Cc)[\s　*]*[:：]", re.I),
    "subject": re.compile(r"^[\s　*>]*(?:件名|Subject)[\s　*]*[:：]", re.I),
}
_ATTRIBUTION_END = re.compile(
    r"(?:[:：]|wrote|書きました。?|のメール|のメッセージ|は書いた)[\s　]*[:：]?[\s　]*$", re.I
)
_ATTRIBUTION_HINT = re.compile(
    r"\d{4}[年/.-]\s?\d{1,2}|[^\s@]@[^\s@]|\bwrote\b|\bOn\b.{3,60}\d|さんは|のメール|\d{1,2}:\d{2}", re.I
)
_ATTRIBUTION_START = re.compile(r"^[\s　]*(?:[(（]?\d{4}[年/.-]|On\b.{0,60}\d)", re.I)


@dataclass(frozen=True)
class OwnWords:
    """A reply taken apart.

    `quoted` is without its marks; `inline`: the lines of a quoted form of ours that the person changed.
    """

    text: str
    quoted: str = ""
    signature: str = ""
    inline: tuple[str, ...] = ()


def own_words(text: str, sent: Sequence[str], answered: str = "") -> OwnWords:
    """What the person newly wrote in `text`.

    `sent`: the texts of our notices that the reply may quote, newest first.  `answered`: the one it replies to, where
    the threading tells; otherwise the one that most of the quote comes from.
    """
    lines = text[:LARGEST].split("\n")
    ours = SentNotices(sent)
    start = _quote_start(lines, ours)
    above, below = lines[:start], lines[start:]
    own_below, quoted = _apart(below, ours)
    own, signature = cut_signature(_without_marked(above, quoted))
    if any(line.strip() for line in own_below):
        own = [*own, *cut_signature(own_below)[0]]
    plain = [MARKS.sub("", line) for line in quoted]
    one = SentNotices([answered])
    if not one.shares([key_of(line) for line in plain]):
        one = SentNotices([the_one_quoted(sent, plain)])
    return OwnWords(_joined(own), _joined(plain), _joined(signature), tuple(changed_lines(plain, one)))


def _apart(below: Sequence[str], ours: SentNotices) -> tuple[list[str], list[str]]:
    """(the person's words, quoted) of what stands below the start of the quote."""
    own: list[str] = []
    quoted: list[str] = []
    marked = closed = False  # what stands before the first marked line is the attribution
    unfinished = ""  # the key of the quoted line above, as far as it has been read: the client may have wrapped it
    for i, line in enumerate(below):
        marked = marked or _starts_with_arrow(line) or _is_quote_mark(below, i, ours)
        closed = closed or (not MARKS.match(line) and _hides_who_wrote(below, i, ours))
        if marked and not closed and _is_answer_between(line, ours, unfinished):
            own.append(line)
            unfinished = ""
            continue
        quoted.append(line)
        key = key_of(line)
        wrapped = bool(unfinished) and not ours.has_line(unfinished) and ours.contains(unfinished + key)
        unfinished = unfinished + key if key and wrapped else key
    return own, quoted


def _quote_start(lines: list[str], ours: SentNotices) -> int:
    """The index of the first line that belongs to the quoted mail; len(lines) when nothing is quoted."""
    run = _UnmarkedQuote(ours)
    for i, line in enumerate(lines):
        if _has_marker(line):
            return _back_over_attribution(lines, i)
        if _hides_who_wrote(lines, i, ours) or _is_whole_attribution(line):
            return i
        if MARKS.match(line) and _is_quote_mark(lines, i, ours):
            return _back_over_attribution(lines, i)
        if run.feed(i, line):
            return _back_over_attribution(lines, run.start)
    return len(lines)


class _UnmarkedQuote:
    """Sentences of ours one after another, without any mark: a client that quotes without saying so.

    Lines of a form do not count, nor those that a value runs on over: they are the person's own, said back by us, and
    may come again in a new mail.
    """

    def __init__(self, ours: SentNotices) -> None:
        self._ours = ours
        self._sentences = 0
        self._in_value = False
        self.start = 0

    def feed(self, i: int, line: str) -> bool:
        """Take the next line; whether it is certain now that our words are quoted, from `start` on."""
        key = key_of(line)
        if not key:
            self._in_value = False
            return False
        self._in_value = self._in_value or is_form_line(line)
        if not self._ours.says(key):
            self._sentences = 0
        elif len(key) >= 4 and not self._in_value:
            self.start = i if self._sentences == 0 else self.start
            self._sentences += 1
        return self._sentences >= 3


def _starts_with_arrow(line: str) -> bool:
    return line.lstrip(" \u3000")[:1] in (">", "＞", "≫", "»")


def _is_quote_mark(lines: Sequence[str], i: int, ours: SentNotices) -> bool:
    """`>` begins a quote; a bar only together with a second one or with our words (a table may be drawn with it)."""
    if _starts_with_arrow(lines[i]):
        return True
    neighbour = MARKS.match(lines[i]) and i + 1 < len(lines) and MARKS.match(lines[i + 1])
    return bool(neighbour) and (ours.contains(key_of(lines[i])) or ours.contains(key_of(lines[i + 1])))


def _hides_who_wrote(lines: Sequence[str], i: int, ours: SentNotices) -> bool:
    """A header block or a divider: whose words stand behind it, no mark tells."""
    if _is_header_block(lines, i) or _has_marker(lines[i]):
        return True
    return bool(_DIVIDER.match(lines[i])) and _quote_follows(lines, i, ours)


def _has_marker(line: str) -> bool:
    return any(marker in nfkc(line) for marker in MARKERS)


def _is_attribution(line: str) -> bool:
    return bool(_ATTRIBUTION_END.search(line) and _ATTRIBUTION_HINT.search(line))


def _is_whole_attribution(line: str) -> bool:
    """`2026年11月20日(金) 10:00 … <…>:` or `On … wrote:` on one line, with the address of the one who wrote."""
    return bool(
        _ATTRIBUTION_START.match(line)
        and _ATTRIBUTION_END.search(line)
        and (re.search(r"<[^\s@<>]+@[^\s@<>]+>", line) or re.search(r"wrote[\s　]*:|書きました", line))
    )


def _quote_follows(lines: Sequence[str], i: int, ours: SentNotices) -> bool:
    """A row of underscores is a divider only with a header block or our own words behind it."""
    if not _DIVIDER.match(lines[i]) or "_" * 20 not in lines[i]:
        return True
    following = [j for j in range(i + 1, min(i + 6, len(lines))) if lines[j].strip()]
    return bool(following) and (_is_header_block(lines, following[0]) or ours.has_line(key_of(lines[following[0]])))


def _is_header_block(lines: Sequence[str], i: int) -> bool:
    """差出人 with at least two more of 送信日時, 宛先, 件名 right below.  A lone 差出人 is a field of a form."""
    if not _LABELS["from"].match(lines[i]):
        return False
    near = lines[i : i + 7]
    return sum(any(label.match(line) for line in near) for label in _LABELS.values()) >= 3


def _back_over_attribution(lines: list[str], start: int) -> int:
    """`2026年11月20日(金) 10:00 … <…>:` above a quote, on up to three lines, belongs to it."""
    last = start - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    if last < 0 or not _ATTRIBUTION_END.search(lines[last]):
        return start
    for first in range(last, max(last - 3, -1), -1):
        if not lines[first].strip():
            break
        if _ATTRIBUTION_START.match(lines[first]):
            return first
    return last if _ATTRIBUTION_HINT.search(lines[last]) else start


def _is_answer_between(line: str, ours: SentNotices, unfinished: str) -> bool:
    """An unmarked line among marked ones: the person's, unless it is the rest of a line the client wrapped."""
    key = key_of(line)
    if not key or MARKS.match(line) or ours.says(key):
        return False
    if any(label.match(line) for label in _LABELS.values()) or _has_marker(line) or _is_attribution(line):
        return False
    is_rest = bool(unfinished) and not ours.has_line(unfinished) and ours.contains(unfinished + key)
    return not is_rest


def _without_marked(above: list[str], quoted: list[str]) -> list[str]:
    quoted[:0] = [line for line in above if line.lstrip()[:1] == ">"]
    return [line for line in above if line.lstrip()[:1] != ">"]


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")
