"""Keywords in replies: a line of its own, exact after NFKC and trim, in the writer's own new words.

`承認しません` and `承認してよいですか` are no keywords; two different kinds are none either (threats, C).
"""

import re
from dataclasses import dataclass

from mailbot.text import fold_word, has_invisible

_WRAPPING = "「」『』【】[]（）()\"'* 。．.!！、,・：:"
_REVIEWER = {
    "approve": ("承認", "承認します", "承認いたします", "承認致します", "承認する", "approve", "approved", "ok"),
    "ask": ("確認依頼", "修正", "修正依頼", "fix", "差戻し", "差し戻し", "差戻", "差戻します", "差し戻します"),
    "hold": ("保留", "保留します", "保留にします", "hold"),
    "take": ("担当", "担当します", "take"),
    "status": ("状況", "状況確認", "status"),
    "help": ("ヘルプ", "help", "使い方"),
}
_APPLICANT = {
    "withdraw": ("取下げ", "取り下げ", "取下", "取下げます", "取り下げます", "取下げ依頼", "取下げ希望", "withdraw"),
    "correct": ("修正", "訂正", "修正します", "訂正します", "修正いたします", "fix", "correct", "correction"),
    "save": ("一時保存", "save"),
    "status": ("状況", "状況確認", "status"),
    "form": ("様式", "フォーム", "申込書式", "form"),
    "help": ("ヘルプ", "help", "使い方"),
}
# Politeness that closes a mail is not part of the 通知内容.
_CLOSING = re.compile(
    r"^(?:以上(?:です)?|(?:以上)?(?:、)?(?:どうぞ|何卒)?(?:よろしく|宜しく)(?:お願い(?:いた|致)?します|お願い申し上げます)?)[。.]?$"
)
_SUBJECT_PREFIX = re.compile(r"^\s*(?:(?:re|fw|fwd|返信|転送)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.I)
_OUR_SUBJECT = re.compile(r"【[^】]{1,20}】|\[\d{7}[A-C]\]")


@dataclass(frozen=True)
class Decision:
    """A reviewer's reply.  `kind`: approve ask hold take status help, or none / several / unclear."""

    kind: str
    words: str = ""  # the lines that follow the keyword: 通知内容
    read: str = ""  # the line the keyword was read from


@dataclass(frozen=True)
class Command:
    """An applicant's command.  `kind`: withdraw correct save status form help, or none / several."""

    kind: str
    line: str = ""
    rest: str = ""  # the text without the command line


def _table(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {fold_word(variant): kind for kind, variants in words.items() for variant in variants}


_REVIEWER_WORDS = _table(_REVIEWER)
_APPLICANT_WORDS = _table(_APPLICANT)


def reviewer_decision(own_words: str, html_words: str = "") -> Decision:
    """The one kind of keyword in a reviewer's own words.

    `html_words`: the visible words of the HTML part; one that shows another keyword makes the mail unclear (T-35), and
    so does an invisible character in the keyword's line (T-37).
    """
    lines = own_words.split("\n")
    found = _found(lines, _REVIEWER_WORDS)
    hidden = next((line for line in lines if has_invisible(line) and _kind_without_invisible(line)), None)
    if hidden is not None:
        return Decision("unclear", read=hidden.strip())
    kinds = {kind for _, kind in found}
    in_html = {kind for _, kind in _found(html_words.split("\n"), _REVIEWER_WORDS)}
    if html_words.strip() and in_html - kinds:
        return Decision("unclear", read="、".join(lines[i].strip() for i, _ in found))
    if len(kinds) > 1:
        return Decision("several", read="、".join(lines[i].strip() for i, _ in found))
    if not found:
        return Decision("none")
    first = found[0][0]
    rest = [line for i, line in enumerate(lines[first + 1 :], first + 1) if i not in {i for i, _ in found}]
    return Decision(found[0][1], _without_closing(rest), lines[first].strip())


def applicant_command(subject: str, own_words: str) -> Command:
    """An applicant's command: a line of its own in the text, else a subject that is nothing else."""
    lines = own_words.split("\n")
    found = _found(lines, _APPLICANT_WORDS)
    kinds = {kind for _, kind in found}
    at = {i for i, _ in found}
    rest = "\n".join(line for i, line in enumerate(lines) if i not in at)
    if len(kinds) > 1:
        return Command("several", "、".join(lines[i].strip() for i, _ in found), rest)
    if found:
        return Command(found[0][1], lines[found[0][0]].strip(), rest)
    bare = _SUBJECT_PREFIX.sub("", subject)
    replied = bare != subject or _OUR_SUBJECT.search(subject) is not None
    kind = None if replied else _APPLICANT_WORDS.get(_key(bare))
    return Command(kind or "none", bare.strip() if kind else "", own_words)


def is_keyword_line(line: str) -> bool:
    """Whether a line would be read as a keyword: none of our own mails may contain one (T-38)."""
    return _key(line) in _REVIEWER_WORDS or _key(line) in _APPLICANT_WORDS


def _found(lines: list[str], words: dict[str, str]) -> list[tuple[int, str]]:
    return [(i, kind) for i, line in enumerate(lines) if (kind := words.get(_key(line))) and not has_invisible(line)]


def _key(line: str) -> str:
    """NFKC, no blanks, lower case, without brackets around it and full stops behind it."""
    if len(line) > 40 or "?" in line or "？" in line:
        return ""
    return fold_word(line).strip(fold_word(_WRAPPING))


_INVISIBLE_GONE = re.compile(
    "[\u00ad\u034f\u061c\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)


def _kind_without_invisible(line: str) -> bool:
    return _key(_INVISIBLE_GONE.sub("", line)) in _REVIEWER_WORDS


def _without_closing(lines: list[str]) -> str:
    kept = [line for line in lines if not _CLOSING.match(line.strip())]
    return "\n".join(kept).strip()
