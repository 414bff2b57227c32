"""The signature at the end of a mail without a rule above it: names, a company, contact data.

A keyword in a signature is no answer (T-33), its telephone number no correction, and nothing of it is 通知内容.
"""

import re
from collections.abc import Callable, Sequence

from mailbot.lines import is_rule, is_signature_label, label_and_value, without_bullet
from mailbot.text import fold_word, nfkc

_MOST_LINES = 16  # of a signature, without blank ones
_LONGEST_LINE = 160  # characters of a line of a signature
_LONGEST_NAME = 30  # characters of a line with nothing but a name or a department
_CONTACT = re.compile(
    r"https?://|\bwww\.|[^\s@<>]@[^\s@<>]+\.[a-z]|〒|℡|☎|\(?0\d{1,4}\)?[-(（ ]\d{1,4}[-)） ]\d{3,4}|\+\d{1,3}[ -]?\(?\d"
    r"|\b(?:tel|fax|phone|mobile|ext)\b[.:\s]*[+(\d]|(?:電話|携帯|直通|代表|内線|ファック?ス)\s*[:(]?\s*[\d(+]",
    re.I,
)
_ORGANISATION = re.compile(
    r"株式会社|有限会社|合同会社|合資会社|\(株\)|\(有\)|（株）|㈱|㈲|法人|組合|協会|センター|事務所|営業所|支店|支社|本社|出張所|税関"
    r"|[部課係室局班署](?:\s|　|$)|(?:部|課|係|室|局|グループ|チーム)\s?(?:主任|主査|係長|課長|部長|担当"
    r"|長)?\s*$|担当者?\s*$"
    r"|\b(?:inc|ltd|llc|corp|gmbh|co)\b\.?|\b(?:department|dept|division|section|team|office|manager)\b",
    re.I,
)
_PLACE = re.compile(
    r"(?:東京都|北海道|京都府|大阪府|.{2,3}県).{1,12}[市区町村郡]|(?:市|区|町)[^\n]{1,20}\d+(?:-\d+|丁目|番)"
)
_SENTENCE = re.compile(
    r"[。？?]|ください|下さい|(?:です|ます)[(（]|(?:です|ます|した|ません|ください|下さい|願い|たい|ました|こと|ため|ので|から|について|中)[\s.!！、…]*$|[、,]\s*$|^\s*[・*-]"
    r"|\b(?:I|[Ww]e|[Pp]lease|has|have|had|was|were|will|can|could)\s"
)
_CLOSED = re.compile(
    r"(?:よろしく|宜しく|以上|お願い|ありがとう|失礼|草々|敬具|regards|thank|sincerely|cheers|best|いたします|致します|ます)"
    r"[^\n]{0,30}$",
    re.I,
)
_POLITENESS = re.compile(r"(?:よろしく|宜しく|以上|regards|sincerely|cheers)[^\n]{0,30}$", re.I)  # its name is below it
_THANKS = re.compile(
    r"ありがとう|有難う|有り難う|お世話に|お疲れ|承知|了解|かしこまり|失礼(?:いた|し)|thank|cheers", re.I
)
_VALEDICTION = re.compile(  # alone on its line: below it are a name and where it belongs
    r"\s*(?:(?:with )?(?:best|kind|warm(?:est)?|kindest) (?:regards|wishes)|regards|best|cheers"
    r"|(?:yours )?(?:sincerely|faithfully|truly)|many thanks|thanks(?: and (?:best |kind )?regards)?"
    r"|敬具|草々|かしこ)[\s,.!、。]*",
    re.I,
)
_MOST_SIGNED = 5  # lines below it
_REGISTERED = re.compile(r"(?:登録|許可|免許|認可|法人|認証|事業者)番号$")  # of a company: longer than other labels
_CODE = re.compile(r"[0-9A-Z]{2,12}(?:[\s、,・/]+[0-9A-Z]{2,12})*")


def is_signature_line(line: str) -> bool:
    """Whether a line has contact data: a telephone number, an address, a URL, or a label such as TEL."""
    if len(line) > _LONGEST_LINE:
        return False
    flat = nfkc(line)
    found = label_and_value(line)
    if found is not None and is_signature_label(found.label):
        return True
    return bool(_CONTACT.search(flat) or _PLACE.search(flat)) and _SENTENCE.search(flat) is None


def signature_start(
    lines: Sequence[str], last: int, names: Sequence[str], is_own: Callable[[str], bool], *, keeps_contact: bool = False
) -> int:
    """The index of the first line of the signature that ends at `last`; len(lines) when there is none.

    The lines at the end with names, departments and contact data: at least one line of them, and of the topmost
    paragraph, is contact data, an organisation or one of the writer's `names`.  `is_own`: whether a line is a field of
    a form or a keyword.  `keeps_contact`: contact data directly below such a line is none of the signature.
    """
    start = last + 1
    for i in range(last, max(-1, last - 4 * _MOST_LINES), -1):
        line = lines[i]
        if not line.strip() or is_rule(line):
            continue
        if is_own(line) or not _may_sign(line):
            break
        start = i
    if start > last:
        return len(lines)
    start = _below_value(lines, start, names, is_own)
    if _follows_sentence(lines, start, is_own) or (keeps_contact and _follows_own(lines, start, is_own)):
        start = _past_contact(lines, start, names)
    while start <= last and not _has_evidence(paragraph := _paragraph(lines, start, last), names):
        above = _line_above(lines, start)
        if _paragraph_is_last(lines, paragraph, start, last, most=1) and closes_letter(above):
            break
        if _paragraph_is_last(lines, paragraph, start, last, most=_MOST_SIGNED) and _VALEDICTION.fullmatch(above):
            break
        start = _first_shown(lines, start + len(paragraph))
    shown = [line for line in lines[start : last + 1] if line.strip()]
    return start if shown and len(shown) <= _MOST_LINES else len(lines)


