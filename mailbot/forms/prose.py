"""Lines beside the fields of a form: politeness, the end of the text, headings, and what a reviewer has to see."""

import re
from functools import lru_cache

from mailbot.lines import without_bullet
from mailbot.text import nfkc

_LONGEST = 80  # characters of a line of politeness
_FULL_STOPS = "。.!、,"
_AT_END = tuple(_FULL_STOPS)
_REMEMBERED = 8_192  # lines: each is looked at for every procedure that a form may be for
_PLEASE = r"(?:お願い|御願い)(?:を)?(?:いた|致|申し上げ|申しあげ|し)?.{0,6}"
# Politeness that says nothing else; a line with a further sentence is none.
_COURTESY = re.compile(
    r"(?:いつも|平素は?|平素より|大変|毎々|毎度|日頃より)*(?:大変|格別の?)?(?:お世話|御世話)に?(?:な|成)?.{0,8}"
    r"|お疲れ(?:さま|様).{0,6}|拝啓|敬具|前略|草々|以上(?:です|となります)?|はじめまして|初めまして"
    r"|(?:以上)?[、,]?(?:お忙しい.{0,20}|お手数.{0,20}|ご?(?:確認|検討|対応|査収).{0,10})?[、,]?"
    rf"(?:どうぞ|何卒|なにとぞ|引き続き)?(?:よろしく|宜しく)(?:{_PLEASE})?"
    rf"|(?:以上)?[、,]?(?:ご確認|ご査収|ご対応|ご検討)(?:の?(?:程|ほど))?[、,を]?(?:よろしく|宜しく)?(?:{_PLEASE}|ください|下さい)"
    r"|(?:(?:ご|御)?(?:連絡|返信|対応|回答|確認|案内|受付|受理)[^。]{0,12})?(?:誠に)?(?:有難う|ありがとう|有り難う)(?:ござい).{0,6}"
    r"|(?:下記|以下|次|添付)の?(?:とおり|通り|内容で|[0-9]{0,2}件|様式)?(?:の内容)?[、,]?"
    rf"(?:に?て?)?(?:申し?込み?|申請|提出|送付|お送り)?(?:を)?(?:ます|します|いたします|致します|{_PLEASE})"
    r"|記|.{1,25}(?:御中|様|さま|殿|各位|さん)(?:へ)?"
    r"|(?:dear|hello|hi)\b.{0,40}|(?:best |kind |warm )?regards|thanks?|thank you[^.?]{0,40}|sincerely.{0,10}",
    re.I,
)
_REQUEST = re.compile(rf"(?:下記|以下|添付|次)の?[^0-9]{{0,30}}{_PLEASE}")
_ENDS_OF_INTRODUCTION = ("です", "でございます", "と申します")
_INTRODUCTION = re.compile(
    rf"(?:[^。0-9]{{1,25}}の)?[\u4e00-\u9fff々ァ-ヶー]{{1,6}}(?:{'|'.join(_ENDS_OF_INTRODUCTION)})"
)
_MATTERS = re.compile(  # words of a sentence that says more than who writes and that something is asked for
    r"急|取消|中止|不要|必要|変更|訂正|修正|追加|廃止|失念|別件|再送|希望|予定|退職|不在|承認|誤|間違|以降|以前|まで|のみ|だけ|除|ただし|以外|件名"
)
_CLOSING = re.compile(r"(?:よろしく|宜しく).{0,25}$|(?:有難う|ありがとう|有り難う)ござい")
_CLOSING_START = re.compile(
    r"以上(?:です|となります)?$|敬具$|草々$|(?:best |kind |warm )?regards|thanks?\b|sincerely", re.I
)
_CONTACT_HEADING = re.compile(
    r"(?:申込|申請|お?申し?込み?)?(?:者|担当者?|ご担当者?)(?:様)?(?:の?(?:情報|連絡先|変更|ご?連絡先の?変更))?"
    r"|(?:ご)?(?:連絡先|お?電話番号|メールアドレス)(?:の?(?:情報|変更))?"
    r"|(?:new |change of )?(?:applicant|contact)(?: details?)?",
    re.I,
)
_SLIP = re.compile(
    r"誤(?:り|記)(?:でした|です|だ)|間違い(?:でした|です|だ)|間違え(?:まし|て)|ではなく|じゃなく|正しくは|に訂正|へ訂正"
    r"|instead of|n(?<=\bn)ot\b.{1,20}\bbut\b"
)
_CAPITALS = re.compile(r"[A-Z0-9][A-Z0-9][A-Z0-9]")
_CODE = re.compile(r"(?<![A-Za-z0-9])(?=[A-Z]*[0-9])[A-Z0-9]{3,8}(?![A-Za-z0-9])")
_OWN_HEADINGS = frozenset({"申込内容", "申込担当者", "application", "applicant"})


