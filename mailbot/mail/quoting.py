"""The text that a person newly wrote in a reply, separated from what the reply quotes.

Quoted text is recognised by comparing it with our own sent notices first, which works for every mail client, and then
by the marks and header blocks of mail clients.  A keyword in quoted text must never count, and nothing of a new
application may be lost: therefore all text above the quote counts.  Below the start of the quote a line counts only if
the quote is marked line by line, and the line has no mark and is not in our notices.  After a header block (差出人,
送信日時, …) no line counts, because it cannot be determined who wrote it.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.lines import has_quote_arrow, has_quote_mark, without_quote_marks
from mailbot.mail.sent import SentNotices, changed_lines, is_form_line, key_of, most_quoted
from mailbot.mail.signature_block import cut_signature
from mailbot.text import nfkc

MARKERS = ("ここから上にご記入ください", "Please write above this line")
LARGEST = 200_000  # characters; longer text is truncated
_LEAST_SENTENCES = 3  # of ours one after another: as many do not occur in a mail that quotes nothing
_SHORTEST_SENTENCE = 4  # characters of its key
_DIVIDER = re.compile(
    r"^[\s>]*(?:[-－―─_＿=]{2,}\s*"
    r"(?:元のメッセージ|Original Message|Original Appointment|転送メッセージ|転送されたメッセージ"
    r"|Forwarded message|Forwarded by|Begin forwarded message|返信元メッセージ|引用)[^\n]{0,60}"
    r"|Begin forwarded message:|_{20,})\s*$",
    re.I,
)
_LABELS = {
    "from": re.compile(r"^[\s*>]*(?:差出人|送信者|From)[\s*]*[:：]", re.I),
    "sent": re.compile(r"^[\s*>]*(?:送信日時|日時|日付|送信日|Sent|Date)[\s*]*[:：]", re.I),
    "to": re.compile(r"^[\s*>]*(?:宛先|To|CC|Cc)[\s*]*[:：]", re.I),
    "subject": re.compile(r"^[\s*>]*(?:件名|Subject)[\s*]*[:：]", re.I),
}
_ATTRIBUTION_END = re.compile(r"(?:[:：]|wrote|書きました。?|のメール|のメッセージ|は書いた)\s*[:：]?\s*$", re.I)
_ATTRIBUTION_HINT = re.compile(
    r"\d{4}[年/.-]\s?\d{1,2}|[^\s@]@[^\s@]|\bwrote\b|\bOn\b.{3,60}\d|さんは|のメール|\d{1,2}:\d{2}", re.I
)
_ATTRIBUTION_START = re.compile(r"^\s*(?:[(（]?\d{4}[年/.-]|On\b.{0,60}\d)", re.I)


@dataclass(frozen=True)
class OwnWords:
    """The parts of a reply."""

    text: str  # newly written
    quoted: str = ""  # without quote marks
    signature: str = ""
    inline: tuple[str, ...] = ()  # the lines of a quoted form of ours that the person changed


def own_words(text: str, sent: Sequence[str], answered: str = "") -> OwnWords:
    """Separate the text of a reply into what is new and what is quoted.

    `sent`: the texts of our notices that the reply may quote, newest first.  `answered`: the notice it replies to, when
    its In-Reply-To or References name one; otherwise the notice with the most quoted lines is taken.
    """
    lines = text[:LARGEST].split("\n")
    ours = SentNotices(sent)
    start = _quote_start(lines, ours)
    own_below, quoted = _apart(lines[start:], ours)
    own, signature = cut_signature(lines[:start])
    if any(line.strip() for line in own_below):
        own = [*own, *cut_signature(own_below)[0]]
    plain = [without_quote_marks(line) for line in quoted]
    notice = SentNotices([answered])
    if not notice.count([key_of(line) for line in plain]):
        notice = SentNotices([most_quoted(sent, plain)])
    return OwnWords(_joined(own), _joined(plain), _joined(signature), tuple(changed_lines(plain, notice)))


def _apart(below: Sequence[str], ours: SentNotices) -> tuple[list[str], list[str]]:
    """(newly written, quoted) of the lines from the start of the quote on."""
    own: list[str] = []
    quoted: list[str] = []
    marked = closed = False  # the lines before the first marked one are the attribution
    unfinished = ""  # the key of the quoted line above, as far as it has been read: the client may have wrapped it
    for i, line in enumerate(below):
        marked = marked or _is_quote_mark(below, i, ours)
        closed = closed or (not has_quote_mark(line) and _starts_unmarked_quote(below, i, ours))
        if marked and not closed and _is_answer_between(line, ours, unfinished):
            own.append(line)
            unfinished = ""
            continue
        quoted.append(line)
        key = key_of(line)
        unfinished = unfinished + key if key and _is_rest(key, unfinished, ours) else key
    return own, quoted


def _quote_start(lines: list[str], ours: SentNotices) -> int:
    """The index of the first line that belongs to the quoted mail; len(lines) when nothing is quoted."""
    unmarked = _UnmarkedQuote(ours)
    for i, line in enumerate(lines):
        if _has_marker(line):
            return _back_over_attribution(lines, i)
        if _starts_unmarked_quote(lines, i, ours) or _is_whole_attribution(line):
            return i
        if _is_quote_mark(lines, i, ours):
            return _back_over_attribution(lines, i)
        if unmarked.feed(i, line):
            return _back_over_attribution(lines, unmarked.start)
    return len(lines)


class _UnmarkedQuote:
    """Finds a quote without quote marks: several sentences of our notices one after another.

    Lines of a form, and those on which a value continues, do not count: our notices repeat the person's own input,
    which may come again in a new mail.
    """

    def __init__(self, ours: SentNotices) -> None:
        self._ours = ours
        self._sentences = 0
        self._in_value = False
        self.start = 0

    def feed(self, i: int, line: str) -> bool:
        """Read the next line; returns whether a quote is found, which then begins at line `start`."""
        key = key_of(line)
        if not key:
            self._in_value = False
            return False
        self._in_value = self._in_value or is_form_line(line)
        if not self._ours.has_own_line(key):
            self._sentences = 0
        elif len(key) >= _SHORTEST_SENTENCE and not self._in_value:
            self.start = i if self._sentences == 0 else self.start
            self._sentences += 1
        return self._sentences >= _LEAST_SENTENCES


def _is_quote_mark(lines: Sequence[str], i: int, ours: SentNotices) -> bool:
    """An arrow (`>`) marks a quote; a bar only if the next line has one, too, and one of both is in our notices.

    Otherwise the bars may be those of a table.
    """
    if has_quote_arrow(lines[i]):
        return True
    two_bars = has_quote_mark(lines[i]) and i + 1 < len(lines) and has_quote_mark(lines[i + 1])
    return two_bars and (ours.contains(key_of(lines[i])) or ours.contains(key_of(lines[i + 1])))


def _starts_unmarked_quote(lines: Sequence[str], i: int, ours: SentNotices) -> bool:
    """A header block or a divider of a mail client: the quoted lines after it have no marks."""
    if _is_header_block(lines, i) or _has_marker(lines[i]):
        return True
    return bool(_DIVIDER.match(lines[i])) and _quote_follows(lines, i, ours)


def _has_marker(line: str) -> bool:
    flat = nfkc(line)
    return any(marker in flat for marker in MARKERS)


def _is_attribution(line: str) -> bool:
    return bool(_ATTRIBUTION_END.search(line) and _ATTRIBUTION_HINT.search(line))


def _is_whole_attribution(line: str) -> bool:
    """`2026年11月20日(金) 10:00 … <…>:` or `On … wrote:` on one line, with the author's address."""
    return bool(
        _ATTRIBUTION_START.match(line)
        and _ATTRIBUTION_END.search(line)
        and (re.search(r"<[^\s@<>]+@[^\s@<>]+>", line) or re.search(r"wrote\s*:|書きました", line))
    )


