"""Lines that count: a keyword, a command or an answer that stands alone on a line, or behind the number of an item.

People's words are shown in notices, and notices come back quoted: a line of them that would count is marked there
(threats, T-38).
"""

import re
from functools import lru_cache

from mailbot.model.applicant_commands import APPLICANT_COMMANDS
from mailbot.model.receipt import RECEIPT
from mailbot.model.reviewer_keywords import REVIEWER_KEYWORDS
from mailbot.text import fold_word, nfkc, without_edge_marks

LONGEST_KEYWORD_LINE = 40  # characters
# In a reply to a challenge: that its reader has sent the mail, and has not.
CONFIRMING_WORDS = (
    *("確認", "確認します", "確認しました", "確認いたしました", "はい", "間違いありません"),
    *("confirm", "confirmed", "yes"),
)
DENYING_WORDS = (
    *("拒否", "拒否します", "いいえ", "送信していません", "身に覚えがありません", "心当たりがありません"),
    *("reject", "no"),
)
# That an inquiry needs no answer, in its reader's reply.
DONE_WORDS = ("済", "済み", "済です", "済みです", "対応済", "対応済み", "対応済みです", "done")

_EMPTY_BOX = re.compile(r"\s*[\[［(（【〔]\s*[\]］)）】〕]")
_WRAPPING = fold_word("「」『』【】[]（）()\"'* 。．.!！、,・：:")
_COMMANDS = frozenset(fold_word(word) for row in (*REVIEWER_KEYWORDS, *APPLICANT_COMMANDS) for word in row.words)
_ANSWERS = frozenset(map(fold_word, (*CONFIRMING_WORDS, *DENYING_WORDS, *DONE_WORDS)))
# `2600012A 承認`, `#21 破棄`, `n12 再送`: in replies to lists.
_NUMBER = re.compile(
    rf"[\[(【]?(?:{RECEIPT}|(?:#|n|no\.?|受信番号|通知番号)?[:：]?\s*\d{{1,9}})[\])】]?番?[\s:：、,=→-]*", re.I
)
_LIST_WORDS = (
    *("登録", "処理", "受付", "受け付け", "破棄", "廃棄", "削除"),
    *("再送", "再配信", "もう一度送", "送付", "済", "対応済", "完了"),
    *("register", "release", "process", "handle", "discard", "delete", "resend", "retry", "send", "done", "close"),
)
_BEHIND_NUMBER = tuple(_COMMANDS | set(map(fold_word, _LIST_WORDS)))


def keyword_in(line: str) -> str:
    """`line` as it is compared: NFKC, no blanks, lower case, without brackets around it and full stops behind it.

    "" for a question, behind an empty box, and for a line that is longer than any keyword.  Zero-width characters at
    both ends do not count.
    """
    line = without_edge_marks(line)
    if len(line) > LONGEST_KEYWORD_LINE or "?" in line or "？" in line or _EMPTY_BOX.match(line):
        return ""
    return _folded(line)


@lru_cache(maxsize=8_192)  # a line is compared with the words of reviewers, of applicants and of answers
def _folded(line: str) -> str:
    return fold_word(line).strip(_WRAPPING)


def is_command_line(line: str) -> bool:
    """Whether a line would be read as a reviewer's keyword or an applicant's command."""
    return keyword_in(line) in _COMMANDS


def may_count(line: str) -> bool:
    """Whether a line might be read as a keyword, a command, an answer, or a line of a reply to a list."""
    if (word := keyword_in(line)) in _COMMANDS or word in _ANSWERS:
        return True
    flat = nfkc(without_edge_marks(line))
    number = _NUMBER.match(flat)
    return number is not None and fold_word(flat[number.end() :]).startswith(_BEHIND_NUMBER)
