"""The decision in a reviewer's reply: exactly one kind of keyword, and the words below it."""

import re
from dataclasses import dataclass, field

from mailbot.forms.keyword_lines import NoKeyword, hides_something, keyword_lines, word_table
from mailbot.forms.sentences import (
    REVIEWER_MEANINGS,
    continues_keyword,
    decision_meant,
    is_hesitant,
    qualifies_approval,
)
from mailbot.model.keyword_words import keyword_in
from mailbot.model.lifecycle import Event
from mailbot.model.reviewer_keywords import REVIEWER_KEYWORDS, ReviewerKeyword, reviewer_keyword
from mailbot.text import remove_invisible

REVIEWER_WORDS = word_table([(row.name, row.words) for row in REVIEWER_KEYWORDS])
# Politeness that closes a mail is not part of the 通知内容.
_CLOSING = re.compile(
    r"^(?:以上(?:です|となります)?|(?:以上|お手数(?:です|をおかけします|おかけします)が|恐れ入りますが|恐縮ですが|お忙しいところ[^。]{0,12}が)?[、,]?"
    r"(?:どうぞ|何卒)?[、,]?(?:よろしく|宜しく)[、,]?(?:ご(?:確認|対応|査収)(?:のほど|の程)?[、,]?)?"
    r"(?:お願い(?:いた|致)?します|お願い申し上げます|お願いします|頼みます)?|(?:best |kind )?regards,?"
    r"|thanks?(?: you)?,?)[。.!！]*$",
    re.I,
)
_DECIDING = (ReviewerKeyword.APPROVE,)  # whose keyword does not count beside words of hesitation


@dataclass(frozen=True)
class Decision:
    """A reviewer's reply.  `kind` is its keyword, or why there is not exactly one."""

    kind: ReviewerKeyword | NoKeyword
    words: str = ""  # the lines that follow the keyword: 通知内容
    read: str = ""  # the line the keyword was read from
    meant: ReviewerKeyword | None = None  # by a sentence, or by a keyword in doubt: the reviewer is asked
    at: tuple[int, ...] = field(default=(), compare=False, repr=False)  # indices of the own lines that are keywords

    @property
    def event(self) -> Event | None:
        """What the keyword does to the application; None when it does nothing, or when there is no keyword."""
        row = reviewer_keyword(self.kind)
        return row.event if row is not None else None


def reviewer_decision(
    own_words: str, html_words: str | None = None, before_doubt: str | None = None, *, words_in_doubt: bool = False
) -> Decision:
    """The one kind of keyword in a reviewer's own words, or what a sentence of them means.

    `html_words`: the visible words of the HTML part, None without one; another keyword in it, or none, makes the mail
    unclear (T-35), and so does an invisible character in the keyword's line (T-37).  `before_doubt`: the own words
    above the first line below which no keyword counts; None when there is no such line.  `words_in_doubt`: whether a
    line that may begin a quote is anywhere in the own words, so that it cannot be told which of them are 通知内容.
    """
    lines = own_words.split("\n")
    found = keyword_lines(lines, REVIEWER_WORDS)
    hidden = next((line for line in lines if hides_something(line) and _keyword_without_invisible(line)), None)
    if hidden is not None:
        return Decision(NoKeyword.UNCLEAR, read=hidden.strip())
    kinds = {kind for _, kind in found}
    in_html = (
        kinds if html_words is None else {kind for _, kind in keyword_lines(html_words.split("\n"), REVIEWER_WORDS)}
    )
    read = "、".join(lines[i].strip() for i, _ in found)
    at = tuple(i for i, _ in found)
    if in_html != kinds:
        return Decision(NoKeyword.UNCLEAR, read=read, at=at)
    if len(kinds) > 1:
        return Decision(NoKeyword.SEVERAL, read=read, at=at)
    if not found:
        return _meant(own_words)
    first, kind = found[0]
    rest = [line for i, line in enumerate(lines[first + 1 :], first + 1) if i not in at]
    if words_in_doubt or _is_in_doubt(kind, lines[:first], rest, before_doubt):
        return Decision(NoKeyword.IN_DOUBT, read=read, meant=kind, at=at)
    return Decision(kind, without_closing(rest), lines[first].strip(), at=at)


def _is_in_doubt(kind: ReviewerKeyword, above: list[str], below: list[str], before_doubt: str | None) -> bool:
    """Whether the keyword may be somebody else's, or contradicts what stands above or below it."""
    if before_doubt is not None and not keyword_lines(before_doubt.split("\n"), REVIEWER_WORDS):
        return True
    if kind not in _DECIDING:
        return False
    return is_hesitant("\n".join(above)) or is_qualified(below)


def is_qualified(below: list[str]) -> bool:
    """Whether an approval is not certain for the words below it, or beside it on its line."""
    return continues_keyword(below) or qualifies_approval("\n".join(below))


def _meant(own_words: str) -> Decision:
    meaning = decision_meant(own_words, REVIEWER_MEANINGS)
    if meaning is None:
        return Decision(NoKeyword.NONE)
    words = without_closing(meaning.rest.split("\n"))
    return Decision(NoKeyword.MEANT, words, meaning.sentence, meaning.name)


def without_closing(lines: list[str]) -> str:
    """The lines as one text, without those that only close a mail (よろしくお願いします)."""
    kept = [line for line in lines if not closes_mail(line)]
    return "\n".join(kept).strip()


def closes_mail(line: str) -> bool:
    """Whether a line only closes a mail (よろしくお願いします): it is no 通知内容."""
    return _CLOSING.match(line.strip()) is not None


def _keyword_without_invisible(line: str) -> bool:
    return keyword_in(remove_invisible(line)) in REVIEWER_WORDS
