"""The lines with which a quote may begin: dividers, attributions and header lines, in the languages of mail clients.

A line that surely begins a quote (`is_header_block`, `is_divider`, `is_whole_attribution`) ends the writer's own words.
One that only may begin one (`may_begin_quote`) ends the words in which a keyword counts: below it is asked.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from mailbot.lines import is_rule
from mailbot.patterns import any_of
from mailbot.text import fold_word, nfkc

_DIVIDER = re.compile(
    r"^[\s>]*(?:[-－―─_＿=]{2,}\s*"
    r"(?:元のメッセージ|元のメール|Original (?:Message|Mail|Appointment)|転送メッセージ|転送されたメッセージ"
    r"|Forwarded message|Forwarded by|Begin forwarded message|返信元メッセージ|引用)[^\n]{0,60}"
    r"|Begin forwarded message:|_{20,})\s*$",
    re.I,
)
_STARTS_OF_DIVIDER = frozenset("-－―─_＿=>Bb")  # with one of which all of these begin
_FROM = (
    r"差\s*出\s*人|送\s*信\s*者|送信元|発信者|from|von|van|från|expéditeur"
    r"|remitente|mittente|发件人|寄件[者人]|보낸\s?사람|от"
)
_SENT = (
    r"送信日時|受信日時|日\s*時|日\s*付|送信日|sent|date|gesendet|datum|envoyé|enviado|fecha|inviato"
    r"|发送时间|日期|寄件日期|时间|보낸\s?날짜|날짜|дата|отправлено"
)
_TO = r"宛\s*先|to|cc|an|para|收件人|抄送|받는\s?사람|кому"
_SUBJECT = r"件\s*名|題\s*名|表\s*題|subject|betreff|objet|asunto|oggetto|assunto|主题|主旨|標題|제목|тема"
_SHORT_FROM = r"|de|da|fra"  # with a colon, and beside other header lines only
_LABELS = tuple(
    re.compile(rf"^[\s*>]*(?:{names})[\s*]*[:：]", re.I) for names in (_FROM + _SHORT_FROM, _SENT, _TO, _SUBJECT)
)
_BARE_LABELS = re.compile(rf"^[\s*>]*(?:{_FROM}|{_SENT}|{_TO}|{_SUBJECT})[\s*]*(?:[:：]|\s+\S)", re.I)
_HEADER_START = re.compile(
    rf"^[\s*>]*(?:(?:{_FROM}|送信日時|受信日時|送信日|sent|gesendet|envoyé|发送时间)[\s*]*[:：]"
    r"|(?:差出人|送信者|送信元|発信者|发件人|寄件者|보낸사람|送信日時|受信日時)[ \t\u3000]+\S)",
    re.I,
)
_ATTRIBUTION_END = re.compile(
    r"(?:[:：]|wrote|writes|書きました。?|のメール|のメッセージ|は書いた|写道|寫道|작성)\s*[:：]?\s*$", re.I
)
# One of them is at the end of what _ATTRIBUTION_END matches; `tes`: of writes, whose `i` has more forms than two.
_ENDS_OF_ATTRIBUTION = (
    *(":", "：", "wrote", "tes", "書きました", "書きました。", "のメール", "のメッセージ", "は書いた"),
    *("写道", "寫道", "작성"),
)
_LONGEST_END = max(map(len, _ENDS_OF_ATTRIBUTION))
_ATTRIBUTION_HINT = re.compile(
    r"\d{4}\s?[年/.년-]\s?\d{1,2}|[^\s@]@[^\s@]|\bwrote\b|\bOn\b.{3,60}\d|さんは|のメール|\d{1,2}:\d{2}", re.I
)
_ATTRIBUTION_START = re.compile(r"^\s*(?:[(（]?\d{4}\s?[年/.년-]|On\b.{0,60}\d)", re.I)
_ADDRESS_IN_BRACKETS = re.compile(r"<[^\s@<>]+@[^\s@<>]+>")

_MOST_LINES = 2_000  # that are looked at; what is below counts as doubtful
_LONGEST = 200  # characters of a line that begins a quote
_ATTRIBUTION_LINES = 4  # above a quote, without blank ones

_STROKES = r"\-－―─━=＝_＿~〜～*＊#＃+"
_WORDED_DIVIDER = re.compile(rf"^\s*[{_STROKES}<＜\[]{{2,}}\s*[^\s{_STROKES}].{{0,80}}?\s*[{_STROKES}>＞\]]{{2,}}\s*$")
_OPEN_DIVIDER = re.compile(rf"^\s*[{_STROKES}]{{3,}}\s*[^\s{_STROKES}].{{0,80}}$")
_ABOVE_THIS_LINE = re.compile(r"(?:この|本)行より上|above this line|write above|reply above", re.I)
_ADDRESS = re.compile(r"[^\s@<>()（）：:]@[^\s@<>()（）]+\.[^\s@<>()（）]")
_DATE = re.compile(
    r"\d{4}\s?[年/.년-]\s?\d{1,2}\s?[月/.월-]\s?\d{1,2}|\d{1,2}月\s?\d{1,2}日|\d{1,2}/\d{1,2}|\d{1,2}[./-]\d{1,2}[./-]\d{2,4}"
    r"|\b(?:jan|feb|mar|apr|may|mai|jun|jul|aug|sep|oct|okt|nov|dec|dez)[a-zé]*\.?\b.{0,12}\d|昨日|yesterday",
    re.I,
)
_TIME = re.compile(r"\d{1,2}[:：時h]\s?\d{2}|(?:午前|午後|오전|오후|上午|下午)\s?\d")
_BLANK = re.compile(r"[ \t\u3000]")
_DIGIT = re.compile(r"\d")
_DAY_IN_WORDS = any_of("昨日", "yesterday")  # what _DATE takes without a digit
_LABELLED_VALUE = re.compile(r"[^:：\d]{1,30}[:：=]\s*\S")  # a field of a form, whose value may be a moment
_SENTENCE_ENDS = (*"。.!！…、,", "です", "ます", "した", "ません", "ください", "下さい", "願い", "ので", "ため")
_WROTE = ("wrote", "writes", "said", "schrieb", "a écrit", "escribió", "ha scritto", "escreveu", "skrev", "napisał")
_OF_SOMEBODY = (
    r"\s?(?:の(?:書き込み|発言|コメント|投稿|回答|返信|返事|返答|連絡|意見|メール|メッセージ)"
    r"|より|から|は書|が書)[^。]{0,12}$"
)
_SAID = any_of(
    *(rf"\b{verb}\b" for verb in _WROTE),
    *("写道", "寫道", "님이", "작성"),
    *(title + _OF_SOMEBODY for title in ("さん", "様", "さま", "氏", "殿", "くん", "君", "長", "主任", "役")),
    r"の(?:書き込み|発言|コメント|投稿|メール|メッセージ)\s*[:：]?\s*$",
    *(said + r"\s*[:：]?\s*$" for said in ("は書きました", "が書きました", "は書いた")),
)
_ADDRESSED = re.compile(r"[^。]{1,30}(?:さん|様|さま|氏)\s*[、,，]?")
_CALLED = re.compile(r"\s*([^\s:、,。]{1,16}(?:さん|様|さま|氏|殿)(?:へ|宛て?)?)(?:[:、,\s]|$)")
_HONORIFIC = re.compile(r"(?:さん|様|さま|氏|殿|より|拝|です|へ|宛て?)+$")
_OWN_ACT = r"(?!.{0,14}(?:申し?込|修正|訂正|願い|申請|変更|依頼|取り?下げ|します))"  # 下記のとおり申し込みます
_THEIR_WORDS = r"(?:から|より|の)[^。]{0,8}(?:回答|返信|返事|返答|コメント|メール|意見|連絡|判断|結果|内容)"
_AS_BELOW = rf".{{0,8}}(?:(?:とおり|通り){_OWN_ACT}|(?:メール|回答|返信|返事|コメント|やり取り|意見)(?!いた|し))"
_ANNOUNCED = any_of(
    *(title + _THEIR_WORDS for title in ("さん", "様", "氏", "長")),
    *("以下[、は]", "引用", "転送", "転記", "抜粋", "コピー", "貼り付け", "forward", "quote"),
    *(below + _AS_BELOW for below in ("以下", "下記", "下の", "↓")),
    rf"次の(?:とおり|通り){_OWN_ACT}",
    *("とのこと", "と(?:言|い)って", "と聞いて"),
    *(arrow + r"\s*$" for arrow in "↓⇓▼"),
)


def is_divider(line: str) -> bool:
    """`-----元のメッセージ-----`, `Begin forwarded message:`, or 20 underscores."""
    return line.lstrip()[:1] in _STARTS_OF_DIVIDER and _DIVIDER.match(line) is not None


def is_header_line(line: str) -> bool:
    """Whether a line begins with the name of a header field and a colon: 差出人, Sent, Betreff …"""
    return _has_colon(line) and any(label.match(line) for label in _LABELS)


def _has_colon(line: str) -> bool:
    return ":" in line or "：" in line


def is_header_block(lines: Sequence[str], i: int, *, least: int = 3) -> bool:
    """Whether at least `least` header lines, the author among them, begin at `i` within seven lines."""
    if not _has_colon(lines[i]) or not _LABELS[0].match(lines[i]):
        return False
    near = lines[i : i + 7]
    return sum(any(label.match(line) for line in near) for label in _LABELS) >= least


def is_header_block_without_colons(lines: Sequence[str], i: int) -> bool:
    """`差出人 審査 良子` and at least two more such lines directly below: the header of a groupware."""
    if not _starts_header(lines[i]):
        return False
    return sum(bool(_BARE_LABELS.match(line)) for line in lines[i : i + 4]) >= 3


def _starts_header(line: str) -> bool:
    # Most lines of prose have neither a colon nor a blank.
    return (_has_colon(line) or _BLANK.search(line) is not None) and _HEADER_START.match(line) is not None


def is_attribution(line: str) -> bool:
    """Whether a line ends as an attribution does, and has a date, an address or the word for writing."""
    return len(line) <= _LONGEST and _ends_attribution(line) and _ATTRIBUTION_HINT.search(line) is not None


def _ends_attribution(line: str) -> bool:
    # The pattern is tried at each character of a line: few lines have such an end at all.
    end = line.rstrip()[-_LONGEST_END:].casefold()
    return end.endswith(_ENDS_OF_ATTRIBUTION) and _ATTRIBUTION_END.search(line) is not None


def is_whole_attribution(line: str) -> bool:
    """`2026年11月20日(金) 10:00 … <…>:` or `On … wrote:` on one line, with the author's address."""
    if not is_attribution(line):
        return False
    said = re.search(r"wrote\s*[:：]|書きました|写道|寫道|작성", line)
    if said and _ADDRESS_IN_BRACKETS.search(line):
        return True
    return bool(_ATTRIBUTION_START.match(line)) and bool(said or _ADDRESS_IN_BRACKETS.search(line))


