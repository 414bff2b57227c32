"""The person's own new words in a reply.

We know what we wrote: what a reply quotes is first recognised by matching our own sent notices, whatever the client
and its quote marks; only then by the patterns of clients.  A keyword in quoted text must never count, and nothing of
a fresh application may be lost: so the text above the quote is taken as it is, and what is below is the person's only
where it stands unmarked between marked lines and is not ours.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from mailbot.text import nfkc

MARKERS = ("ここから上にご記入ください", "Please write above this line")
LARGEST = 200_000  # characters
_MARKS = re.compile(r"^[\s　]*(?:[>＞|｜≫»][\s　]*)+")
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
_SIGNATURE_MARK = re.compile(r"^(?:--[\s　]?|__[\s　]?)$")
_DEVICE = re.compile(
    r"^[\s　]*(?:(?:iPhone|iPad|Android|スマートフォン|Galaxy|Xperia|au|docomo|ソフトバンク|SoftBank).{0,20}"
    r"から送信(?:しました)?"
    r"|Sent from (?:my|Mail for|Outlook)\b.{0,40}|Outlook for (?:iOS|Android).{0,40}(?:を入手)?"
    r"|Yahoo!メール.{0,20}(?:から送信)?)[\s　]*$",
    re.I,
)
_RULE = re.compile(r"^[\s　]*(?:[-=*_+#~─━―－＝＊＿～◆◇■□☆★・…][\s　]?){5,}[\s　]*$")
_CONTACT_LINE = re.compile(r"TEL|FAX|Tel|Fax|〒|https?://|www\.|E-?mail|Mail|@|株式会社|\(株\)|有限会社", re.I)
_SIGNATURE_LABEL = re.compile(
    r"^[\s　]*(?:TEL|FAX|E-?mail|Mail|URL|HP|Web|携帯|直通|代表|内線|Mobile|Phone|〒)[\s　./]*(?:FAX)?[\s　]*[:：]",
    re.I,
)
_FIELD = re.compile(r"^([^：:＝=\t]{1,40})[：:＝=\t](.*)$")
_TICK = re.compile(r"^[\[［][\s　xXｘＸレ✓✔]?[\]］]|^[☐☑☒□■]")
_WHITE = re.compile(r"[\s　]+")


@dataclass(frozen=True)
class OwnWords:
    """A reply taken apart.

    `quoted` is without its marks; `inline`: the lines of a quoted form of ours that the person changed.
    """

    text: str
    quoted: str = ""
    signature: str = ""
    inline: tuple[str, ...] = ()


def own_words(text: str, sent: Sequence[str]) -> OwnWords:
    """What the person newly wrote in `text`.  `sent`: the texts of our notices that the reply may quote."""
    lines = text[:LARGEST].split("\n")
    ours = _Ours(sent)
    start = _quote_start(lines, ours)
    above, below = lines[:start], lines[start:]
    marked = False  # what stands before the first marked line is the attribution
    quoted: list[str] = []
    own_below: list[str] = []
    previous_quoted = True
    for line in below:
        marked = marked or _MARKS.match(line) is not None
        mine = marked and _is_answer_between(line, ours, previous_quoted)
        (own_below if mine else quoted).append(line)
        previous_quoted = not mine and bool(line.strip())
    own, signature = _cut_signature(_without_marked(above, quoted))
    if any(line.strip() for line in own_below):
        own = [*own, *_cut_signature(own_below)[0]]
    plain = [_MARKS.sub("", line) for line in quoted]
    return OwnWords(_joined(own), _joined(plain), _joined(signature), tuple(_changed_lines(plain, ours)))


def key_of(line: str) -> str:
    """A line as it is compared: without quote marks, white space and width."""
    return _WHITE.sub("", nfkc(_MARKS.sub("", line)))


class _Ours:
    """Our sent notices, for asking whether a line is ours."""

    def __init__(self, sent: Sequence[str]) -> None:
        self.lines: dict[str, None] = {}
        wholes = []
        for text in sent:
            keys = [key for line in text.split("\n") if (key := key_of(line))]
            self.lines.update(dict.fromkeys(keys))
            wholes.append("".join(keys))
        self._whole = "\n".join(wholes)
        self.labels = {m[1] for line in self.lines if (m := _FIELD.match(line))}

    def has_line(self, key: str) -> bool:
        return key in self.lines

    def contains(self, key: str) -> bool:
        """Whether `key` stands anywhere in what we sent: a line that the client wrapped anew."""
        return key in self._whole


def _quote_start(lines: list[str], ours: _Ours) -> int:
    """The index of the first line that belongs to the quoted mail; len(lines) when nothing is quoted."""
    run = _Run(ours)
    for i, line in enumerate(lines):
        if any(marker in nfkc(line) for marker in MARKERS):
            return _back_over_attribution(lines, i)
        if (_DIVIDER.match(line) and _quote_follows(lines, i, ours)) or _is_header_block(lines, i):
            return i
        if _MARKS.match(line) and _is_quote_mark(lines, i, ours):
            return _back_over_attribution(lines, i)
        if run.goes_on(i, line):
            return _back_over_attribution(lines, run.start)
    return len(lines)


class _Run:
    """Sentences of ours one after another, without any mark: a client that quotes without saying so.

    Lines of a form do not count: somebody may fill in a form of ours and send it as a new mail.
    """

    def __init__(self, ours: _Ours) -> None:
        self._ours = ours
        self._sentences = 0
        self.start = 0

    def goes_on(self, i: int, line: str) -> bool:
        """Take the next line; whether it is certain now that our words are quoted, from `start` on."""
        key = key_of(line)
        if not key:
            return False
        if not self._ours.has_line(key):
            self._sentences = 0
        elif len(key) >= 4 and not _is_form_line(line):
            self.start = i if self._sentences == 0 else self.start
            self._sentences += 1
        return self._sentences >= 3


def _is_form_line(line: str) -> bool:
    bare = line.strip()
    return bool(_FIELD.match(bare) or _TICK.match(bare) or _RULE.match(bare) or re.match(r"^[【\[].*[】\]]$", bare))


def _is_quote_mark(lines: list[str], i: int, ours: _Ours) -> bool:
    """`>` begins a quote; a bar only together with a second one or with our words (a table may be drawn with it)."""
    if lines[i].lstrip(" \u3000")[:1] in ">＞≫»":
        return True
    neighbour = i + 1 < len(lines) and _MARKS.match(lines[i + 1]) is not None
    return neighbour and (ours.contains(key_of(lines[i])) or ours.contains(key_of(lines[i + 1])))


def _quote_follows(lines: list[str], i: int, ours: _Ours) -> bool:
    """A row of underscores is a divider only with a header block or our own words behind it."""
    if not _DIVIDER.match(lines[i]) or "_" * 20 not in lines[i]:
        return True
    following = [j for j in range(i + 1, min(i + 6, len(lines))) if lines[j].strip()]
    return bool(following) and (_is_header_block(lines, following[0]) or ours.has_line(key_of(lines[following[0]])))


def _is_header_block(lines: list[str], i: int) -> bool:
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


def _is_answer_between(line: str, ours: _Ours, follows_quote: bool) -> bool:
    """An unmarked line among marked ones: the person's, unless it is the rest of a line the client wrapped."""
    key = key_of(line)
    if not key or _MARKS.match(line) or ours.has_line(key):
        return False
    if any(label.match(line) for label in _LABELS.values()) or any(marker in nfkc(line) for marker in MARKERS):
        return False
    if _ATTRIBUTION_END.search(line) and _ATTRIBUTION_HINT.search(line):
        return False
    return not (follows_quote and ours.contains(key))