def is_courtesy(line: str) -> bool:
    """Whether a line is politeness and says nothing about the application (`お世話になっております。通関です。`)."""
    return len(line) <= _LONGEST and _says_nothing(line)


@lru_cache(maxsize=_REMEMBERED)
def _says_nothing(line: str) -> bool:
    sentences = [_bare(one) for one in nfkc(line).split("。")]
    return any(sentences) and all(not one or _is_polite(one) for one in sentences)


def _is_polite(sentence: str) -> bool:
    if _COURTESY.fullmatch(sentence):
        return True
    if _MATTERS.search(sentence) is not None:
        return False
    introduces = sentence.endswith(_ENDS_OF_INTRODUCTION) and _INTRODUCTION.fullmatch(sentence) is not None
    return introduces or _REQUEST.fullmatch(sentence) is not None


def is_closing(line: str) -> bool:
    """Whether a line ends a text, below which a signature may stand (`よろしくお願いいたします`)."""
    return len(line) <= _LONGEST and _closes(line)


@lru_cache(maxsize=_REMEMBERED)
def _closes(line: str) -> bool:
    bare = _bare(line)
    return _CLOSING_START.match(bare) is not None or _CLOSING.search(bare) is not None


def has_words(line: str) -> bool:
    """Whether a line has a letter or a digit: others are drawn (`+----+`, `◇◆◇`)."""
    return any(char.isalnum() for char in line)


def says_otherwise(line: str) -> bool:
    """Whether a sentence takes back a code that stands elsewhere (`識別番号はA0Bの誤りでした`): it is asked about."""
    flat = nfkc(line)
    if _CAPITALS.search(flat) is None or _SLIP.search(flat) is None:
        return False
    return _CODE.search(flat) is not None


def is_contact_heading(line: str) -> bool:
    """Whether a line is a heading above the details of the 申込担当者 (`【申込担当者】`, `■ 連絡先の変更`)."""
    heading = _heading(line)
    return bool(heading) and _CONTACT_HEADING.fullmatch(heading) is not None


def is_own_heading(line: str) -> bool:
    """Whether a heading is one that the forms of the desk have, or one above contact details: it says nothing more."""
    return _heading(line).casefold() in _OWN_HEADINGS or is_contact_heading(line)


@lru_cache(maxsize=_REMEMBERED)
def _heading(line: str) -> str:
    """What stands in brackets or behind a bullet, "" for any other line."""
    bare = line.strip()
    if bare[:1].isalnum():
        return ""
    flat = nfkc(bare[:_LONGEST])
    if flat[:1].isalnum():
        return ""
    inside = without_bullet(flat.strip("【】[]〔〕<>《》〈〉「」()")).strip()
    return inside if inside != flat else ""


def _bare(line: str) -> str:
    bare = nfkc(line).strip()
    while bare.endswith(_AT_END):
        bare = bare.rstrip(_FULL_STOPS).rstrip()
    return bare
