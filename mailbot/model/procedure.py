"""`Procedure` (手続): a kind of application, with its form fields, rules and effects, and the values they work on.

A procedure is data and pure functions.  The empty form, the form reader and the field lists in notices are all derived
from `fields`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from dataclasses import field as dataclass_field
from datetime import date
from enum import StrEnum
from functools import cached_property
from pathlib import Path

from mailbot.business_days import Calendar
from mailbot.model.contract import Office
from mailbot.model.effects import Effect
from mailbot.model.people import Category, Language
from mailbot.model.start_days import StartDays

# A canonical value as stored in a revision (JSON): a date is "YYYY-MM-DD", user IDs are 8-character codes.
Value = str | int | bool | tuple[str, ...]


class FieldKind(StrEnum):
    """The syntax of a field's value in a form, and its canonical value."""

    LINE = "line"  # one line of free text, as typed
    TEXT = "text"  # free text of one or more lines, as typed
    KANA = "kana"  # half-width kana become full-width
    CODE = "code"  # folded: NFKC, upper case, no blanks
    PHONE = "phone"  # digits only; hyphens and brackets are removed
    EMAIL = "email"
    DATE = "date"  # "YYYY-MM-DD"
    CHOICE = "choice"  # `Choice.name` of one of `choices`
    USER_IDS = "user_ids"  # 利用者コード + 識別番号 in one or more blocks; a tuple of 8-character codes
    COUNT = "count"  # a whole number ≥ 0
    FLAG = "flag"  # a tick
    CODES = "codes"  # a list of codes, or lines to tick; a tuple, ALL for a single tick of the whole field
    COUNTS = "counts"  # a number for each of `choices`; a tuple of "choice=number", without zeros


class Ticks(StrEnum):
    """The contract items that the form lists with tick boxes for a CODES field."""

    NONE = ""
    USER_CODES = "user_codes"
    MAILBOXES = "mailboxes"


class Change(StrEnum):
    """What an application asks for, where title and notices say which of several things it is.

    Of the contract: to add, to abolish, or both.  Of passwords: those of user IDs, of mailboxes, or of both.
    """

    ADDITION = "addition"
    ABOLITION = "abolition"
    BOTH = "both"
    USER_ID_PASSWORDS = "user_id_passwords"
    MAILBOX_PASSWORDS = "mailbox_passwords"
    ALL_PASSWORDS = "all_passwords"


OTHER_WORDS = "other_words"  # in `Filled.written`: the lines of the mails that are no field; no Field has this name
ALL = ("*",)  # the value of a CODES field whose single tick means every item


class Section(StrEnum):
    """The section of the form that a field belongs to."""

    HEAD = "head"
    CONTACT = "contact"  # 【申込担当者】
    CONTENT = "content"  # 【申込内容】


