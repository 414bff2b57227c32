"""Whose mail is it, and what does it ask?  A mail and the records → one Request.  Changes nothing."""

from dataclasses import dataclass, replace
from hashlib import sha256

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.automatic import classify_automatic
from mailbot.desk.incoming.request import Intent, Request, Sender
from mailbot.forms.attached import Table, is_table, read_attached
from mailbot.forms.keywords import Command, applicant_command, reviewer_decision
from mailbot.forms.procedures import procedure_named
from mailbot.forms.read import read_form
from mailbot.forms.tables import rows_to_form, unfold_tables
from mailbot.mail import bounces, threading
from mailbot.mail.archive_password import brings_archive_password
from mailbot.mail.automatic import Automatic, sort_automatic
from mailbot.mail.message import Message
from mailbot.mail.quoting import OwnWords, own_words
from mailbot.model.application import Application
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.model.contract import Office
from mailbot.model.lifecycle import State
from mailbot.model.people import Role
from mailbot.model.procedure import Field, Finding
from mailbot.model.queued_mail import InboxItem
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.reply_token import OF_A_CHALLENGE, Grant, find_tokens
from mailbot.records.applications import applications, grants
from mailbot.records.queues import inbox, outbox
from mailbot.records.register import offices
from mailbot.text import fold_address

MOST_TABLES = 5  # of one mail
TOO_LARGE = Table(problem="table_too_large")
NO_WORDS = OwnWords(text="", quoted="", signature="", inline=())
_ENQUIRIES = frozenset({"form", "help"})
_LOOK_UPS = frozenset({"status", "contract", "news", "approval", "paper"})


@dataclass(frozen=True)
class Found:
    """What the records know about a mail before its words are read."""

    sender: Sender
    grant: Grant | None
    application: Application | None


def classify(item: InboxItem, message: Message, context: DeskContext) -> Request:
    """The request that `message` makes.  First what machines send, then what a person asks."""
    sender = _sender(message)
    key = dedupe_key(item, message)
    request = Request(item, message, Intent.SET_ASIDE, sender, NO_WORDS, dedupe_key=key, notes=_notes(message))
    if message.unreadable:
        return _set_aside(request, message.unreadable)
    if (earlier := inbox.first_with_key(key, item.id)) is not None:
        return replace(request, intent=Intent.RECORD, reason="duplicate", detail=f"the same mail as #{earlier}")
    automatic = sort_automatic(message, item.envelope)
    if automatic is not None:
        withheld = brings_archive_password(message.subject, message.text)
        return replace(classify_automatic(request, automatic), withheld=withheld)
    if threading.bounce_tags_in(item.envelope.recipients, context.settings.address):
        # Robots answer there.  A report that gives no other sign of itself is told by what it says.
        is_report = bool(bounces.failures(item.raw))
        return classify_automatic(request, Automatic("bounce" if is_report else "auto-reply", "at-return-path"))
    if message.author_problem:
        return _set_aside(request, message.author_problem)
    return _person(request, context)


def dedupe_key(item: InboxItem, message: Message) -> str:
    """The same mail is the same Message-ID, content and recipients together (T-43): never Message-ID alone."""
    recipients = ",".join(sorted(fold_address(r) for r in item.envelope.recipients))
    return sha256(f"{message.message_id}\n{message.content_hash}\n{recipients}".encode()).hexdigest()


def _person(request: Request, context: DeskContext) -> Request:
    found = _look_up(request, context)
    sent = outbox.texts_sent_to(found.sender.address, request.item.received_at)
    answered = _answered(request, found)
    own = own_words(request.message.text, sent, answered)
    own = replace(own, text=unfold_tables(own.text, _every_field(context)))
    request = replace(request, own=own, grant=found.grant, application=found.application)
    if found.grant is not None and found.grant.application_id == OF_A_CHALLENGE:
        return replace(request, intent=Intent.CONFIRM)
    if _writes_as_reviewer(found):
        html = own_words(request.message.html_text, sent, answered).text
        return replace(request, intent=Intent.DECIDE, decision=reviewer_decision(own.text, html))
    request = _with_tables(request, context)
    command = applicant_command(request.message.subject, own.text, _procedure_names(context))
    request = replace(request, command=command)
    if brings_archive_password(request.message.subject, own.text) and not _fills_in(request, context):
        return replace(request, intent=Intent.ARCHIVE_PASSWORD, withheld=True)
    if not request.sender.is_registered:
        request = replace(request, office=_office_named(request))
    return replace(request, intent=_ask_of_applicant(request, command, context))


