"""The register: offices and reviewers, as read by `mailbot register import` and written by `export`; and its rows.

A row is what a line of a register file says: an office, a person, a 利用者コード, an ID, a mailbox, or a reviewer.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mailbot.model.contract import Office
from mailbot.model.people import ApplicantContact, Reviewer, Role


class RowKind(StrEnum):
    """What a row is, as the column `entry` of a spreadsheet says; what belongs to another row comes after it."""

    OFFICE = "office"
    ADMINISTRATOR = "administrator"
    CONTACT = "contact"
    USER_CODE = "user_code"
    USER_ID = "user_id"
    MAILBOX = "mailbox"
    REVIEWER = "reviewer"


@dataclass(frozen=True)
class RowKey:
    """Which row: its kind, its 事業所コード ("" of a reviewer), and its name in the office.

    The name is the folded address of a contact or reviewer, the 利用者コード, the 利用者ID, the メールボックスID; "" of
    an office and its administrator.
    """

    kind: RowKind
    office: str
    name: str = ""

    def __str__(self) -> str:
        """As an operator names it: `NAC001/contact/taro@naxtrade.example`."""
        return "/".join(part for part in (self.office, self.kind.value, self.name) if part)

    @classmethod
    def parse(cls, text: str) -> "RowKey":
        """The key that is written so.  Raises ValueError."""
        parts = text.split("/", 2)
        if parts[0] == RowKind.REVIEWER.value:
            parts.insert(0, "")
        kinds = {kind.value: kind for kind in RowKind}
        if len(parts) not in (2, 3) or parts[1] not in kinds:
            raise ValueError(f"{text!r}: expected a row as it is shown, as NAC001/contact/taro@naxtrade.example")
        return cls(kinds[parts[1]], *(parts[0], *parts[2:]))


Row = Mapping[str, str]  # the columns of a row as text; without the key


@dataclass(frozen=True)
class Register:
    """All offices and reviewers.

    Of a file: `written_at`, when the desk has written it, None of one that it has not; `last_import`, the number of the
    import that it follows, 0 for none; `new_passwords`: the passwords
    that it gives in clear, by 事業所コード; `stated`: the columns that it has for each row, {} for all of every row;
    `lines`: the number of each row in a spreadsheet.
    """

    offices: tuple[Office, ...] = ()
    reviewers: tuple[Reviewer, ...] = ()
    written_at: datetime | None = field(default=None, compare=False)
    last_import: int | None = field(default=None, compare=False)
    new_passwords: Mapping[str, str] = field(default_factory=dict, compare=False, repr=False)
    stated: Mapping[RowKey, frozenset[str]] = field(default_factory=dict, compare=False, repr=False)
    lines: Mapping[RowKey, int] = field(default_factory=dict, compare=False, repr=False)


@dataclass(frozen=True)
class Registration:
    """One entry of the register with a given address: the office, and the role of the address in it."""

    office: Office
    role: Role  # CONTACT or ADMINISTRATOR
    contact: ApplicantContact
