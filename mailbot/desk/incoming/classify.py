"""A mail and the records → one Request: who writes, about what, and what the mail asks for.  Changes nothing."""

from dataclasses import replace
from hashlib import sha256

from mailbot.desk.context import DeskContext
from mailbot.desk.incoming.attached_tables import read_tables
from mailbot.desk.incoming.automatic import classify_automatic
from mailbot.desk.incoming.form import every_field, form_text, read_forms
from mailbot.desk.incoming.request import Intent, Request, Sender
from mailbot.forms.command import Command, applicant_command
from mailbot.forms.decision import reviewer_decision
from mailbot.forms.tables import unfold_tables
from mailbot.mail import bounces, threading
from mailbot.mail.archive_password import contains_archive_password
from mailbot.mail.automatic import Automatic, detect_automatic
from mailbot.mail.message import Message
from mailbot.mail.quoting import OwnWords, own_words
from mailbot.model.application import Application
from mailbot.model.contract import Office
from mailbot.model.lifecycle import State
from mailbot.model.people import Role
from mailbot.model.queued_mail import InboxItem
from mailbot.model.receipt import ReceiptNumber
from mailbot.model.reply_token import ForApplication, ForChallenge, Grant, find_tokens
from mailbot.records.applications import applications, grants
from mailbot.records.queues import inbox, outbox
from mailbot.records.register import offices
from mailbot.text import fold_address

NO_WORDS = OwnWords(text="", quoted="", signature="", inline=())
_ENQUIRIES = frozenset({"form", "help"})
_LOOK_UPS = frozenset({"status", "contract", "news", "approval", "paper"})


def classify(item: InboxItem, message: Message, context: DeskContext) -> Request:
    """The request that `message` makes.  First automatic mail, then what a person asks."""
    sender = _sender(message)
    key = dedupe_key(item, message)
    request = Request(item, message, Intent.SET_ASIDE, sender, NO_WORDS, dedupe_key=key, notes=_notes(message))
    if message.unreadable:
        return _set_aside(request, message.unreadable)
    if (earlier := inbox.first_with_dedupe_key(key, item.id)) is not None:
        return replace(request, intent=Intent.RECORD, reason="duplicate", detail=f"the same mail as #{earlier}")
    automatic = detect_automatic(message, item.envelope)
    if automatic is not None:
        withheld = contains_archive_password(message.subject, message.text)
        return replace(classify_automatic(request, automatic), withheld=withheld)
    if threading.bounce_tags_in(item.envelope.recipients, context.settings.address):
        # Automatic replies go there.  A report without RFC 3464 structure is recognised by its text.
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
    """What a person asks: own words, then the token's scope, then a reviewer's keyword or an applicant's form."""
    procedures, message = context.procedures, request.message
    request = _look_up(request, context)
    sent = outbox.texts_sent_to(request.sender.address, request.item.received_at)
    answered = _answered(request)
    own = own_words(message.text, sent, answered)
    own = replace(own, text=unfold_tables(own.text, every_field(procedures)))
    request = replace(request, own=own)
    if request.grant is not None and isinstance(request.grant.scope, ForChallenge):
        return replace(request, intent=Intent.CONFIRM)
    if _writes_as_reviewer(request):
        html = own_words(message.html_text, sent, answered).text
        return replace(request, intent=Intent.DECIDE, decision=reviewer_decision(own.text, html))
    known = request.application
    attached, problems = read_tables(message, form_text(own, own.text, (), known), known, procedures)
    command = applicant_command(message.subject, own.text, _procedure_names(context))
    forms = read_forms(form_text(own, command.rest, attached, known), message.subject, known, procedures)
    request = replace(request, command=command, forms=forms, attached_problems=problems)
    if contains_archive_password(message.subject, own.text) and not request.form.reading.given:
        return replace(request, intent=Intent.ARCHIVE_PASSWORD, withheld=True)
    if not request.sender.is_registered:
        request = replace(request, office=_office_named(request))
    return replace(request, intent=_intent_of_applicant(request, command, has_tables=bool(attached or problems)))


