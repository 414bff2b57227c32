"""Lines of the operators' daily list, and what became of the lines of a reply to it."""

from datetime import datetime
from typing import NamedTuple

from mailbot.model.daily_list import Action, Refusal, Unclear
from mailbot.model.undelivered import Undelivered


class NewcomerLine(NamedTuple):
    """Somebody who is not registered and writes for an office, in a list."""

    number: int  # of the latest mail
    received: str  # day
    office: str  # 事業所コード that is named
    name: str  # as the mail gives it, perhaps ""
    address: str
    subject: str = ""
    may_register: bool = True  # by a line of a reply; False: anybody may have written in this name


class QuarantinedLine(NamedTuple):
    """A quarantined mail of a known person, or one at which the desk has failed."""

    number: int
    received: str  # day
    author: str  # address; the reverse-path where the mail was not read
    subject: str
    reason: str  # code


class FailedLine(NamedTuple):
    """A notice that was not delivered."""

    number: int
    decided: str  # day
    recipient: str
    subject: str
    reply: str  # the last answer of the relay
    why: Undelivered = Undelivered.OTHER  # what that says


class LineResult(NamedTuple):
    """What became of one line of a reply, or of one item on it.

    `done`: what was carried out; else `unclear` or `refusal`; none of them for a courtesy.
    """

    read: str
    item: str = ""  # `#21`
    done: Action | None = None
    unclear: Unclear | None = None
    refusal: Refusal | None = None
    by: str = ""  # who was first
    at: datetime | None = None
    # Who was registered, the corrected address, the office in question, or the disposition or state by now.
    detail: str = ""