def _office_named(request: Request) -> Office | None:
    """The office that a form names: whose 管理責任者 can say who its writer is."""
    code = read_form(request.form_text, COMMON_FIELDS).filled.text("office")
    return offices.office(code) if code else None


def _with_tables(request: Request, context: DeskContext) -> Request:
    """The attached tables as lines of a form; the first few, whose sizes the reading has bounded."""
    fields = _every_field(context)
    texts: list[str] = []
    locked = [a for a in request.message.attachments if a.encrypted]
    problems: list[Finding] = [Finding("encrypted_zip", read=one.name) for one in locked[:MOST_TABLES]]
    for one in [a for a in request.message.attachments if is_table(a.name)][:MOST_TABLES]:
        table = read_attached(one.name, one.data, fields) if one.data or not one.size else TOO_LARGE
        if table.problem:
            problems.append(Finding(table.problem, read=one.name, params=table.detail))
        else:
            texts.append(rows_to_form(table.rows, _fields_of_table(table, request, context)))
    return replace(request, attached=tuple(texts), attached_problems=tuple(problems))


def _fields_of_table(table: Table, request: Request, context: DeskContext) -> tuple[Field, ...]:
    """Those of the procedure that the table, the mail or its application is about; of all, when nothing tells."""
    lines = "\n".join("：".join(cell for cell in row if cell) for row in table.rows[:50])
    named = procedure_named(lines, titles_of(context))
    if len(named) == 1:
        return COMMON_FIELDS + context.procedures[named[0]].fields
    return (
        _all_fields(request, context)
        if request.application or named_procedures(request, context)
        else _every_field(context)
    )


def _every_field(context: DeskContext) -> tuple[Field, ...]:
    """All fields there are, for knowing a label before it is known which procedure is meant."""
    return COMMON_FIELDS + tuple(field for p in context.procedures.values() for field in p.fields)


def _answered(request: Request, found: Found) -> str:
    """The text of the notice that is replied to, if the threading tells; "" otherwise."""
    ids = (*request.message.in_reply_to, *reversed(request.message.references))
    texts = (outbox.text_sent(message_id, found.sender.address) for message_id in ids)
    return next((text for text in texts if text), "")


def _procedure_names(context: DeskContext) -> list[str]:
    return [name for p in context.procedures.values() for name in (*p.titles.values(), *p.aliases, p.name)]


def _writes_as_reviewer(found: Found) -> bool:
    """By the token if there is one; else a reviewer who is not also an applicant of some office."""
    if found.grant is not None:
        return found.grant.role is Role.REVIEWER
    return found.sender.reviewer is not None and not found.sender.registrations


def _ask_of_applicant(request: Request, command: Command, context: DeskContext) -> Intent:
    known = request.application
    if command.kind == "withdraw":
        return Intent.WITHDRAW
    # «form» in the subject over a form that is filled in names what is enclosed, it does not ask for it.
    filled_in = command.from_subject and known is None and _is_form(request, context)
    if command.kind in _ENQUIRIES | _LOOK_UPS and not filled_in:
        return Intent.LOOK_UP if command.kind in _LOOK_UPS else Intent.ENQUIRE
    if known is not None:
        return _ask_about(request, known, command, context)
    if command.kind == "correct":
        return Intent.CORRECT  # of what, the action will ask
    if not (_is_form(request, context) or request.attached_problems):
        return Intent.ENQUIRE
    return Intent.SAVE if command.kind == "save" else Intent.APPLY


def _fills_in(request: Request, context: DeskContext) -> bool:
    return bool(read_form(request.form_text, _all_fields(request, context)).given)


def _is_form(request: Request, context: DeskContext) -> bool:
    reading = read_form(request.form_text, _all_fields(request, context))
    return reading.is_form or bool(reading.given - {"procedure"} and named_procedures(request, context))


