"""The command in an applicant's mail: a line of its own, or a subject that is nothing else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from mailbot.forms.field_names import label_key
from mailbot.forms.inquiry_words import is_concern
from mailbot.forms.keyword_lines import NoKeyword, hides_something, word_table
from mailbot.forms.sentences import (
    APPLICANT_DECISIONS,
    APPLICANT_REQUESTS,
    continues_keyword,
    decision_meant,
    has_address_or_number,
    is_hesitant,
    qualifies_withdrawal,
    request_meant,
)
from mailbot.model.applicant_commands import APPLICANT_COMMANDS, ApplicantCommand
from mailbot.model.keyword_words import keyword_in
from mailbot.model.people import Category
from mailbot.model.receipt import RECEIPT, ReceiptEnd, ReceiptNumber
from mailbot.patterns import any_of
from mailbot.text import nfkc, without_edge_marks

_LONGEST_TEXT = 10_000  # characters of the own words in which sentences are looked for
LONGEST_COMMAND_LINE = 60  # characters: the word with a receipt number or the name of a procedure beside it
_CHANGING = frozenset(row.name for row in APPLICANT_COMMANDS if row.event is not None)
_ABOUT_REGISTRATION = frozenset({ApplicantCommand.REGISTRATION, ApplicantCommand.OFFICE_PASSWORD})
_APPLICANT_WORDS = word_table([(row.name, row.words) for row in APPLICANT_COMMANDS])
_RECEIPT = re.compile(rf"[\[【(]?(?<![0-9A-Za-z]){RECEIPT}(?![0-9A-Za-z])[\]】)]?(?:の)?")
_FOUR_DIGITS = re.compile(r"\d\d{3}")
# The end of one: `7896`, `07896C`, `7896番の`; no part of a date, a time or a longer number.
_RECEIPT_END = re.compile(
    r"(?<![0-9A-Za-z./:-])[\[【(#]?(?P<sequence>\d{4,6})(?P<letter>[A-Ca-c])?[\]】)]?(?![0-9A-Za-z./:年月日時-])(?:番|号)?(?:の)?"
)
# With the name of a procedure: `様式：通関士IDの追加`, `通関士IDの追加の記載例をください`.
_FORM_WORDS = {"様式": ApplicantCommand.FORM, "フォーム": ApplicantCommand.FORM, "form": ApplicantCommand.FORM}
_EXAMPLE_WORDS = dict.fromkeys(("記載例", "記入例", "example"), ApplicantCommand.EXAMPLE)
_NAMED = {**_FORM_WORDS, **_EXAMPLE_WORDS}
_NAMES_ONE = any_of(*_NAMED)
_WORD_AND_NAME = re.compile(rf"({'|'.join(_NAMED)})\s*[:：]\s*(.{{2,40}})", re.I)
_NAME_AND_WORD = re.compile(
    rf"(.{{2,40}}?)の?({'|'.join(word for word in _NAMED if not word.isascii())})"
    r"(?:を?(?:お?送付|お送り|送って)?(?:ください|下さい|願います|お願いします)?)?"
)
_SUBJECT_PREFIX = re.compile(r"^\s*(?:(?:re|fw|fwd|返信|転送)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.I)
# What gateways and people put in front of a subject: it is no part of it.
_SUBJECT_TAG = re.compile(
    r"^\s*[\[【<＜(（]\s*(?:[^\]】>＞)）]{0,12}(?:社外|部外|組織外|外部|社内|秘|極秘|重要|至急|緊急|注意|警告|要確認|迷惑|スパム|暗号|ウイルス"
    r"|spam|ext|external|confidential|internal|secure|virus|bulk|suspicious|caution|warning|important|urgent|encrypted)"
    r"[^\]】>＞)）]{0,12}|[\w.-]{1,20}[: #]\s?\d{1,7}|#?\d{1,6})[\]】>＞)）]\s*",
    re.I,
)
_OUR_SUBJECT = re.compile(rf"【[^】]{{1,20}}】|\[{RECEIPT}\]")


@dataclass(frozen=True)
class Command:
    """An applicant's command.  `kind` is its name, or why there is not exactly one."""

    kind: ApplicantCommand | NoKeyword
    line: str = ""
    rest: str = ""  # the text without the command line
    from_subject: bool = False
    meant: ApplicantCommand | None = None  # by a sentence, or by a command in doubt: the applicant is asked
    # Indices of the own lines that are commands; and for each line of `rest` that of its own line, -1 for none.
    at: tuple[int, ...] = field(default=(), compare=False, repr=False)
    rest_at: tuple[int, ...] = field(default=(), compare=False, repr=False)


