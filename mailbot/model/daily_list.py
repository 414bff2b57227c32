"""The operators' daily list: its items, what can be done with each, and why something is not.

A line of a reply names one item or several by number, and one action.  `forms/daily_list_lines.py` reads the lines.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

from mailbot.model.people import ApplicantContact
from mailbot.model.standing import Standing


class ItemKind(StrEnum):
    """What an item of the list is.  Mails, newcomers and inquiries are numbered as mails, notices apart."""

    MAIL = "mail"  # quarantined
    NEWCOMER = "newcomer"  # quarantined, of somebody who is not registered and names an office
    NOTICE = "notice"  # that was not delivered
    INQUIRY = "inquiry"  # open


class ListItem(NamedTuple):
    """One item.  `number`: of the mail, or of the notice."""

    kind: ItemKind
    number: int

    @property
    def shown(self) -> str:
        """As the list shows it: `#21`, and `n12` for a notice, as in the commands."""
        return f"{'n' if self.kind is ItemKind.NOTICE else '#'}{self.number}"


class Action(StrEnum):
    """What an operator can do with an item by a line."""

    REGISTER = "register"
    RELEASE = "release"
    DISCARD = "discard"
    RESEND = "resend"
    CLOSE = "close"
    SEND = "send"  # the operator gets the mail of an inquiry, which a reply answers


_QUARANTINED = frozenset({ItemKind.MAIL, ItemKind.NEWCOMER})
# To which kinds of items an action applies; the words for it are in forms/daily_list_lines.py.
APPLIES_TO: dict[Action, frozenset[ItemKind]] = {
    Action.REGISTER: frozenset({ItemKind.NEWCOMER}),
    Action.RELEASE: _QUARANTINED,
    Action.DISCARD: _QUARANTINED,
    Action.RESEND: frozenset({ItemKind.NOTICE}),
    Action.CLOSE: frozenset({ItemKind.INQUIRY}),
    Action.SEND: frozenset({ItemKind.INQUIRY}),
}


class Unclear(StrEnum):
    """Why a line of the reply is asked about; nothing is done."""

    NO_ACTION = "no_action"  # no word that is an action, or words beside it that are not
    NO_NUMBER = "no_number"  # no number, or words that only a person understands
    NOT_LISTED = "not_listed"
    NOT_FOR_THIS = "not_for_this"  # the action is none of this item
    WHICH = "which"  # a mail and a notice have this number
    CONTRADICTION = "contradiction"  # another line wants something else of the same item
    IN_DOUBT = "in_doubt"  # it may be quoted, or other words of the reply say that nothing is decided
    HIDDEN = "hidden"  # invisible characters, or the HTML part says something else
    OTHER_OFFICE = "other_office"  # a 事業所コード that is not the one of the item
    REVIEW = "review"  # an application: its reviewers decide


class Refusal(StrEnum):
    """Why something that was meant is not done."""

    DONE_BEFORE = "done_before"
    TOO_OLD = "too_old"  # the raw mail was deleted by age
    UNREADABLE = "unreadable"
    NO_AUTHOR = "no_author"
    FORGED = "forged"
    NOT_PROVEN = "not_proven"  # not by mail: anybody may have written in this name
    REVIEWER = "reviewer"
    OTHER_OFFICE = "belongs_to_other_office"
    NO_OFFICE = "no_office"
    NOT_REGISTERED = "not_registered"  # releasing it would only quarantine it again
    CONCERN = "concern"  # is answered in reply to its own mail
    TOO_MANY = "too_many"


@dataclass(frozen=True)
class Newcomer:
    """The author of a quarantined mail as the register would have them; or why nobody can be registered.

    `problem`: that in English, for the commands.
    """

    contact: ApplicantContact | None = None
    refusal: Refusal | None = None
    problem: str = ""
    standing: Standing = Standing.UNPROVEN