def _ask_about(request: Request, known: Application, command: Command, context: DeskContext) -> Intent:
    """A reply about an application: a draft is submitted by its corrected form, anything else is corrected."""
    reading = read_form(request.form_text, _all_fields(request, context))
    tables = request.attached or request.attached_problems
    if not (command.kind in ("correct", "save") or reading.given or request.own.inline or tables):
        return Intent.ENQUIRE
    if known.state is State.DRAFT:
        return Intent.SAVE if command.kind == "save" else Intent.APPLY
    return Intent.CORRECT


def _all_fields(request: Request, context: DeskContext) -> tuple[Field, ...]:
    """The fields a mail may name: of the application's procedure, of the one named, else of all of them."""
    if request.application is not None and request.application.procedure in context.procedures:
        return COMMON_FIELDS + context.procedures[request.application.procedure].fields
    named = named_procedures(request, context) or tuple(context.procedures)
    fields = {f.name: f for name in named for f in context.procedures[name].fields}
    return COMMON_FIELDS + tuple(fields.values())


def named_procedures(request: Request, context: DeskContext) -> tuple[str, ...]:
    """The procedures the mail names: by its 手続 line or heading, else by its subject."""
    titles = titles_of(context)
    return procedure_named(request.form_text, titles) or procedure_named(request.message.subject, titles)


def titles_of(context: DeskContext) -> dict[str, tuple[str, ...]]:
    """Procedure name → everything it is called."""
    return {p.name: (*p.titles.values(), *p.aliases) for p in context.procedures.values()}


def reading_of(request: Request, context: DeskContext) -> dict[str, object]:
    """What the words of a person's mail were read as: the same mail and the same code give the same again."""
    reading = read_form(request.form_text, _all_fields(request, context))
    return {
        "own": request.own.text,
        "command": request.command.kind if request.command else "",
        "decision": request.decision.kind if request.decision else "",
        "words": request.decision.words if request.decision else "",
        "values": {n: list(v) if isinstance(v, tuple) else v for n, v in reading.filled.values.items()},
        "findings": [finding.code for finding in reading.findings],
    }


def read_again(item: InboxItem, message: Message, context: DeskContext) -> dict[str, object]:
    """The same for a mail of the past, read with the code of today; what it asks for is not looked at."""
    request = Request(item, message, Intent.ENQUIRE, _sender(message), NO_WORDS)
    return reading_of(_person(request, context), context)


def _look_up(request: Request, context: DeskContext) -> Found:
    grant = _grant(request, context)
    application = applications.get(grant.application_id) if grant is not None else None
    if application is None:
        application = _by_receipt(request)
    return Found(request.sender, grant, application)


def _grant(request: Request, context: DeskContext) -> Grant | None:
    """The grant of the first genuine token in the recipients, then in the References (newest last, so backwards)."""
    message = request.message
    tags = threading.tags_in((*request.item.envelope.recipients, *message.to), context.settings.address)
    ids = (*message.in_reply_to, *reversed(message.references))
    for text in (*tags, *ids):
        for token in find_tokens(text):
            if token.is_genuine(*context.token_keys) and (grant := grants.find(token)) is not None:
                return grant
    return None


def _by_receipt(request: Request) -> Application | None:
    """An application named in the subject, if it is one of the sender's own office: a hint, no authority."""
    receipt = ReceiptNumber.find(request.message.subject) or _receipt_on_top(request.message.text)
    application = applications.by_receipt(receipt) if receipt is not None else None
    if application is None or request.sender.registration_at(application.office) is None:
        return None
    return application


def _receipt_on_top(text: str) -> ReceiptNumber | None:
    """A number among the first lines of the text, beside a command or alone; what is quoted does not count."""
    lines = [line for line in text.split("\n") if line.strip()][:5]
    short = (line for line in lines if len(line) <= 60 and not line.lstrip().startswith((">", "＞")))
    return next((found for line in short if (found := ReceiptNumber.find(line)) is not None), None)


def _sender(message: Message) -> Sender:
    address = fold_address(message.author.address)
    if not address:
        return Sender("")
    return Sender(
        address,
        message.author.display_name,
        tuple(offices.registrations(address)),
        offices.reviewer(address),
    )


def _notes(message: Message) -> tuple[str, ...]:
    return tuple(f"{loss.where}: {loss.note}" for loss in message.losses) + tuple(message.ambiguous)


def _set_aside(request: Request, reason: str) -> Request:
    return replace(request, intent=Intent.SET_ASIDE, reason=reason)
