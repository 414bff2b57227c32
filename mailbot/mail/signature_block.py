"""The signature at the end of a mail: removed before keywords are looked for, because one in it is no answer (T-33)."""

import re
from collections.abc import Sequence

from mailbot.lines import is_rule, is_signature_label, is_signature_mark, label_and_value

_LONGEST_BLOCK = 14  # lines of a signature below a rule, without blank ones
_DEVICE = re.compile(
    r"^\s*(?:(?:iPhone|iPad|Android|スマートフォン|Galaxy|Xperia|au|docomo|ソフトバンク|SoftBank).{0,20}"
    r"から送信(?:しました)?"
    r"|Sent from (?:my|Mail for|Outlook)\b.{0,40}|Outlook for (?:iOS|Android).{0,40}(?:を入手)?"
    r"|Yahoo!メール.{0,20}(?:から送信)?)\s*$",
    re.I,
)
_CONTACT_LINE = re.compile(r"TEL|FAX|Tel|Fax|〒|https?://|www\.|E-?mail|Mail|@|株式会社|\(株\)|有限会社", re.I)


def cut_signature(lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """(text, signature): the lines before the signature at the end, and the signature, which may be empty.

    Three kinds: below `-- `, a line that a device adds, and a block with contact data below a rule.  Lines with a field
    of a form are no signature.
    """
    lines = list(lines)
    for i, line in enumerate(lines):
        if is_signature_mark(line) and not _has_fields(lines[i + 1 :]):
            return lines[:i], lines[i:]
        if _DEVICE.match(line) and not any(rest.strip() for rest in lines[i + 1 : i + 20]):
            return lines[:i], lines[i:]
    rules = [i for i, line in enumerate(lines) if is_rule(line)]
    for i in rules[-2:]:
        block = [line for line in lines[i:] if line.strip()]
        contact = any(_CONTACT_LINE.search(line) for line in block)
        if len(block) <= _LONGEST_BLOCK and contact and not _has_fields(block) and any(x.strip() for x in lines[:i]):
            return lines[:i], lines[i:]
    return lines, []


def _has_fields(lines: Sequence[str]) -> bool:
    return any(_is_field(line) for line in lines)


def _is_field(line: str) -> bool:
    found = label_and_value(line)
    return found is not None and not is_signature_label(found.label) and "://" not in line
