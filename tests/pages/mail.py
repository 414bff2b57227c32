"""The pages of mails and of reason codes."""

import inspect
import re
from collections.abc import Iterable, Mapping
from itertools import groupby

from mailbot.forms.confirmation import CONFIRMATION_WORDS, Confirmation
from mailbot.model.applicant_commands import APPLICANT_COMMANDS
from mailbot.model.notice import HEADER_VALUES
from mailbot.model.people import Language
from mailbot.model.queued_mail import Disposition
from mailbot.model.reason_advice import advice
from mailbot.model.reasons import REASONS
from mailbot.model.reviewer_keywords import REVIEWER_KEYWORDS
from mailbot.notices.contents import answers, applicant, inquiries, reviewers
from mailbot.notices.contents.answers import Answer
from mailbot.notices.contents.base import Content
from mailbot.procedures import load_procedures
from tests.model.test_reviewer_keywords import TEMPLATES, named

FORMS = """\
# What can be mailed

To the desk's address, or in reply to any of its notices.

## By applicants (申込担当者, 管理責任者)

A form is a mail with lines of `項目名：値`. In a reply to a notice, the changed lines are enough, or the quoted form with changes in it.

A form may also be an attached `.xlsx` or `.csv` file, or a table in the mail: labels with their values beside them, or a row of labels with
one row for each ID below. `mailbot form PROCEDURE OFFICE --format xlsx|csv` writes such files. A mail may contain several forms: each begins
with its `手続：` line and gets a receipt number of its own.

`：` `:` `＝` `=` and tab separate a label from its value; width, order and blank lines do not matter. Behind the exact name of a field a blank,
an arrow, a hyphen or dots do, too; the name may stand in brackets (`【利用者コード】1ANAC`) or above its value, and several fields may share a line.
`[x] [レ] [○] [✔] ☑ ■ ✅` tick; ○ and × mean what they mean beside the other marks of the list, and are asked about where that is open.
Dates may be written 20261130, 2026/11/30, 2026年11月30日 or 令和8年11月30日, and without a year (11/30), or with a short one (26/11/30), where only one
day can be meant; any other day (来週月曜, 最短) is suggested with its weekday. Invisible characters are ignored.

What is no field is kept with the application, and shown in 受付完了 and to the reviewer as «そのほかに書かれていたこと»; only a label that is nearly that of a
field is asked about. Details of the 申込担当者 in a reply count with 修正, beside another field that changes, or below a heading of their own: those of a
signature change nothing. Neither does a notice of the desk that is copied into a reply; `（記入なし）` means blank.
"""
COMMANDS = """
A command is a line of its own, or the whole subject. A receipt number may stand beside it, or on
a line below it; its last four or five digits, with or without the letter (`取下げ 7896`), are enough when one application of the office can be
meant. A 修正 or 取下げ that names another application than the one replied to is passed on to a person.

| a line of its own | |
|---|---|
"""
KEYWORDS = """
## By reviewers, in reply to a 審査依頼

| a line of its own | | event | reason code |
|---|---|---|---|
"""
READING = """
A reply to the daily digest decides line by line: `2600012A 承認`, `2600013C 確認依頼 理由をお知らせください`.

A decision in a sentence (`承認でお願いします`) is only asked about: the answer has a ready reply with the keyword. So is a keyword below a line
that may begin a quote (a divider, an attribution, somebody's name) or below words that nothing is decided yet.

Exactly one kind of keyword is carried out; with several kinds nothing happens, and the reviewer is asked. A keyword in quoted text, a
signature, a subject or an attachment is not read. With `review.four_eyes` the first approval is the event `endorse`, and the approval of
another reviewer completes the review. While a reviewer is absent (an automatic reply to one of our notices says so), the deputy whom the
register names decides instead.

## In reply to a challenge («did you write this?»)

| a line of its own | |
|---|---|
"""
CONFIRMS = {
    Confirmation.YES: "The mail in question is carried out.",
    Confirmation.NO: "Nothing is carried out, and operators are alerted.",
}
NOTICES = """
## What the desk sends

`X-Mailbot-Notice` has the kind of a notice, `X-Mailbot-Receipt` the receipt number. Words are those of the templates, which can be
[changed](../how-to/wordings.md).
"""