def _paragraph(lines: Sequence[str], start: int, last: int) -> Sequence[str]:
    end = start
    while end <= last and lines[end].strip():
        end += 1
    return lines[start:end]


def _paragraph_is_last(lines: Sequence[str], paragraph: Sequence[str], start: int, last: int, *, most: int) -> bool:
    """Whether nothing is below a paragraph, which has at most `most` lines."""
    end = start + len(paragraph)
    return len(paragraph) <= most and not any(line.strip() for line in lines[end : last + 1])


def _first_shown(lines: Sequence[str], start: int) -> int:
    return next((i for i in range(start, len(lines)) if lines[i].strip()), len(lines))


def _has_evidence(paragraph: Sequence[str], names: Sequence[str]) -> bool:
    return any(is_signature_line(line) or _is_organisation(line) or _is_name(line, names) for line in paragraph)


def _below_value(lines: Sequence[str], start: int, names: Sequence[str], is_own: Callable[[str], bool]) -> int:
    """`start`, or farther below: bare words directly below a field may be the rest of its value."""
    above = start - 1
    if above < 0 or not lines[above].strip() or _CLOSED.search(nfkc(lines[above][:_LONGEST_LINE]).strip()):
        blank = above >= 0 and not lines[above].strip()
        return _past_value(lines, start, names, is_own) if blank else start
    return _to_evidence(lines, start, names)


def _follows_own(lines: Sequence[str], start: int, is_own: Callable[[str], bool]) -> bool:
    """Whether a field or a keyword is in the same paragraph above `start`."""
    for above in range(start - 1, max(-1, start - 1 - _MOST_LINES), -1):
        if not lines[above].strip():
            return False
        if is_own(lines[above]):
            return True
    return False


def _follows_sentence(lines: Sequence[str], start: int, is_own: Callable[[str], bool]) -> bool:
    """Whether a sentence is directly above `start` that ends no letter: `下記までお電話ください` and the number."""
    above = lines[start - 1][:_LONGEST_LINE] if start else ""
    if is_own(above) or closes_letter(above) or _SENTENCE.search(nfkc(above)) is None:
        return False
    return _THANKS.search(nfkc(above)) is None and _VALEDICTION.fullmatch(above) is None


def _past_contact(lines: Sequence[str], start: int, names: Sequence[str]) -> int:
    """The first line of the paragraph at `start` with a name or an organisation, or the end of it."""
    while start < len(lines) and lines[start].strip():
        if _is_organisation(lines[start]) or _is_name(lines[start], names):
            break
        start += 1
    return start


def _to_evidence(lines: Sequence[str], start: int, names: Sequence[str]) -> int:
    """The first line of the paragraph at `start` with contact data or the writer's name, or the end of it."""
    while start < len(lines) and lines[start].strip() and not _has_evidence(lines[start : start + 1], names):
        start += 1
    return start


def _past_value(lines: Sequence[str], start: int, names: Sequence[str], is_own: Callable[[str], bool]) -> int:
    """A field without a value may have it below a blank line: those lines are none of a signature."""
    above = _line_above(lines, start)
    found = label_and_value(above)
    if found is None or found.value or not is_own(above):
        return start
    return _to_evidence(lines, start, names)


def _may_sign(line: str) -> bool:
    """A line as signatures have them: contact data, an organisation, or a few words that are no sentence."""
    if len(line) > _LONGEST_LINE:
        return False
    if is_signature_line(line):
        return True
    flat = nfkc(line).strip()
    if _SENTENCE.search(flat) or _CODE.fullmatch(flat):
        return False
    found = label_and_value(line)
    if found is not None:
        is_short = len(found.label) <= 12 or _REGISTERED.search(found.label) is not None
        return is_short and len(found.value) <= 60 and bool(without_bullet(found.label))
    return _is_organisation(line) or (len(flat) <= _LONGEST_NAME and re.search(r"\d{2}|[:=<>\[\]☑☐✓]", flat) is None)


def _is_organisation(line: str) -> bool:
    flat = nfkc(line[:_LONGEST_LINE]).strip()
    return len(flat) <= 60 and _ORGANISATION.search(flat) is not None and _SENTENCE.search(flat) is None


def _is_name(line: str, names: Sequence[str]) -> bool:
    """Whether a line is the writer's name, or a part of it: `審査一郎`, `一郎`, `(審査) 一郎`."""
    key = re.sub(r"[\W_]+", "", fold_word(line[:_LONGEST_LINE]))
    if not 1 < len(key) <= _LONGEST_NAME:
        return False
    keys = [re.sub(r"[\W_]+", "", fold_word(name)) for name in names if name]
    return any(name and (key in name or (name in key and len(key) <= len(name) + 10)) for name in keys)


def _line_above(lines: Sequence[str], start: int) -> str:
    shown = (lines[i] for i in range(start - 1, max(-1, start - 50), -1) if lines[i].strip())
    return next(shown, "")[:_LONGEST_LINE]


def closes_letter(line: str) -> bool:
    """Whether a line is the politeness that closes a mail."""
    return _POLITENESS.search(nfkc(line[:_LONGEST_LINE]).strip()) is not None