def _office_named(request: Request) -> Office | None:
    """The office that a form names: whose 管理責任者 can say who its writer is."""
    code = request.form.reading.filled.text("office")
    return offices.office(code) if code else None


def _answered(request: Request) -> str:
    """The text of the notice that is replied to, known by In-Reply-To or References; "" otherwise."""
    ids = (*request.message.in_reply_to, *reversed(request.message.references))
    texts = (outbox.text_sent(message_id, request.sender.address) for message_id in ids)
    return next((text for text in texts if text), "")


def _procedure_names(context: DeskContext) -> list[str]:
    return [name for p in context.procedures.values() for name in (*p.titles.values(), *p.aliases, p.name)]


def _writes_as_reviewer(request: Request) -> bool:
    """By the token if there is one; else a reviewer who is not also an applicant of some office."""
    if request.grant is not None:
        return request.grant.role is Role.REVIEWER
    return request.sender.reviewer is not None and not request.sender.registrations


def _intent_of_applicant(request: Request, command: Command, *, has_tables: bool) -> Intent:
    known = request.application
    is_form = any(form.is_form for form in request.forms)
    if command.kind == "withdraw":
        return Intent.WITHDRAW
    # «form» in the subject over a form that is filled in names what is enclosed, it does not request one.
    filled_in = command.from_subject and known is None and is_form
    if command.kind in _ENQUIRIES | _LOOK_UPS and not filled_in:
        return Intent.LOOK_UP if command.kind in _LOOK_UPS else Intent.ENQUIRE
    if known is not None:
        return _intent_about(request, known, command, has_tables=has_tables)
    if command.kind == "correct":
        return Intent.CORRECT  # the action asks which application is meant
    if not (is_form or request.attached_problems):
        return Intent.ENQUIRE
    return Intent.SAVE if command.kind == "save" else Intent.APPLY


def _intent_about(request: Request, known: Application, command: Command, *, has_tables: bool) -> Intent:
    """A reply about an application: a draft is submitted by its corrected form, anything else is corrected."""
    given = request.form.reading.given or request.own.inline or has_tables
    if not (command.kind in ("correct", "save") or given):
        return Intent.ENQUIRE
    if known.state is State.DRAFT:
        return Intent.SAVE if command.kind == "save" else Intent.APPLY
    return Intent.CORRECT


def reading_of(request: Request) -> dict[str, object]:
    """How a person's mail was read, as it is stored with the mail: the same mail and code give the same result."""
    values = {name: value for form in request.forms for name, value in form.reading.filled.values.items()}
    return {
        "own": request.own.text,
        "command": request.command.kind if request.command else "",
        "decision": request.decision.kind if request.decision else "",
        "words": request.decision.words if request.decision else "",
        "values": {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()},
        "findings": [finding.code for form in request.forms for finding in form.reading.findings],
    }


def with_sender_anew(request: Request) -> Request:
    """The same request, its sender as the register knows them now."""
    return replace(request, sender=_sender(request.message))


def read_again(item: InboxItem, message: Message, context: DeskContext) -> dict[str, object]:
    """The same for a mail of the past, read with the code of today; the intent is not looked at."""
    request = Request(item, message, Intent.ENQUIRE, _sender(message), NO_WORDS)
    return reading_of(_person(request, context))


def _look_up(request: Request, context: DeskContext) -> Request:
    """The mail with its token's grant and the application it is about."""
    grant = _grant(request, context)
    application = None
    if grant is not None and isinstance(grant.scope, ForApplication):
        application = applications.get(grant.scope.application_id)
    return replace(request, grant=grant, application=application or _by_receipt(request))


def _grant(request: Request, context: DeskContext) -> Grant | None:
    """The grant of the first genuine token in the recipients, then in the References (newest last, so backwards)."""
    message = request.message
    tags = threading.tags_in((*request.item.envelope.recipients, *message.to), context.settings.address)
    ids = (*message.in_reply_to, *reversed(message.references))
    for text in (*tags, *ids):
        for token in find_tokens(text):
            if token.has_valid_mac(*context.token_keys) and (grant := grants.find(token)) is not None:
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