def mails_page() -> str:
    help_of = named(Language.EN, "reviewer_keywords")
    command_help = named(Language.EN, "applicant_commands")
    titles = "、".join(p.title(Language.JA) for p in load_procedures().values())
    lines = [
        FORMS,
        f"Procedures: {titles}.",
        COMMANDS + "\n".join(_row(_words(row.words), _sentence(command_help[row.name])) for row in APPLICANT_COMMANDS),
        KEYWORDS
        + "\n".join(
            _row(
                _words(row.words),
                _sentence(_part(help_of[row.name], "help")),
                f"`{row.event}`" if row.event else "",
                f"`{row.reason}`" if row.reason else "",
            )
            for row in REVIEWER_KEYWORDS
        ),
        READING + "\n".join(_row(_words(words), CONFIRMS[said]) for said, words in CONFIRMATION_WORDS.items()),
        NOTICES,
        *(_notices(module) for module in (applicant, reviewers, inquiries, answers)),
        "### The answers\n\n`answers/` has one template for each topic.\n\n| topic | | reason code |\n|---|---|---|",
        *(_answer(path.name.split(".")[0]) for path in sorted((TEMPLATES / "answers").glob("*.en.j2"))),
    ]
    return "\n".join(lines) + "\n"


def _notices(module: object) -> str:
    """A table of the contents that a module defines, under its docstring."""
    classes = [one for _, one in inspect.getmembers(module, inspect.isclass) if one.__module__ == module.__name__]  # type: ignore[attr-defined]
    sent = [one for one in classes if issubclass(one, Content) and hasattr(one, "kind")]
    rows = [
        _row(
            f"`{HEADER_VALUES[one.kind]}`",
            _first_paragraph(one.__doc__),
            "`answers/`" if issubclass(one, Answer) else f"`{one.template}`",
        )
        for one in sorted(sent, key=lambda one: one.__name__)
    ]
    head = ["", f"### {_first_paragraph(module.__doc__).rstrip('.')}", "", "| kind | | template |", "|---|---|---|"]
    return "\n".join([*head, *rows, ""])


def _answer(topic: str) -> str:
    text = (TEMPLATES / "answers" / f"{topic}.en.j2").read_text(encoding="utf-8")
    comment = re.match(r"\{#-\s*(.*?)\s*-?#\}", text, re.S)
    assert comment is not None, f"answers/{topic}.en.j2 begins with no comment"
    reason = REASONS.get(topic.replace("_", "-"))
    answers_a_mail = reason is not None and reason.disposition in (
        Disposition.ANSWERED,
        Disposition.CARRIED_OUT,
        Disposition.PASSED_ON,
    )
    return _row(f"`{topic}`", " ".join(comment[1].split()), f"`{reason.code}`" if reason and answers_a_mail else "")


def reasons_page() -> str:
    lines = [
        "# Reason codes of the mail log",
        "",
        "Each incoming mail ends with one disposition and one reason code (`model/reasons.py`); `mailbot log` shows both; what an operator does",
        "about it stands beside it (`model/reason_advice.py`). Each outgoing mail has the disposition `queued` and its kind as reason code.",
    ]
    for disposition, reasons in groupby(REASONS.values(), key=lambda reason: reason.disposition):
        lines += ["", f"## {disposition}", "", "| reason | what it means | what to do |", "|---|---|---|"]
        lines += [_row(f"`{reason.code}`", reason.meaning, advice(reason.code)) for reason in reasons]
    return "\n".join(lines) + "\n"


def _row(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"


def _words(words: Iterable[str]) -> str:
    return " · ".join(f"`{word}`" for word in words)


def _part(words: Mapping[str, str] | str, part: str) -> str:
    assert not isinstance(words, str)
    return words[part]


def _sentence(words: object) -> str:
    """What a help text says behind the word, as a sentence."""
    text = str(words).strip(" ,").rstrip(".")
    return f"{text[:1].upper()}{text[1:]}."


def _first_paragraph(docstring: str | None) -> str:
    return " ".join((docstring or "").split("\n\n")[0].split())
