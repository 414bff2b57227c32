"""What a procedure (手続) is: its fields, its rules and its effects.

A procedure is data plus two pure functions.  From `fields` come the empty form, the reading of a filled one
and the field lists in every notice.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as keep
from datetime import date
from enum import StrEnum
from pathlib import Path

from mailbot.business_days import Calendar
from mailbot.model.contract import Office
from mailbot.model.effects import Effect
from mailbot.model.people import Category, Language
from mailbot.model.start_days import StartDays

# A canonical value as it is kept in a revision (JSON): a date is "YYYY-MM-DD", user IDs are 8-character codes.
Value = str | int | bool | tuple[str, ...]


class FieldKind(StrEnum):
    """How a field is written by people and kept by us."""

    LINE = "line"  # one line of free text, kept as typed
    TEXT = "text"  # free text that may run over lines, kept as typed
    KANA = "kana"  # half-width kana become full-width
    CODE = "code"  # folded: NFKC, upper case, no blanks
    PHONE = "phone"  # digits only; hyphens and brackets are taken out
    EMAIL = "email"
    DATE = "date"  # kept as "YYYY-MM-DD"
    CHOICE = "choice"  # kept as the identifier of one of `choices`
    USER_IDS = "user_ids"  # 利用者コード + 識別番号 in one or more blocks; kept as a tuple of 8-character codes
    COUNT = "count"  # a whole number ≥ 0
    FLAG = "flag"  # a tick
    CODES = "codes"  # a list of codes, or lines to tick; kept as a tuple, ("*",) for a lone tick that means all
    COUNTS = "counts"  # a number for each of `choices`; kept as a tuple of "choice=number", 0 left out


class Ticks(StrEnum):
    """What of an office's contract the form offers to tick for a CODES field."""

    NONE = ""
    USER_CODES = "user_codes"
    MAILBOXES = "mailboxes"


ALL = ("*",)  # the value of a CODES field that was ticked as a whole


class Section(StrEnum):
    """Under which heading of the form a field stands."""

    HEAD = "head"
    CONTACT = "contact"  # 【申込担当者】
    CONTENT = "content"  # 【申込内容】


@dataclass(frozen=True)
class Choice:
    """One of the answers a CHOICE field allows."""

    name: str  # identifier
    labels: Mapping[Language, str]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """項目: one line of the form.

    `labels` are the names of NSS's screens; `aliases` are the variants that are understood besides.
    For USER_IDS the label is that of the whole field; its parts (利用者コード, 識別番号) are known to `forms`.
    """

    name: str
    labels: Mapping[Language, str]
    kind: FieldKind
    section: Section = Section.CONTENT
    required: bool = False
    max_length: int | None = None  # characters, not bytes
    aliases: tuple[str, ...] = ()
    choices: tuple[Choice, ...] = ()
    default: Value | None = None
    ticks: Ticks = Ticks.NONE

    def label(self, language: Language) -> str:
        return self.labels[language]

    def choice(self, name: str) -> Choice:
        """The choice called `name`.  Raises KeyError."""
        for choice in self.choices:
            if choice.name == name:
                return choice
        raise KeyError(name)


class ReviewCheck(StrEnum):
    """One line of 確認した事項 in a 審査依頼: what was checked before a reviewer is asked, in the order shown.

    The words are in `templates/checks.*.j2`.
    """

    SENDER_REGISTERED = "sender_registered"
    SENDER_ALIGNED = "sender_aligned"
    SENDER_TOKEN = "sender_token"  # noqa: S105
    IDS_REGISTERED = "ids_registered"
    IDS_IN_USE = "ids_in_use"
    DATE_POSSIBLE = "date_possible"
    NO_OTHER_APPLICATION = "no_other_application"
    ON_SCHEDULE = "on_schedule"  # only where a 利用開始日 is applied for
    SHARING_OFFICES_APPLIED = "sharing_offices_applied"  # only where other offices are waited for


class Severity(StrEnum):
    """Whether a finding stops the application."""

    PROBLEM = "problem"  # 入力不備
    WARNING = "warning"  # accepted, but said prominently
    HINT = "hint"  # good to know