def _quote_follows(lines: Sequence[str], i: int, ours: SentNotices) -> bool:
    """Whether a divider is one: a row of underscores only if a header block or a line of our notices follows."""
    if "_" * 20 not in lines[i]:
        return True
    following = [j for j in range(i + 1, min(i + 6, len(lines))) if lines[j].strip()]
    return bool(following) and (_is_header_block(lines, following[0]) or ours.has_line(key_of(lines[following[0]])))


def _is_header_block(lines: Sequence[str], i: int) -> bool:
    """差出人 with at least two of 送信日時, 宛先, 件名 in the next six lines; alone it may be a field of a form."""
    if not _LABELS["from"].match(lines[i]):
        return False
    near = lines[i : i + 7]
    return sum(any(label.match(line) for line in near) for label in _LABELS.values()) >= 3


def _back_over_attribution(lines: list[str], start: int) -> int:
    """`2026年11月20日(金) 10:00 … <…>:` above a quote, on up to three lines, belongs to the quote."""
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
    """Whether a line between marked ones is newly written, and not the rest of a line that the client wrapped."""
    key = key_of(line)
    if not key or has_quote_mark(line) or ours.has_own_line(key):
        return False
    if any(label.match(line) for label in _LABELS.values()) or _has_marker(line) or _is_attribution(line):
        return False
    return not _is_rest(key, unfinished, ours)


def _is_rest(key: str, unfinished: str, ours: SentNotices) -> bool:
    """Whether a line continues the quoted line above, which the client wrapped."""
    return bool(unfinished) and not ours.has_line(unfinished) and ours.contains(unfinished + key)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")