@dataclass(frozen=True)
class Choice:
    """One of the values of a CHOICE or COUNTS field."""

    name: str  # identifier
    labels: Mapping[Language, str]
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True)
class Field:
    """A field (項目) of the form.

    `labels` are the names on the screens of NSS; `aliases` are further labels that the form reader accepts.
    For USER_IDS the label is that of the whole field; the labels of its parts (利用者コード, 識別番号) are in `forms`.
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
    instead: str = ""  # Field.name of the one that may be given in the place of this required field, or beside it

    def label(self, language: Language) -> str:
        """The label in `language`."""
        return self.labels[language]

    def choice(self, name: str) -> Choice:
        """The choice called `name`.  Raises KeyError."""
        for choice in self.choices:
            if choice.name == name:
                return choice
        raise KeyError(name)


class ReviewCheck(StrEnum):
    """One line of 確認した事項 in a 審査依頼: an automatic check before the review, in the order shown.

    The texts are in `templates/checks.*.j2`.
    """

    SENDER_REGISTERED = "sender_registered"
    SENDER_ALIGNED = "sender_aligned"
    SENDER_TOKEN = "sender_token"  # noqa: S105
    IDS_REGISTERED = "ids_registered"
    IDS_IN_USE = "ids_in_use"
    DATE_POSSIBLE = "date_possible"
    NO_OTHER_APPLICATION = "no_other_application"
    ON_SCHEDULE = "on_schedule"  # only where a 利用開始日 is applied for
    SHARING_OFFICES_APPLIED = "sharing_offices_applied"  # only for a 利用者コード shared with other offices


class Severity(StrEnum):
    """Whether a finding prevents the submission."""

    PROBLEM = "problem"  # 入力不備
    WARNING = "warning"  # accepted, and shown prominently
    HINT = "hint"  # accepted, and shown as advice


@dataclass(frozen=True)
class Finding:
    """One problem, warning or hint about a filled form.

    `code` is the name of the macro in `findings.*.j2` that renders its text.
    """

    code: str
    field: str = ""  # Field.name, "" for a finding about the whole form
    read: str = ""  # the text as typed
    suggestion: str = ""  # the probable correct value, only when it is unique
    severity: Severity = Severity.PROBLEM
    params: Mapping[str, str] = dataclass_field(default_factory=dict)  # further values for the text
    check: ReviewCheck | None = None  # the automatic check that reports this finding, if any
    blocks: bool | None = None  # whether it prevents an approval; None: as its severity says

    @property
    def blocks_approval(self) -> bool:
        """Whether an application with this finding cannot be approved."""
        return self.severity is Severity.PROBLEM if self.blocks is None else self.blocks


@dataclass(frozen=True)
class Filled:
    """The content of a filled form.

    `values`: Field.name → canonical value; a field without a readable value is absent.
    `written`: Field.name → the text as typed, for quoting it in notices; OTHER_WORDS → what was written besides.
    """

    values: Mapping[str, Value] = dataclass_field(default_factory=dict)
    written: Mapping[str, str] = dataclass_field(default_factory=dict)

    @property
    def other_words(self) -> tuple[str, ...]:
        """The lines that people wrote beside the fields, in order."""
        return tuple(line for line in self.written.get(OTHER_WORDS, "").split("\n") if line)

    def text(self, name: str) -> str:
        """The value of a text-like field, "" when absent."""
        value = self.values.get(name, "")
        return value if isinstance(value, str) else str(value)

    def codes(self, name: str) -> tuple[str, ...]:
        """The value of a USER_IDS or CODES field, () when absent."""
        value = self.values.get(name, ())
        return value if isinstance(value, tuple) else ()

    def is_unreadable(self, name: str) -> bool:
        """Whether the field has a text that could not be read as a value; the form reader reports it."""
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
    """The input of rules and effects besides the form, read from the store beforehand."""

    office: Office
    day: date  # today in Asia/Tokyo
    # subject → receipt numbers of the office's other applications that are open or wait for their 利用開始日
    open_elsewhere: Mapping[str, tuple[str, ...]] = dataclass_field(default_factory=dict)
    start_days: StartDays = dataclass_field(default_factory=lambda: StartDays(Calendar()))
    # 利用者コード (or 事業所コード, for mailboxes) → the numbers ever used under it
    used_numbers: Mapping[str, frozenset[str]] = dataclass_field(default_factory=dict)
    # 利用者コード → the sharing offices that have not applied for its abolition
    waiting_for: Mapping[str, tuple[str, ...]] = dataclass_field(default_factory=dict)


Rules = Callable[[Filled, Circumstances], list[Finding]]
Effects = Callable[[Filled, Circumstances], list[Effect]]
# The contract items that a filled form is about, for finding conflicting applications; notation: `common_rules.py`.
Subjects = Callable[[Filled], tuple[str, ...]]


def change_of(*, adds: bool, abolishes: bool) -> Change | None:
    """None when it does neither, as a form that is not complete."""
    if adds and abolishes:
        return Change.BOTH
    return Change.ADDITION if adds else Change.ABOLITION if abolishes else None


def no_change(_: Filled) -> Change | None:
    """The contract stays as it is, or has one kind of change: the default of `Procedure.change`."""
    return None


def codes_named(filled: Filled) -> tuple[str, ...]:
    """Every code in the list fields of the form: the default of `Procedure.subjects`."""
    return tuple(code for value in filled.values.values() if isinstance(value, tuple) for code in value)


@dataclass(frozen=True)
class Procedure:
    """A procedure (手続), defined in one folder under `procedures/`."""

    name: str
    titles: Mapping[Language, str]
    category: Category
    fields: tuple[Field, ...]  # the CONTENT section only; head and contact are common to all procedures
    check: Rules
    effects: Effects
    words: Path  # folder of its templates, which extend those of the common notices
    aliases: tuple[str, ...] = ()  # other names of the procedure, accepted in subject and form
    clues: tuple[str, ...] = ()  # words by which a mail without a form is assigned to the procedure
    deciding_clues: tuple[str, ...] = ()  # those of the clues that decide when clues of other procedures occur as well
    subjects: Subjects = codes_named
    change: Callable[[Filled], Change | None] = no_change
    titles_of_changes: Mapping[Change, Mapping[Language, str]] = dataclass_field(default_factory=dict)
    starts: bool = False  # whether its effects apply on a 利用開始日; otherwise at the approval

    def title(self, language: Language, filled: Filled | None = None) -> str:
        """The title in `language`; of an application with the form `filled`, by what it changes."""
        change = self.change(filled) if filled is not None else None
        titles = self.titles_of_changes.get(change, self.titles) if change is not None else self.titles
        return titles[language]

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Everything that names the procedure in a mail: titles and aliases."""
        of_changes = (title for titles in self.titles_of_changes.values() for title in titles.values())
        return (*self.titles.values(), *of_changes, *self.aliases)

    def field(self, name: str) -> Field:
        """The field called `name`.  Raises KeyError."""
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)