@dataclass(frozen=True)
class Finding:
    """One thing found in a filled form: which field, what was read, what is suggested.

    The words are in templates: `code` is the name of the macro in `findings.*.j2` that says it.
    """

    code: str
    field: str = ""  # Field.name, or "" when no single field is meant
    read: str = ""  # what the person wrote
    suggestion: str = ""  # what was probably meant, only where certain
    severity: Severity = Severity.PROBLEM
    params: Mapping[str, str] = keep(default_factory=dict)  # further values that the words need
    check: ReviewCheck | None = None  # the line of the reviewer's checks that this finding belongs to
    blocks: bool | None = None  # whether it prevents an approval; None: as its severity says

    @property
    def blocks_approval(self) -> bool:
        """Whether an application with this finding cannot be approved."""
        return self.severity is Severity.PROBLEM if self.blocks is None else self.blocks


@dataclass(frozen=True)
class Filled:
    """A form as it was filled in.

    `values`: Field.name → canonical value; a field that was not given is absent.
    `written`: Field.name → the characters the person wrote, for showing back.
    """

    values: Mapping[str, Value] = keep(default_factory=dict)
    written: Mapping[str, str] = keep(default_factory=dict)

    def text(self, name: str) -> str:
        """The value of a text-like field, "" when absent."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else str(value)

    def codes(self, name: str) -> tuple[str, ...]:
        """The value of a USER_IDS or CODES field, () when absent."""
        value = self.values.get(name, ())
        return value if isinstance(value, tuple) else ()

    def is_unreadable(self, name: str) -> bool:
        """Whether something stands there that could not be read: that is a finding already."""
        return bool(self.written.get(name)) and name not in self.values

    def number(self, name: str) -> int:
        """The value of a COUNT field, 0 when absent."""
        value = self.values.get(name, 0)
        return value if isinstance(value, int) else 0

    def counts(self, name: str) -> dict[str, int]:
        """The value of a COUNTS field: choice → number, without zeros."""
        pairs = (one.rpartition("=") for one in self.codes(name))
        return {choice: int(number) for choice, _, number in pairs}

    def day(self, name: str) -> date | None:
        """The value of a DATE field, None when absent."""
        value = self.values.get(name)
        return date.fromisoformat(value) if isinstance(value, str) and value else None


@dataclass(frozen=True)
class Circumstances:
    """What a rule may know besides the form: all of it handed in, none of it fetched."""

    office: Office
    day: date  # today in Asia/Tokyo
    # The subjects of the office's other applications, open or waiting for their 利用開始日: subject → receipt numbers
    open_elsewhere: Mapping[str, tuple[str, ...]] = keep(default_factory=dict)
    start_days: StartDays = keep(default_factory=lambda: StartDays(Calendar()))
    # 利用者コード (or 事業所コード, for mailboxes) → the numbers ever used under it
    used_numbers: Mapping[str, frozenset[str]] = keep(default_factory=dict)
    # 利用者コード → the sharing offices that have not applied for its abolition
    waiting_for: Mapping[str, tuple[str, ...]] = keep(default_factory=dict)


Rules = Callable[[Filled, Circumstances], list[Finding]]
Effects = Callable[[Filled, Circumstances], list[Effect]]
# The items of the contract that a filled form is about, for finding conflicts between open applications; procedures
# agree on the notation of `common_rules.py`.
Subjects = Callable[[Filled], tuple[str, ...]]


def codes_named(filled: Filled) -> tuple[str, ...]:
    """Every code in the form's lists: the subjects of a procedure that defines none of its own."""
    return tuple(code for value in filled.values.values() if isinstance(value, tuple) for code in value)


@dataclass(frozen=True)
class Procedure:
    """手続: one folder under `procedures/`."""

    name: str
    titles: Mapping[Language, str]
    category: Category
    fields: tuple[Field, ...]  # the CONTENT section only; head and contact are common to all procedures
    check: Rules
    effects: Effects
    words: Path  # the folder of what it adds to the common notices
    aliases: tuple[str, ...] = ()  # other names of the procedure, as people write them
    clues: tuple[str, ...] = ()  # words by which a mail without a form shows that it is about this procedure
    subjects: Subjects = codes_named
    starts: bool = False  # whether it changes the contract on a 利用開始日; else what it does is valid at once

    def title(self, language: Language) -> str:
        return self.titles[language]

    def field(self, name: str) -> Field:
        """The field called `name`.  Raises KeyError."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)
