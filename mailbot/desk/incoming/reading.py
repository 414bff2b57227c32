"""Everything that a mail's content is read as, before anything is decided: no records, no transaction.

For a sender who may not act, attached files are not opened (`extents.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from mailbot.clock import tokyo_date
from mailbot.desk.incoming.attached_tables import has_tables, read_tables
from mailbot.desk.incoming.contact_details import meant, signed
from mailbot.desk.incoming.form import FormReader, RequestForm, every_field, form_text
from mailbot.desk.incoming.look_up import Known
from mailbot.desk.incoming.pasted import without_pasted
from mailbot.forms.command import Command, applicant_command
from mailbot.forms.decision import Decision, reviewer_decision
from mailbot.forms.tables import unfold_tables
from mailbot.mail import bounces, tagged_addresses
from mailbot.mail.archive_password import contains_archive_password
from mailbot.mail.automatic import Automatic, detect_automatic
from mailbot.mail.message import Message
from mailbot.mail.quoting import OwnWords, own_words
from mailbot.model.procedure import Finding, Procedure
from mailbot.model.queued_mail import InboxItem
from mailbot.model.reply_token import without_reply_links

NO_WORDS = OwnWords(text="", quoted="", signature="", inline=())


@dataclass(frozen=True)
class MailReading:
    """What was read of one mail.  Of automatic mail only what makes it so, and the failures it reports."""

    own: OwnWords = NO_WORDS
    automatic: Automatic | None = None
    failures: tuple[bounces.Failure, ...] = ()
    decision: Decision | None = None
    command: Command | None = None
    forms: tuple[RequestForm, ...] = ()
    attached_problems: tuple[Finding, ...] = ()
    has_tables: bool = False  # attached, whether they could be read or not
    opened: bool = True  # whether attached tables were opened
    archive_password: bool = False  # it brings the password of an encrypted file


def read_mail(
    item: InboxItem, message: Message, known: Known, procedures: Mapping[str, Procedure], desk_address: str
) -> MailReading:
    """`message`, read within the extent for its sender.  Raises any exception that a malformed mail causes."""
    if message.unreadable:
        return MailReading()
    automatic = detect_automatic(message, item.envelope)
    returned = bool(tagged_addresses.bounce_tags_in(item.envelope.recipients, desk_address))
    if automatic is not None or returned:
        failures = tuple(bounces.failures(item.raw))
        password = automatic is not None and contains_archive_password(message.subject, message.text)
        # Automatic replies go to the Return-Path.  A report without RFC 3464 structure is recognised by its text.
        automatic = automatic or Automatic("bounce" if failures else "auto-reply", "at-return-path")
        return MailReading(automatic=automatic, failures=failures, archive_password=password)
    if message.author_problem:
        return MailReading()
    return _words(message, known, procedures, tokyo_date(item.received_at))


def _words(message: Message, known: Known, procedures: Mapping[str, Procedure], today: date) -> MailReading:
    own = own_words(message.text, known.sent, known.answered)
    own = replace(own, text=without_reply_links(own.text))
    if known.answers_challenge is not None or (known.answers_inquiry is not None and not known.writes_as_reviewer):
        return MailReading(own)
    if known.writes_as_reviewer:
        html = own_words(message.html_text, known.sent, known.answered).text
        return MailReading(own, decision=reviewer_decision(own.text, html))
    application = known.application
    own = without_pasted(own, known.sent, in_reply=application is not None)
    own = replace(own, text=unfold_tables(own.text, every_field(procedures)))
    attached: tuple[str, ...] = ()
    problems: tuple[Finding, ...] = ()
    if not message.closed:
        attached, problems = read_tables(message, form_text(own, own.text, (), application), application, procedures)
    command = applicant_command(message.subject, own.text, _names(procedures))
    text = form_text(own, command.rest, attached, application)
    counted = signed(known, command, own)
    forms = FormReader(procedures, application, today, counted).read(text, message.subject)
    forms = tuple(replace(form, reading=meant(form.reading, application, command, counted)) for form in forms)
    password = contains_archive_password(message.subject, own.text) and not forms[0].reading.given
    return MailReading(
        own,
        command=command,
        forms=forms,
        attached_problems=problems,
        has_tables=has_tables(message),
        opened=not message.closed,
        archive_password=password,
    )


def _names(procedures: Mapping[str, Procedure]) -> list[str]:
    return [name for p in procedures.values() for name in (*p.titles.values(), *p.aliases, p.name)]
