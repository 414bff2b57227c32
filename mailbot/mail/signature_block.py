"""The signature at the end of a person's words: cut, because a keyword in it is none (T-33)."""

import re
from collections.abc import Sequence

_FIELD = re.compile(r"^([^：:＝=\t]{1,40})[：:＝=\t](.*)$")
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


def cut_signature(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """(words, signature).  Only at the end, and never where a line of a form stands."""
    lines = list(lines)
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