def applicant_command(
    subject: str, own_words: str, procedures: Iterable[str] = (), before_doubt: str | None = None
) -> Command:
    """An applicant's command: a line of its own in the text, else a subject that is nothing else.

    A receipt number or its end may stand beside the word (`承認通知 2600001A`, `状況 7896`), and one of the names in
    `procedures` beside 様式 and 記載例; that name is left in `rest`.  `before_doubt`: the own words above the first
    line below which no command that changes something counts; None when there is no such line.
    """
    names = frozenset(map(label_key, procedures))
    lines = own_words.split("\n")
    found = [(i, kind) for i, line in enumerate(lines) if (kind := _kind(line, names)) is not None]
    kinds = {kind for _, kind in found}
    at = tuple(i for i, _ in found)
    kept = ((i, (_named_in(line, names)[1] or None) if i in at else line) for i, line in enumerate(lines))
    remaining = [(i, line) for i, line in kept if line is not None]
    rest, rest_at = "\n".join(line for _, line in remaining), tuple(i for i, _ in remaining)
    if len(kinds) > 1:
        return Command(NoKeyword.SEVERAL, "、".join(lines[i].strip() for i, _ in found), rest, at=at, rest_at=rest_at)
    if found and not _says_more(found[0][1], rest):
        first, kind = found[0]
        read = lines[first].strip()
        if _is_in_doubt(kind, lines, first, before_doubt, names):
            return Command(NoKeyword.IN_DOUBT, read, rest, meant=kind, at=at, rest_at=rest_at)
        return Command(kind, read, rest, at=at, rest_at=rest_at)
    bare, replied = _bare_subject(subject)
    kind_of_subject = None if replied else _kind(bare, names)
    every = tuple(range(len(lines)))
    if kind_of_subject is None or found or _says_more(kind_of_subject, own_words):
        return Command(NoKeyword.NONE, "", own_words, rest_at=every)
    _, asked_for = _named_in(bare, names)
    with_subject = "\n".join(filter(None, (asked_for, own_words)))
    return Command(kind_of_subject, bare.strip(), with_subject, True, rest_at=(-1, *every) if asked_for else every)


def is_command(line: str) -> bool:
    """Whether a line is a command."""
    return _kind(line, frozenset()) is not None


def receipt_beside_command(line: str) -> ReceiptNumber | ReceiptEnd | None:
    """The receipt number on the line of a command, whole or its end (`取下げ 7896`); None on any other line."""
    return _receipt_on(line) if is_command(line) else None


def receipt_alone(line: str) -> ReceiptNumber | ReceiptEnd | None:
    """The receipt number, whole or its end, that a line consists of."""
    text = nfkc(without_edge_marks(line)).strip()
    return _receipt_on(text) if _RECEIPT.fullmatch(text) or _RECEIPT_END.fullmatch(text) else None


def _receipt_on(line: str) -> ReceiptNumber | ReceiptEnd | None:
    whole = ReceiptNumber.find(line)
    end = _RECEIPT_END.search(nfkc(line)) if whole is None else None
    if end is None:
        return whole
    return ReceiptEnd(int(end["sequence"]), Category(end["letter"].upper()) if end["letter"] else None)


