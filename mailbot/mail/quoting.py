"""The text that a person newly wrote in a reply, separated from what the reply quotes.

Quoted text is recognised by comparing it with our own sent notices first, which works for every mail client, and then
by the marks and header blocks of mail clients.  A keyword in quoted text must never count, and nothing of a new
application may be lost: therefore all text above the quote counts.  Below the start of the quote a line counts only if
the quote is marked line by line, and the line has no mark and is not in our notices.  After a header block (差出人,
送信日時, …) no line counts, because it cannot be determined who wrote it.
"""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from mailbot.lines import NOTICE_RULE, depth_of_quote, has_quote_arrow, has_quote_mark, without_quote_marks
from mailbot.mail.added_text import NOBODY, Writer, with_added
from mailbot.mail.quote_patterns import (
    back_over_attribution,
    back_over_doubt,
    first_doubts,
    is_attribution,
    is_divider,
    is_header_block,
    is_header_block_without_colons,
    is_header_line,
    is_name_of,
    is_whole_attribution,
)
from mailbot.mail.sent import SentNotices, changed_lines, is_form_line, key_of, most_quoted
from mailbot.masking import without_reply_links
from mailbot.model.read_line import ADDED_KINDS, OWN_KINDS, LineKind, LineSource, ReadLine
from mailbot.text import nfkc

_MARKER, _ENGLISH_MARKER = "ここから上にご記入ください", "Please write above this line"
LARGEST = 200_000  # characters; longer text is truncated
_LEAST_SENTENCES = 3  # of ours one after another: as many do not occur in a mail that quotes nothing
_SHORTEST_SENTENCE = 4  # characters of its key
Rows = tuple[tuple[int, str], ...]  # lines, each with the index of the line of the mail that it was read from


@dataclass(frozen=True)
class OwnWords:
    """The lines of a mail by who wrote them, and what follows for the words that count."""

    lines: tuple[ReadLine, ...] = ()
    inline: tuple[str, ...] = ()  # the lines of a quoted form of ours that the person changed
    doubt: int | None = None  # index of the first of `lines` that may begin a quote: below it no changed line counts
    doubt_of_keyword: int | None = None  # the same with more such lines, for keywords
    signed_by_colleague: bool = False  # a line of the own words is nothing but the name of somebody else

    @cached_property
    def rows(self) -> Rows:
        """The lines that count as newly written, each with the index of the one of `lines` that it was read from."""
        return self._rows(None)

    @cached_property
    def text(self) -> str:
        """What is newly written."""
        return "\n".join(line for _, line in self.rows)

    @property
    def rows_before_doubt(self) -> Rows:
        """Those of `rows` above the first line that may begin a quote."""
        return self.rows if self.doubt is None else self._rows(self.doubt)

    @cached_property
    def before_doubt(self) -> str:
        """`text` above the first line that may begin a quote."""
        return "\n".join(line for _, line in self.rows_before_doubt)

    @cached_property
    def before_doubt_of_keyword(self) -> str:
        """`text` above the first line below which no keyword counts."""
        return "\n".join(line for _, line in self._rows(self.doubt_of_keyword))

    @cached_property
    def quoted(self) -> str:
        """What is quoted, without quote marks."""
        return _joined([without_quote_marks(line.text) for line in self.lines if line.kind is LineKind.QUOTE])

    @cached_property
    def answered_inside(self) -> str:
        """What stands inside our quoted notice with more quote marks than the line of it above: an answer to that line.

        Our notices quote nothing with arrows, so that no mail program makes such a line of one.
        """
        found: list[str] = []
        depth = -1  # of the line of our notice above
        for line in self.lines:
            marks = depth_of_quote(line.text)
            if line.kind is not LineKind.QUOTE or (line.source is not LineSource.NOTICE and marks <= depth):
                depth = -1 if line.kind in OWN_KINDS and line.text.strip() else depth
            elif line.source is LineSource.NOTICE:
                depth = marks if without_quote_marks(line.text) else depth
            elif depth > 0:
                found.append(without_reply_links(without_quote_marks(line.text)))
        return _joined(found)

    @cached_property
    def signature(self) -> str:
        """The signature, banners and footers."""
        return _joined([line.text for line in self.lines if line.kind in ADDED_KINDS])

    def lines_to_show(self, most: int | None = None) -> tuple[ReadLine, ...]:
        """The first `most` of `lines`, without reply links and the secrets of their tokens."""
        return tuple(line._replace(text=without_reply_links(line.text)) for line in self.lines[:most])

    def _rows(self, end: int | None) -> Rows:
        own = [(i, line) for i, line in enumerate(self.lines[:end]) if line.kind in OWN_KINDS]
        if any(line.read_as is not None for _, line in own):
            rows = [(i, words) for i, line in own for words in line.words]
        else:
            rows = [(i, line.text) for i, line in own]
        shown = [at for at, (_, line) in enumerate(rows) if line]
        return tuple(rows[shown[0] : shown[-1] + 1]) if shown else ()