def _without_marked(above: list[str], quoted: list[str]) -> list[str]:
    quoted[:0] = [line for line in above if line.lstrip()[:1] == ">"]
    return [line for line in above if line.lstrip()[:1] != ">"]


def _cut_signature(lines: list[str]) -> tuple[list[str], list[str]]:
    """(words, signature).  Only at the end, and never where a line of a form stands."""
    for i, line in enumerate(lines):
        if _SIGNATURE_MARK.match(line) and not _has_fields(lines[i + 1 :]):
            return lines[:i], lines[i:]
        if _DEVICE.match(line) and not any(rest.strip() for rest in lines[i + 1 : i + 20]):
            return lines[:i], lines[i:]
    rules = [i for i, line in enumerate(lines) if _RULE.match(line)]
    for i in rules[-2:]:
        block = [line for line in lines[i:] if line.strip()]
        contact = any(_CONTACT_LINE.search(line) for line in block)
        if len(block) <= 14 and contact and not _has_fields(block) and any(x.strip() for x in lines[:i]):
            return lines[:i], lines[i:]
    return lines, []


def _has_fields(lines: list[str]) -> bool:
    return any(_FIELD.match(line) and not _SIGNATURE_LABEL.match(line) and "://" not in line for line in lines)


def _changed_lines(quoted: list[str], ours: _Ours) -> list[str]:
    """Lines of a form of ours that came back with another value; for ticked lists, the whole list with its label."""
    plain = [line.strip() for line in quoted]
    changed: list[str] = []
    i = 0
    while i < len(plain):
        group_end = i + 1
        while group_end < len(plain) and _TICK.match(plain[group_end]):
            group_end += 1
        group = plain[i:group_end]
        if len(group) > 1:
            if key_of(group[0]) in ours.lines and any(not ours.has_line(key_of(line)) for line in group[1:]):
                changed += group
        elif _is_changed(plain, i, ours):
            changed.append(group[0])
        i = group_end
    return changed


def _is_changed(plain: list[str], i: int, ours: _Ours) -> bool:
    """`項目名：値` with a label of ours and a value that is not, and not merely the first part of a wrapped line."""
    key = key_of(plain[i])
    match = _FIELD.match(key)
    if match is None or match[1] not in ours.labels or ours.has_line(key):
        return False
    longer = [line for line in ours.lines if line.startswith(key)]
    following = next((key_of(line) for line in plain[i + 1 : i + 3] if line), "")
    return not any(following and line[len(key) :].startswith(following[:8]) for line in longer)


def _joined(lines: Sequence[str]) -> str:
    return "\n".join(lines).strip("\n")
