"""Attached tables as lines of a form: the first few of a mail, whose sizes the reading has bounded."""

from collections.abc import Mapping

from mailbot.desk.incoming.form import every_field, fields_of, named_procedures, titles_of
from mailbot.file_names import is_table
from mailbot.forms.attached import Table, read_attached
from mailbot.forms.procedures import procedure_named
from mailbot.forms.tables import rows_to_form
from mailbot.forms.xlsx_parts import Work
from mailbot.mail.message import Message
from mailbot.model.application import Application
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.model.procedure import Field, Finding, Procedure

MOST_TABLES = 5  # of one mail
_TOO_LARGE = Table(problem="table_too_large")


def has_tables(message: Message) -> bool:
    """Whether a file is attached that may be a table; nothing is opened."""
    return any(one.encrypted or is_table(one.name) for one in message.attachments)


def read_tables(
    message: Message, own: str, application: Application | None, procedures: Mapping[str, Procedure]
) -> tuple[tuple[str, ...], tuple[Finding, ...]]:
    """(each table as lines of a form, why others could not be read).  `own`: the person's own words."""
    fields = every_field(procedures)
    texts: list[str] = []
    locked = [a for a in message.attachments if a.encrypted]
    problems: list[Finding] = [Finding("encrypted_zip", read=one.name) for one in locked[:MOST_TABLES]]
    named = named_procedures(own, message.subject, procedures)
    work = Work()  # of all files together: no office fills in more than one or two large sheets
    for one in [a for a in message.attachments if is_table(a.name)][:MOST_TABLES]:
        table = read_attached(one.name, one.data, fields, work) if one.data or not one.size else _TOO_LARGE
        if table.problem:
            problems.append(Finding(table.problem, read=one.name, params=table.detail))
        else:
            texts.append(rows_to_form(table.rows, _fields(table, named, application, procedures)))
    return tuple(texts), tuple(problems)


def _fields(
    table: Table, named: tuple[str, ...], application: Application | None, procedures: Mapping[str, Procedure]
) -> tuple[Field, ...]:
    """Those of the procedure that the table, the mail or its application names; of all procedures when none does."""
    lines = "\n".join("：".join(cell for cell in row if cell) for row in table.rows[:50])
    titles = titles_of(procedures)
    in_table = procedure_named(lines, titles)
    if len(in_table) == 1:
        return COMMON_FIELDS + procedures[in_table[0]].fields
    return fields_of(named, application, procedures) if application or named else every_field(procedures)