def back_over_attribution(lines: Sequence[str], start: int) -> int:
    """`2026年11月20日(金) 10:00 … <…>:` above a quote, on up to three lines, belongs to the quote."""
    last = start - 1
    while last >= 0 and not lines[last].strip():
        last -= 1
    if last < 0 or not _ends_attribution(lines[last]):
        return start
    for first in range(last, max(last - 3, -1), -1):
        if not lines[first].strip():
            break
        if _ATTRIBUTION_START.match(lines[first]):
            return first
    return last if _ATTRIBUTION_HINT.search(lines[last]) else start


def back_over_doubt(lines: Sequence[str], start: int) -> int:
    """`start` of a quote, or the first of the lines directly above it that name another mail: its attribution."""
    if start == len(lines):
        return start
    shown = [i for i in range(max(0, start - 12), start) if lines[i].strip()]
    # Above the line of a ticket system that begins the mail nothing is written: it divides nothing.
    if shown and not any(map(str.strip, lines[: shown[0]])) and _ABOVE_THIS_LINE.search(lines[shown[0]]):
        del shown[0]
    found = next((i for i in shown[-_ATTRIBUTION_LINES:] if _names_another_mail(lines[i], fresh=False)), start)
    above = [i for i in shown if i < found]
    # `… さん、` between the writer's words and an attribution is its beginning (Becky!).
    return above[-1] if above and len(above) > 1 and _ADDRESSED.fullmatch(lines[above[-1]].strip()) else found


