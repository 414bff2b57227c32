"""Keywords in replies: a line of its own, exact after NFKC and trim, in the writer's own new words.

`承認しません` and `承認してよいですか` are no keywords; two different kinds are none either (threats, C).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailbot.forms.field_names import label_key
from mailbot.text import fold_word, has_invisible, nfkc

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
    "contract": ("契約内容", "契約内容の確認", "契約情報", "contract"),
    "news": ("新着", "新着情報", "news"),
    "approval": ("承認通知", "承認通知書", "approval"),
    "paper": ("申込書", "変更申込書", "application form"),
    "help": ("ヘルプ", "help", "使い方"),
}
_CONFIRMATION = {
    "yes": (
        *("確認", "確認します", "確認しました", "確認いたしました", "はい", "間違いありません"),
        *("confirm", "confirmed", "yes"),
    ),
    "no": (
        *("拒否", "拒否します", "いいえ", "送信していません", "身に覚えがありません", "心当たりがありません"),
        *("reject", "no"),
    ),
}
# Politeness that closes a mail is not part of the 通知内容.
_CLOSING = re.compile(
    r"^(?:以上(?:です)?|(?:以上)?(?:、)?(?:どうぞ|何卒)?(?:よろしく|宜しく)(?:お願い(?:いた|致)?します|お願い申し上げます)?)[。.]?$"
)
_RECEIPT = re.compile(r"[\[【(]?(?<![0-9A-Za-z])\d{7}[A-Ca-c](?![0-9A-Za-z])[\]】)]?(?:の)?")
_FORM_OF = re.compile(r"(?:様式|フォーム|form)\s*[:：]\s*(.{2,40})", re.I)
_OWN_FORM = re.compile(
    r"(.{2,40}?)の?(?:様式|フォーム)(?:を?(?:お?送付|お送り)?(?:ください|下さい|願います|お願いします)?)?"
)
_SUBJECT_PREFIX = re.compile(r"^\s*(?:(?:re|fw|fwd|返信|転送)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.I)
_OUR_SUBJECT = re.compile(r"【[^】]{1,20}】|\[\d{7}[A-C]\]")


_BY_LINE = re.compile(r"^[\[【(]?(\d{7}[A-Ca-c])[\]】)]?\s*[:：、,]?\s*(\S{1,20})(?:[\s:：、,]+(.*))?$")


@dataclass(frozen=True)
class Decision:
    """A reviewer's reply.  `kind`: approve ask hold take status help, or none / several / unclear."""

    kind: str
    words: str = ""  # the lines that follow the keyword: 通知内容
    read: str = ""  # the line the keyword was read from


@dataclass(frozen=True)
class Command:
    """An applicant's command.

    `kind`: withdraw correct save status form contract news approval paper help, or none / several.
    """

    kind: str
    line: str = ""
    rest: str = ""  # the text without the command line
    from_subject: bool = False


def _table(words: dict[str, tuple[str, ...]]) -> dict[str, str]:
    return {fold_word(variant): kind for kind, variants in words.items() for variant in variants}


_REVIEWER_WORDS = _table(_REVIEWER)
_APPLICANT_WORDS = _table(_APPLICANT)
_CONFIRMATION_WORDS = _table(_CONFIRMATION)


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


def confirmation(own_words: str) -> str:
    """What a reply to a challenge says: yes, no, or "" when it says neither, or both."""
    lines = own_words.split("\n")
    kinds = {kind for _, kind in _found(lines, _CONFIRMATION_WORDS)}
    hidden = any(has_invisible(line) for line in lines)
    return kinds.pop() if len(kinds) == 1 and not hidden else ""


def decisions_by_line(own_words: str) -> list[tuple[str, Decision]]:
    """`2600012A 承認` on a line: (receipt number, decision) for each, the lines below being its 通知内容.

    A keyword may be followed by its words on the same line: `2600013C 確認依頼 理由をお知らせください`.  A line whose
    number has no keyword behind it ends the words above, and decides nothing.
    """
    found: list[tuple[str, Decision]] = []
    open_one = False
    for line in own_words.split("\n"):
        match = _BY_LINE.match(nfkc(line).strip())
        if match is None:
            if open_one and line.strip():
                receipt, before = found[-1]
                found[-1] = (receipt, Decision(before.kind, f"{before.words}\n{line.strip()}".strip(), before.read))
            continue
        kind = None if has_invisible(line) else _REVIEWER_WORDS.get(_key(match[2]))
        open_one = kind is not None
        if kind is not None:
            found.append((match[1].upper(), Decision(kind, (match[3] or "").strip(), line.strip())))
    return [(receipt, Decision(d.kind, _without_closing(d.words.split("\n")), d.read)) for receipt, d in found]


def applicant_command(subject: str, own_words: str, procedures: Iterable[str] = ()) -> Command:
    """An applicant's command: a line of its own in the text, else a subject that is nothing else.

    A receipt number may stand beside the word (`承認通知 2600001A`), and one of the names in `procedures` beside 様式;
    that name is left in `rest`.
    """
    names = frozenset(map(label_key, procedures))
    lines = own_words.split("\n")
    found = [(i, kind) for i, line in enumerate(lines) if (kind := _applicant_kind(line, names))]
    kinds = {kind for _, kind in found}
    at = {i for i, _ in found}
    kept = ((_form_asked_for(line, names) or None) if i in at else line for i, line in enumerate(lines))
    rest = "\n".join(line for line in kept if line is not None)
    if len(kinds) > 1:
        return Command("several", "、".join(lines[i].strip() for i, _ in found), rest)
    if found:
        return Command(found[0][1], lines[found[0][0]].strip(), rest)
    bare = _SUBJECT_PREFIX.sub("", subject)
    replied = bare != subject or _OUR_SUBJECT.search(subject) is not None
    kind = "" if replied else _applicant_kind(bare, names)
    if not kind:
        return Command("none", "", own_words)
    return Command(kind, bare.strip(), "\n".join(filter(None, (_form_asked_for(bare, names), own_words))), True)


def _applicant_kind(line: str, procedures: frozenset[str]) -> str:
    """The kind of command that a line is, "" when it is none."""
    if len(line) > 60 or has_invisible(line):
        return ""
    alone = _APPLICANT_WORDS.get(_key(_RECEIPT.sub(" ", nfkc(line))))
    return alone or ("form" if _form_asked_for(line, procedures) else "")


def _form_asked_for(line: str, procedures: frozenset[str]) -> str:
    """`様式：通関士IDの追加` or `通関士IDの追加の様式`: the name beside the word, "" when there is none."""
    text = nfkc(line).strip()
    match = _FORM_OF.fullmatch(text) or _OWN_FORM.fullmatch(text)
    return match[1].strip() if match and label_key(match[1]) in procedures else ""


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
