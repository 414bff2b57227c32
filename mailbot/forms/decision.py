"""The decision in a reviewer's reply: exactly one kind of keyword, and the words below it."""

import re
from dataclasses import dataclass

from mailbot.forms.keyword_lines import NoKeyword, keyword_in, keyword_lines, word_table
from mailbot.model.lifecycle import Event
from mailbot.model.reviewer_keywords import REVIEWER_KEYWORDS, ReviewerKeyword, reviewer_keyword
from mailbot.text import has_invisible, remove_invisible

REVIEWER_WORDS = word_table([(row.name, row.words) for row in REVIEWER_KEYWORDS])
# Politeness that closes a mail is not part of the 通知内容.
_CLOSING = re.compile(
    r"^(?:以上(?:です)?|(?:以上)?(?:、)?(?:どうぞ|何卒)?(?:よろしく|宜しく)(?:お願い(?:いた|致)?します|お願い申し上げます)?)[。.]?$"
)


@dataclass(frozen=True)
class Decision:
    """A reviewer's reply.  `kind` is its keyword, or why there is not exactly one."""

    kind: ReviewerKeyword | NoKeyword
    words: str = ""  # the lines that follow the keyword: 通知内容
    read: str = ""  # the line the keyword was read from

    @property
    def event(self) -> Event | None:
        """What the keyword does to the application; None when it does nothing, or when there is no keyword."""
        row = reviewer_keyword(self.kind)
        return row.event if row is not None else None


def reviewer_decision(own_words: str, html_words: str = "") -> Decision:
    """The one kind of keyword in a reviewer's own words.

    `html_words`: the visible words of the HTML part; one that shows another keyword makes the mail unclear (T-35), and
    so does an invisible character in the keyword's line (T-37).
    """
    lines = own_words.split("\n")
    found = keyword_lines(lines, REVIEWER_WORDS)
    hidden = next((line for line in lines if has_invisible(line) and _keyword_without_invisible(line)), None)
    if hidden is not None:
        return Decision(NoKeyword.UNCLEAR, read=hidden.strip())
    kinds = {kind for _, kind in found}
    in_html = {kind for _, kind in keyword_lines(html_words.split("\n"), REVIEWER_WORDS)}
    read = "、".join(lines[i].strip() for i, _ in found)
    if html_words.strip() and in_html - kinds:
        return Decision(NoKeyword.UNCLEAR, read=read)
    if len(kinds) > 1:
        return Decision(NoKeyword.SEVERAL, read=read)
    if not found:
        return Decision(NoKeyword.NONE)
    first, kind = found[0]
    at = {i for i, _ in found}
    rest = [line for i, line in enumerate(lines[first + 1 :], first + 1) if i not in at]
    return Decision(kind, without_closing(rest), lines[first].strip())


def without_closing(lines: list[str]) -> str:
    """The lines as one text, without those that only close a mail (よろしくお願いします)."""
    kept = [line for line in lines if not _CLOSING.match(line.strip())]
    return "\n".join(kept).strip()


def _keyword_without_invisible(line: str) -> bool:
    return keyword_in(remove_invisible(line)) in REVIEWER_WORDS