def first_doubts(lines: Sequence[str], colleagues: Sequence[str] = ()) -> tuple[int, int]:
    """The indices of the first lines below which no changed line, and no keyword, counts; len(lines) for none.

    The first is a divider, an attribution or a header line, in any language.  For keywords also a bare rule with words
    above it counts, and a line that announces somebody's words or has the name of one of `colleagues`.
    """
    keys = [key for name in colleagues for key in _name_keys(name)]
    last = next((i for i in range(len(lines) - 1, -1, -1) if lines[i].strip()), -1)
    shown = False  # whether words are above
    of_keyword = -1
    for i, line in enumerate(lines[:_MOST_LINES]):
        if not line.strip():
            continue
        if _names_another_mail(line, fresh=not shown):
            return i, i if of_keyword < 0 else of_keyword
        rule = is_rule(line)
        # A rule at the end only encloses what is above.
        if of_keyword < 0 and ((rule and shown and i < last) or _announces(line) or _names_colleague(line, keys)):
            of_keyword = i
        shown = shown or not rule
    end = min(len(lines), _MOST_LINES)
    return end, end if of_keyword < 0 else of_keyword


def is_name_of(line: str, colleagues: Sequence[str]) -> bool:
    """Whether a line is nothing but the name of one of `colleagues`, or a part of it, or begins by addressing one."""
    addressed = _CALLED.match(nfkc(line[:_LONGEST]))
    shown = addressed[1] if addressed else line
    key = _HONORIFIC.sub("", _key(shown)) if len(shown) <= 40 else ""
    return bool(key) and any(key in _name_keys(name) for name in colleagues)


