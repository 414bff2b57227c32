"""Everything that a mail's content is read as, before anything is decided: no records, no transaction.

For a sender who may not act, attached files are not opened (`extents.py`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from mailbot.clock import tokyo_date
from mailbot.desk.incoming.attached_tables import has_tables, read_tables
from mailbot.desk.incoming.contact_details import meant, signed
from mailbot.desk.incoming.form import FormReader, RequestForm, every_field, form_rows, text_of
from mailbot.desk.incoming.line_kinds import rest_of, with_answer, with_decision, with_forms, with_list_lines
from mailbot.desk.incoming.look_up import Known
from mailbot.desk.incoming.pasted import without_pasted
from mailbot.desk.incoming.writer import names_of, writer_of
from mailbot.forms.command import Command, applicant_command, command_in_sentence
from mailbot.forms.confirmation import Confirmation, confirmation
from mailbot.forms.daily_list_lines import ListLine, list_lines
from mailbot.forms.decision import Decision, reviewer_decision
from mailbot.forms.keyword_lines import NoKeyword
from mailbot.forms.tables import unfold_tables
from mailbot.mail import bounces
from mailbot.mail.added_text import Writer
from mailbot.mail.archive_password import contains_archive_password
from mailbot.mail.automatic import Automatic, automatic_by_structure, automatic_by_words, is_absence_notice
from mailbot.mail.message import Message
from mailbot.mail.quoting import OwnWords, all_as, own_words
from mailbot.mail.sent import key_of
from mailbot.mail.tagged_addresses import bounce_tags_in, is_postmaster
from mailbot.masking import without_reply_links
from mailbot.model.lifecycle import Event
from mailbot.model.procedure import Finding, Procedure
from mailbot.model.queued_mail import InboxItem
from mailbot.model.read_line import OWN_KINDS, LineKind, ReadLine
from mailbot.model.reviewer_keywords import ReviewerKeyword

NO_WORDS = OwnWords()


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
    answers_challenge: bool = False
    list_lines: tuple[ListLine, ...] = ()  # of a reply to the daily list
    for_postmaster: bool = False  # it came to postmaster and to no address of the desk: for the operators

    @property
    def asks_something(self) -> bool:
        """Whether anything was found that a person asks or decides: a form line, a tick, a keyword, a file."""
        if self.own.inline or self.has_tables or self.archive_password or self.answers_challenge:
            return True
        if any(form.reading.given or form.named for form in self.forms):
            return True
        if any(line.action for line in self.list_lines):
            return True
        kinds = (
            self.decision.kind if self.decision else NoKeyword.NONE,
            self.command.kind if self.command else NoKeyword.NONE,
        )
        return any(kind is not NoKeyword.NONE for kind in kinds)


def read_mail(
    item: InboxItem, message: Message, known: Known, procedures: Mapping[str, Procedure], desk_address: str
) -> MailReading:
    """`message`, read within the extent for its sender.  Raises any exception that a malformed mail causes."""
    if message.unreadable:
        return MailReading()
    automatic = automatic_by_structure(message, item.envelope)
    if bounce_tags_in(item.envelope.recipients, desk_address):
        return _returned(item, message, automatic)
    if automatic is not None and (automatic.certain or not known.sender.is_registered):
        return _automatic(item, message, automatic)
    recipients = item.envelope.recipients
    if recipients and all(is_postmaster(one, desk_address) for one in recipients):
        return MailReading(all_as(message.text, LineKind.OTHER), for_postmaster=True)
    if message.author_problem and not known.sender.is_registered:
        return MailReading()
    reading = _words(message, known, procedures, tokyo_date(item.received_at))
    if not reading.asks_something:
        automatic = automatic or automatic_by_words(message, f"{reading.own.text}\n{reading.own.signature}")
        return reading if automatic is None else _automatic(item, message, automatic)
    return _beside_absence(reading, message)


def _beside_absence(reading: MailReading, message: Message) -> MailReading:
    """A decision below the words of an absence notice may be part of one: the reviewer is asked (T-38)."""
    decision = reading.decision
    if decision is None or decision.event is not Event.APPROVE:
        return reading
    above = reading.own.text.partition(decision.read)[0]
    if not above.strip() or automatic_by_words(message, above) is None:
        return reading
    return replace(reading, decision=Decision(NoKeyword.IN_DOUBT, read=decision.read, meant=ReviewerKeyword.APPROVE))


def _returned(item: InboxItem, message: Message, automatic: Automatic | None) -> MailReading:
    """Mail at the Return-Path of a notice: a report, in whatever form, or an automatic reply."""
    reading = _automatic(item, message, automatic or Automatic("auto-reply", "at-return-path"))
    failures = reading.failures
    if not failures and not is_absence_notice(message):
        in_words = bounces.failure_in_words(message.subject, message.text)
        failures = (in_words,) if in_words is not None else ()
    if failures and (automatic is None or automatic.kind != "own"):
        reason = automatic.reason if automatic is not None else "at-return-path"
        return replace(reading, automatic=Automatic("bounce", reason), failures=failures)
    return reading


def _automatic(item: InboxItem, message: Message, automatic: Automatic) -> MailReading:
    password = contains_archive_password(message.subject, message.text)
    own = all_as(message.text, LineKind.AUTOMATIC)
    return MailReading(own, automatic, failures=tuple(bounces.failures(item.raw)), archive_password=password)


def _words(message: Message, known: Known, procedures: Mapping[str, Procedure], today: date) -> MailReading:
    """What a person wrote.  Each step takes the lines and hands them on, with what it has found about them."""
    writer = writer_of(known, procedures)
    typed = own_words(message.text, known.sent, known.answered, writer, structure=message.quoted_by_structure)
    own = _without_links(typed)
    if _may_be_unseen(own, message):
        return _in_doubt(own, message, known)
    if known.answers_challenge is not None:
        answers = confirmation(own.text) is not Confirmation.UNCLEAR
        return MailReading(with_answer(own), answers_challenge=answers)
    if known.answers_daily_list:
        return _operators_words(own, _shown_as_html(typed, message, known, writer), known)
    if known.answers_inquiry is not None and not known.writes_as_reviewer:
        return MailReading(own)
    if known.writes_as_reviewer:
        return _reviewers_words(
            own, _shown_as_html(typed, message, known, writer), _certain_of(own, message, known, writer)
        )
    own = without_pasted(own, known.sent, in_reply=known.application is not None)
    return _applicants_words(_with_tables(own, procedures), message, known, procedures, today)


def _may_be_unseen(own: OwnWords, message: Message) -> bool:
    """Whether the writer, or whoever passed the text on, may not have seen some of the own words (T-35)."""
    if not message.doubtful:
        return False
    words = "".join(map(key_of, (*own.text.split("\n"), *own.inline)))
    return any((key := key_of(piece)) and key in words for piece in message.doubtful)


def _in_doubt(own: OwnWords, message: Message, known: Known) -> MailReading:
    """Nothing of it is read: a decision or a confirmation is asked for again, anything else is for a person."""
    unread = all_as(message.text, LineKind.UNSEEN)
    if known.writes_as_reviewer:
        return MailReading(unread, decision=Decision(NoKeyword.UNCLEAR))
    if known.answers_challenge is not None or known.answers_inquiry is not None or known.answers_daily_list:
        return MailReading(unread)
    return MailReading(own)


def _shown_as_html(typed: OwnWords, message: Message, known: Known, writer: Writer) -> str | None:
    """The own words as a client that prefers HTML shows them; None without HTML."""
    if message.html_text == message.text:
        return typed.text
    if not message.has_page_beside:
        return None
    return own_words(message.html_text, known.sent, known.answered, writer).text


def _certain_of(own: OwnWords, message: Message, known: Known, writer: Writer) -> str | None:
    """Like `_certain`, in the first text part alone: a later one may be a forwarded text, or a footer (T-36)."""
    if len(message.alternatives) <= 1:
        return _certain(own)
    first = next((text for _, text in message.alternatives if text.strip()), "")
    return own_words(first, known.sent, known.answered, writer).before_doubt_of_keyword


def _reviewers_words(own: OwnWords, html: str | None, certain: str | None) -> MailReading:
    in_doubt = own.before_doubt != own.text or own.signed_by_colleague
    decision = reviewer_decision(own.text, html, certain, words_in_doubt=in_doubt)
    return MailReading(with_decision(own, decision), decision=decision)


def _operators_words(own: OwnWords, html: str | None, known: Known) -> MailReading:
    certain = own.before_doubt_of_keyword
    in_doubt = own.text[len(certain) :] if own.text.startswith(certain) else own.text
    lines = list_lines(certain, in_doubt, known.listed, html)
    return MailReading(with_list_lines(own, lines), list_lines=lines)


def _applicants_words(
    own: OwnWords, message: Message, known: Known, procedures: Mapping[str, Procedure], today: date
) -> MailReading:
    application = known.application
    attached: tuple[str, ...] = ()
    problems: tuple[Finding, ...] = ()
    if has_tables(message) and not message.closed:
        text = text_of(form_rows(own, own.rows, (), application))
        attached, problems = read_tables(message, text, application, procedures)
    command = applicant_command(message.subject, own.text, names_of(procedures), _certain(own))
    rows = form_rows(own, rest_of(own, command), attached, application)
    if application is not None and own.before_doubt != own.text:
        # A line below what may begin a quote changes nothing of it.
        rows = form_rows(own, own.rows_before_doubt, attached, application)
    counted = signed(known, command, own)
    forms = FormReader(procedures, application, today, counted).read(rows, message.subject)
    forms = tuple(replace(form, reading=meant(form.reading, application, command, counted)) for form in forms)
    given = any(form.reading.given for form in forms) or own.inline or has_tables(message)
    if command.kind is NoKeyword.NONE and not given:
        command = command_in_sentence(own.text)
    password = contains_archive_password(message.subject, own.text) and not forms[0].reading.given
    return MailReading(
        with_forms(own, forms, command),
        command=command,
        forms=forms,
        attached_problems=problems,
        has_tables=has_tables(message),
        opened=not message.closed,
        archive_password=password,
    )


def _certain(own: OwnWords) -> str | None:
    """The own words in which a keyword counts; None when it counts in all of them."""
    return own.before_doubt_of_keyword if own.before_doubt_of_keyword != own.text else None


def _without_links(own: OwnWords) -> OwnWords:
    """What is read in the place of a line with links of ours: the line without them."""
    return replace(own, lines=tuple(map(_without_link, own.lines)))


def _without_link(line: ReadLine) -> ReadLine:
    bare = without_reply_links(line.text)
    return line if bare == line.text or line.kind not in OWN_KINDS else line._replace(read_as=(bare,))


def _with_tables(own: OwnWords, procedures: Mapping[str, Procedure]) -> OwnWords:
    """What is read in the place of the rows of a table: the lines of a form."""
    rows = own.rows
    pieces = unfold_tables([line for _, line in rows], every_field(procedures))
    read_as = {at: piece for (at, line), piece in zip(rows, pieces, strict=True) if piece != (line,)}
    if not read_as:
        return own
    lines = (line._replace(read_as=read_as[i]) if i in read_as else line for i, line in enumerate(own.lines))
    return replace(own, lines=tuple(lines))