def own_words(
    text: str,
    sent: Sequence[str],
    answered: str = "",
    writer: Writer = NOBODY,
    *,
    structure: Container[int] = (),
) -> OwnWords:
    """Separate the text of a reply into what is new, what is quoted, and what programs have added.

    `sent`: the texts of our notices that the reply may quote, newest first.  `answered`: the notice it replies to, when
    its In-Reply-To or References name one; otherwise the notice with the most quoted lines is taken.  `structure`: the
    numbers of the lines that the HTML structure calls quoted.
    """
    texts = text[:LARGEST].split("\n")
    ours = SentNotices(sent)
    start = back_over_doubt(texts, _quote_start(texts, ours))
    above = with_added(texts[:start], writer)
    below = list(_below(texts[start:], start, ours, structure))
    own_below = [i for i, line in enumerate(below) if line.kind is LineKind.WORDS]
    for i, line in zip(own_below, with_added([below[i].text for i in own_below], writer), strict=True):
        below[i] = line
    lines = (*above, *below)
    plain = [without_quote_marks(line.text) for line in lines if line.kind is LineKind.QUOTE]
    notice = SentNotices([answered])
    if not notice.count([key_of(line) for line in plain]):
        notice = SentNotices([most_quoted(sent, plain)])
    own = [i for i, line in enumerate(lines) if line.kind is LineKind.WORDS]
    words = [lines[i].text for i in own]
    of_change, of_keyword = first_doubts(words, writer.colleagues)
    return OwnWords(
        tuple(line if line.text.strip() or line.kind is not LineKind.WORDS else _blank(line.text) for line in lines),
        tuple(changed_lines(plain, notice)),
        own[of_change] if of_change < len(own) else None,
        own[of_keyword] if of_keyword < len(own) else None,
        bool(writer.colleagues) and any(is_name_of(line, writer.colleagues) for line in words),
    )


def all_as(text: str, kind: LineKind) -> OwnWords:
    """No own words: every line of `text` is of one kind."""
    return OwnWords(tuple(ReadLine(line, kind) for line in text[:LARGEST].split("\n")))


def _blank(text: str) -> ReadLine:
    return ReadLine(text, LineKind.BLANK)


def _below(below: Sequence[str], start: int, ours: SentNotices, structure: Container[int]) -> Iterator[ReadLine]:
    """The lines from the start of the quote on, newly written or quoted."""
    marked = closed = False  # the lines before the first marked one are the attribution
    unfinished = ""  # the key of the quoted line above, as far as it has been read: the client may have wrapped it
    for i, line in enumerate(below):
        marked = marked or _is_quote_mark(below, i, ours)
        closed = closed or (not has_quote_mark(line) and _starts_unmarked_quote(below, i, ours))
        if marked and not closed and _is_answer_between(line, ours, unfinished):
            yield ReadLine(line)
            unfinished = ""
            continue
        key = key_of(line)
        yield ReadLine(line, LineKind.QUOTE, _source_of_quote(key, start + i, ours, structure))
        unfinished = unfinished + key if key and _is_rest(key, unfinished, ours) else key


