"""The command in an applicant's mail: a line of its own, or a subject that is nothing else."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from mailbot.forms.field_names import label_key
from mailbot.forms.keyword_lines import NoKeyword, keyword_in, word_table
from mailbot.model.applicant_commands import APPLICANT_COMMANDS, ApplicantCommand
from mailbot.text import has_invisible, nfkc

LONGEST_COMMAND_LINE = 60  # characters: the word with a receipt number or the name of a procedure beside it
_APPLICANT_WORDS = word_table([(row.name, row.words) for row in APPLICANT_COMMANDS])
_RECEIPT = re.compile(r"[\[【(]?(?<![0-9A-Za-z])\d{7}[A-Ca-c](?![0-9A-Za-z])[\]】)]?(?:の)?")
_FORM_OF = re.compile(r"(?:様式|フォーム|form)\s*[:：]\s*(.{2,40})", re.I)
_OWN_FORM = re.compile(
    r"(.{2,40}?)の?(?:様式|フォーム)(?:を?(?:お?送付|お送り)?(?:ください|下さい|願います|お願いします)?)?"
)
_SUBJECT_PREFIX = re.compile(r"^\s*(?:(?:re|fw|fwd|返信|転送)\s*(?:\[\d+\])?\s*[:：]\s*)+", re.I)
_OUR_SUBJECT = re.compile(r"【[^】]{1,20}】|\[\d{7}[A-C]\]")


@dataclass(frozen=True)
class Command:
    """An applicant's command.  `kind` is its name, or why there is not exactly one."""

    kind: ApplicantCommand | NoKeyword
    line: str = ""
    rest: str = ""  # the text without the command line
    from_subject: bool = False


def applicant_command(subject: str, own_words: str, procedures: Iterable[str] = ()) -> Command:
    """An applicant's command: a line of its own in the text, else a subject that is nothing else.

    A receipt number may stand beside the word (`承認通知 2600001A`), and one of the names in `procedures` beside 様式;
    that name is left in `rest`.
    """
    names = frozenset(map(label_key, procedures))
    lines = own_words.split("\n")
    found = [(i, kind) for i, line in enumerate(lines) if (kind := _kind(line, names)) is not None]
    kinds = {kind for _, kind in found}
    at = {i for i, _ in found}
    kept = ((_form_asked_for(line, names) or None) if i in at else line for i, line in enumerate(lines))
    rest = "\n".join(line for line in kept if line is not None)
    if len(kinds) > 1:
        return Command(NoKeyword.SEVERAL, "、".join(lines[i].strip() for i, _ in found), rest)
    if found:
        return Command(found[0][1], lines[found[0][0]].strip(), rest)
    bare = _SUBJECT_PREFIX.sub("", subject)
    replied = bare != subject or _OUR_SUBJECT.search(subject) is not None
    kind = None if replied else _kind(bare, names)
    if kind is None:
        return Command(NoKeyword.NONE, "", own_words)
    return Command(kind, bare.strip(), "\n".join(filter(None, (_form_asked_for(bare, names), own_words))), True)


def _kind(line: str, procedures: frozenset[str]) -> ApplicantCommand | None:
    """The command that a line is, None when it is none."""
    if len(line) > LONGEST_COMMAND_LINE or has_invisible(line):
        return None
    alone = _APPLICANT_WORDS.get(keyword_in(_RECEIPT.sub(" ", nfkc(line))))
    return alone or (ApplicantCommand.FORM if _form_asked_for(line, procedures) else None)


def _form_asked_for(line: str, procedures: frozenset[str]) -> str:
    """`様式：通関士IDの追加` or `通関士IDの追加の様式`: the name beside the word, "" when there is none."""
    text = nfkc(line).strip()
    match = _FORM_OF.fullmatch(text) or _OWN_FORM.fullmatch(text)
    return match[1].strip() if match and label_key(match[1]) in procedures else ""