def command_in_sentence(own_words: str) -> Command:
    """What the sentences of a mail mean that has neither a command nor a line of a form.

    What only asks for something is a command; a withdrawal is only `meant`.
    """
    if is_concern(own_words):
        return Command(NoKeyword.NONE, "", own_words)  # a person reads it, whatever else it asks for
    meant = decision_meant(own_words, APPLICANT_DECISIONS)
    if meant is not None:
        return Command(NoKeyword.MEANT, meant.sentence, own_words, meant=meant.name)
    if any(pattern.search(own_words[:_LONGEST_TEXT]) for pattern in APPLICANT_DECISIONS.values()):
        return Command(NoKeyword.NONE, "", own_words)  # a withdrawal is spoken of: nothing else is assumed
    wanted = request_meant(own_words, APPLICANT_REQUESTS)
    if wanted is not None and wanted.name is ApplicantCommand.REGISTRATION and has_address_or_number(own_words):
        return Command(NoKeyword.NONE, "", own_words)  # it says what to change to: a person reads it
    return Command(wanted.name, wanted.sentence, own_words) if wanted else Command(NoKeyword.NONE, "", own_words)


def _bare_subject(subject: str) -> tuple[str, bool]:
    """(the subject without tags and `Re:`, whether it is that of a reply)."""
    bare, replied = subject, False
    for _ in range(6):
        shorter = _SUBJECT_TAG.sub("", bare, count=1)
        without_prefix = _SUBJECT_PREFIX.sub("", shorter)
        replied = replied or without_prefix != shorter
        if without_prefix == bare:
            break
        bare = without_prefix
    return bare, replied or _OUR_SUBJECT.search(bare) is not None


def _is_in_doubt(
    kind: ApplicantCommand, lines: list[str], at: int, before_doubt: str | None, procedures: frozenset[str]
) -> bool:
    """Whether a command that changes something may be somebody else's, or contradicts what stands above or below it."""
    if kind not in _CHANGING:
        return False
    if before_doubt is not None and all(_kind(line, procedures) is None for line in before_doubt.split("\n")):
        return True
    if kind is not ApplicantCommand.WITHDRAW:
        return False
    below = lines[at + 1 :]
    return is_hesitant("\n".join(lines[:at])) or continues_keyword(below) or qualifies_withdrawal("\n".join(below))


def _says_more(kind: ApplicantCommand, rest: str) -> bool:
    """Whether words beside a question about what is registered say what to change to: a person reads them."""
    return kind in _ABOUT_REGISTRATION and bool(rest.strip())


def _kind(line: str, procedures: frozenset[str]) -> ApplicantCommand | None:
    """The command that a line is, None when it is none."""
    if not line.strip() or len(line) > LONGEST_COMMAND_LINE or hides_something(line):
        return None
    text = nfkc(without_edge_marks(line))
    if _FOUR_DIGITS.search(text):
        text = _RECEIPT.sub(" ", text) if _RECEIPT.search(text) else _RECEIPT_END.sub(" ", text, count=1)
    return _APPLICANT_WORDS.get(keyword_in(text)) or _named_in(line, procedures)[0]


def _named_in(line: str, procedures: frozenset[str]) -> tuple[ApplicantCommand | None, str]:
    """様式 or 記載例 with one of the names in `procedures` beside it, and that name; (None, "") when there is none."""
    text = nfkc(without_edge_marks(line)).strip()
    if not _NAMES_ONE.search(text):
        return None, ""
    if (match := _WORD_AND_NAME.fullmatch(text)) is not None:
        word, name = match[1], match[2]
    elif (match := _NAME_AND_WORD.fullmatch(text)) is not None:
        name, word = match[1], match[2]
    else:
        return None, ""
    return (_NAMED[word.casefold()], name.strip()) if label_key(name) in procedures else (None, "")