def _source_of_quote(key: str, at: int, ours: SentNotices, structure: Container[int]) -> LineSource:
    if key and (ours.has_line(key) or (len(key) >= _SHORTEST_SENTENCE and ours.contains(key))):
        return LineSource.NOTICE
    return LineSource.STRUCTURE if at in structure else LineSource.PATTERN


def _quote_start(lines: list[str], ours: SentNotices) -> int:
    """The index of the first line that belongs to the quoted mail; len(lines) when nothing is quoted."""
    unmarked = _UnmarkedQuote(ours)
    for i, line in enumerate(lines):
        if not line.strip():
            unmarked.feed(i, line)
            continue
        if _has_marker(line):
            return back_over_attribution(lines, i)
        if _is_head_of_quote(lines, i, ours):
            return i
        if is_whole_attribution(line):
            return back_over_attribution(lines, i + 1)
        if _is_quote_mark(lines, i, ours):
            return back_over_attribution(lines, i)
        if unmarked.feed(i, line):
            return back_over_attribution(lines, unmarked.start)
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
        self._above: list[str] = []  # the lines of the paragraph that were not yet looked at for a label
        self.start = 0

    def feed(self, i: int, line: str) -> bool:
        """Read the next line; returns whether a quote is found, which then begins at line `start`."""
        key = key_of(line)
        if not key:
            self._in_value = False
            self._above.clear()
            return False
        self._above.append(line)
        if not self._ours.has_own_line(key):  # what a person wrote in the notice neither counts nor ends the quote
            self._sentences = self._sentences if self._ours.has_line(key) else 0
            return False
        if line.strip() == NOTICE_RULE:  # opens the footer, or what a person wrote: neither is part of a value
            self._in_value = False
            self._above.clear()
            return False
        self._in_value = self._in_value or any(map(is_form_line, self._above))
        self._above.clear()
        if len(key) >= _SHORTEST_SENTENCE and not self._in_value:
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
    """Whether the quoted lines from `i` on may have no marks."""
    return _has_marker(lines[i]) or _is_head_of_quote(lines, i, ours)


def _is_head_of_quote(lines: Sequence[str], i: int, ours: SentNotices) -> bool:
    """A header block or a divider of a mail client: the quoted lines after it have no marks."""
    if is_header_block(lines, i) or is_header_block_without_colons(lines, i):
        return True
    return is_divider(lines[i]) and _quote_follows(lines, i, ours)


def _has_marker(line: str) -> bool:
    flat = nfkc(line)
    return _MARKER in flat or _ENGLISH_MARKER in flat


def _quote_follows(lines: Sequence[str], i: int, ours: SentNotices) -> bool:
    """Whether a divider is one: a row of underscores only if a header block or a line of our notices follows."""
    if "_" * 20 not in lines[i]:
        return True
    following = [j for j in range(i + 1, min(i + 6, len(lines))) if lines[j].strip()]
    return bool(following) and (is_header_block(lines, following[0]) or ours.has_line(key_of(lines[following[0]])))


def _is_answer_between(line: str, ours: SentNotices, unfinished: str) -> bool:
    """Whether a line between marked ones is newly written, and not the rest of a line that the client wrapped."""
    key = key_of(line)
    if not key or has_quote_mark(line) or ours.has_own_line(key):
        return False
    if is_header_line(line) or _has_marker(line) or is_attribution(line):
        return False
    return not _is_rest(key, unfinished, ours)


def _is_rest(key: str, unfinished: str, ours: SentNotices) -> bool:
    """Whether a line continues the quoted line above, which the client wrapped."""
    return bool(unfinished) and not ours.has_line(unfinished) and ours.contains(unfinished + key)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")