def _names_colleague(line: str, keys: Sequence[str]) -> bool:
    """A short line that is no sentence and has a colleague's name: it may be above their words."""
    bare = nfkc(line).strip() if len(line) <= 40 else ""
    if not bare or bare.endswith(_SENTENCE_ENDS):
        return False
    return any(key in _key(bare) for key in keys)


def _key(text: str) -> str:
    return re.sub(r"[\W_]+", "", fold_word(text))


@lru_cache(maxsize=256)
def _name_keys(name: str) -> tuple[str, ...]:
    """A name, and its parts of two or more characters, as they are compared."""
    parts = [_key(part) for part in (name, *name.split())]
    return tuple(dict.fromkeys(part for part in parts if len(part) > 1))


def _names_another_mail(line: str, *, fresh: bool) -> bool:
    """`fresh`: nothing is above it."""
    if len(line) > _LONGEST:
        return False
    bare = nfkc(line).strip()
    if not bare:
        return False
    if not bare[0].isalnum() and (_WORDED_DIVIDER.match(line) or _OPEN_DIVIDER.match(line)):
        return not (fresh and _ABOVE_THIS_LINE.search(bare))
    if is_divider(line) or _starts_header(line) or is_attribution(line):
        return True
    if bare.endswith(_SENTENCE_ENDS):
        return False
    if _SAID.search(bare) or _ADDRESS_IN_BRACKETS.search(bare):
        return True
    if not _DIGIT.search(bare):
        return False
    return bool(_DATE.search(bare) and _TIME.search(bare)) and not _LABELLED_VALUE.match(bare)


def _announces(line: str) -> bool:
    """A line that ends in a colon, names an address or a moment, or says that somebody's words follow."""
    bare = nfkc(line[:_LONGEST]).strip()
    if not bare:
        return False
    if bare.endswith((":", "―", "→")) or ("@" in bare and _ADDRESS.search(bare)) or _ANNOUNCED.search(bare):
        return True
    if bare.endswith(_SENTENCE_ENDS) or _LABELLED_VALUE.match(bare):
        return False
    has_digit = _DIGIT.search(bare) is not None
    return bool(_DATE.search(bare) or _TIME.search(bare)) if has_digit else _DAY_IN_WORDS.search(bare) is not None
