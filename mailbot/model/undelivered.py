"""Why a notice was not delivered, from the last answer about it: what an operator reads in words."""

import re
from enum import StrEnum

_ENHANCED = re.compile(r"(?<![\d.])[245]\.(\d{1,3})\.(\d{1,3})(?![\d.])")  # RFC 3463: class, subject, detail
_CODE = re.compile(r"^\s*([45]\d\d)(?!\d)")  # RFC 5321


class Undelivered(StrEnum):
    """The kinds of failures that an operator does something else about."""

    NO_SUCH_ADDRESS = "no_such_address"
    MAILBOX_FULL = "mailbox_full"
    TOO_LARGE = "too_large"
    REFUSED = "refused"
    UNREACHABLE = "unreachable"
    HELD_BACK = "held_back"
    OTHER = "other"


_DETAILS = {
    (2, 1): Undelivered.NO_SUCH_ADDRESS,  # the mailbox is disabled
    (2, 2): Undelivered.MAILBOX_FULL,
    (2, 3): Undelivered.TOO_LARGE,
    (3, 4): Undelivered.TOO_LARGE,
}
_SUBJECTS = {1: Undelivered.NO_SUCH_ADDRESS, 4: Undelivered.UNREACHABLE, 7: Undelivered.REFUSED}
_CODES = {550: Undelivered.NO_SUCH_ADDRESS, 551: Undelivered.NO_SUCH_ADDRESS, 552: Undelivered.MAILBOX_FULL}
_CODES |= {553: Undelivered.NO_SUCH_ADDRESS, 554: Undelivered.REFUSED}


def undelivered(answer: str) -> Undelivered:
    """The kind of failure of `answer`: of a relay, of a delivery report, or the exception of a connection."""
    if found := _ENHANCED.search(answer):
        subject, detail = int(found[1]), int(found[2])
        return _DETAILS.get((subject, detail)) or _SUBJECTS.get(subject, Undelivered.OTHER)
    if code := _CODE.match(answer):
        return _CODES.get(int(code[1]), Undelivered.OTHER)
    return Undelivered.UNREACHABLE if re.match(r"\w+(?:Error|Timeout|Disconnected)\b", answer) else Undelivered.OTHER
