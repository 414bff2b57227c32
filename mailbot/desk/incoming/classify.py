"""A mail that was read, and the records → one Request: what the mail asks for.  Changes nothing."""

from dataclasses import replace
from hashlib import sha256

from mailbot.desk.incoming.automatic import classify_automatic
from mailbot.desk.incoming.for_a_person import for_a_person, intent_of_reader, is_mere_courtesy, names_people_alone
from mailbot.desk.incoming.look_up import Known, sender_of
from mailbot.desk.incoming.newcomer import office_of_form, office_written_for
from mailbot.desk.incoming.prepare import Prepared
from mailbot.desk.incoming.reading import MailReading
from mailbot.desk.incoming.request import Intent, Request
from mailbot.forms.command import receipt_beside_command
from mailbot.forms.confirmation import Confirmation, confirmation
from mailbot.forms.sentences import is_supposed
from mailbot.mail.message import Message
from mailbot.model.application import Application
from mailbot.model.evidence import Result
from mailbot.model.lifecycle import State
from mailbot.model.notice import NoticeKind
from mailbot.model.queued_mail import InboxItem
from mailbot.model.receipt import ReceiptEnd, ReceiptNumber
from mailbot.records.queues import acted_signatures, inbox
from mailbot.text import fold_address

# What says nothing about the office: it is answered at the registered address without any proof.
_ENQUIRIES = frozenset({"form", "help", "example", "schedule", "registration", "office_password"})
_HEADINGS = frozenset({"example", "schedule"})  # words that may also stand above a form that is filled in
_ASKED_BACK = frozenset({"meant", "in_doubt"})
_CHANGES = frozenset({Intent.WITHDRAW, Intent.CORRECT})
_LOOK_UPS = frozenset({"status", "contract", "news", "approval", "paper"})


def classify(prepared: Prepared) -> Request:
    """The request that a mail makes, in the caller's transaction.  First automatic mail, then what a person asks."""
    item, message, known, reading = prepared.item, prepared.message, prepared.known, prepared.reading
    proven = item.evidence.aligned is Result.PASS or item.evidence.confirmed
    request = Request(
        item,
        message,
        Intent.QUARANTINE,
        known.sender,
        reading.own,
        decision=reading.decision,
        command=reading.command,
        forms=reading.forms,
        attached_problems=reading.attached_problems,
        list_lines=reading.list_lines,
        newcomers=prepared.newcomers,
        dedupe_key=dedupe_key(item, message, proven=proven),
        withheld=reading.archive_password,
        notes=_notes(message),
    )
    if message.unreadable:
        return replace(request, reason=message.unreadable)
    if detail := _seen_before(request):
        return replace(request, intent=Intent.RECORD, reason="duplicate", detail=detail, withheld=False)
    if (earlier := _acted_on(item)) is not None:
        detail = f"its DKIM signature was acted on in #{earlier}"
        return replace(request, intent=Intent.RECORD, reason="signature-used", detail=detail, withheld=False)
    if reading.automatic is not None:
        return classify_automatic(request, reading.automatic, reading.failures)
    if reading.for_postmaster:
        return replace(request, reason="for-postmaster")
    request = replace(request, grant=known.grant, application=known.application)
    if message.author_problem:
        return _odd_author(replace(request, reason=message.author_problem), known)
    return _person(request, known, reading)


def _odd_author(request: Request, known: Known) -> Request:
    """A From field that may deceive a reader decides nothing; but a registered person's mail reaches a person."""
    if not request.sender.registrations:
        return replace(request, grant=None, application=None)
    return for_a_person(request, known)


def dedupe_key(item: InboxItem, message: Message, *, proven: bool) -> str:
    """The same mail is the same Message-ID, content and recipients together (T-43): never Message-ID alone.

    A copy that anybody may have sent before is not the same as one whose author is proven.
    """
    recipients = ",".join(sorted({fold_address(r).lower() for r in item.envelope.recipients}))
    same = f"{message.message_id}\n{message.content_hash}\n{recipients}{chr(10) * proven}"
    return sha256(same.encode()).hexdigest()


def _seen_before(request: Request) -> str:
    """Which earlier mail this one repeats, in words; "" when none."""
    item = request.item
    keys = {request.dedupe_key, dedupe_key(item, request.message, proven=True)}
    earlier = inbox.first_with_dedupe_key(keys, item.id)
    return f"the same mail as #{earlier}" if earlier is not None else ""


def _acted_on(item: InboxItem) -> int | None:
    """The earlier mail with a DKIM signature of this one, whose sender the signature proves (T-23)."""
    evidence = item.evidence
    signed = evidence.aligned is Result.PASS or evidence.author_signed
    return acted_signatures.first_mail(evidence.signatures, item.id) if signed else None


def _person(request: Request, known: Known, reading: MailReading) -> Request:
    """What a person asks: the token's scope, then a reviewer's keyword or an applicant's form."""
    if known.answers_challenge is not None or _confirms_without_token(known, reading):
        return replace(request, intent=Intent.CONFIRM)
    if known.answers_inquiry is not None:
        return replace(request, intent=intent_of_reader(request))
    if known.answers_daily_list:
        return replace(request, intent=Intent.OPERATE)
    if known.writes_as_reviewer:
        if is_mere_courtesy(request, known):
            return replace(request, intent=Intent.RECORD, reason="courtesy")
        return replace(request, intent=Intent.DECIDE)
    if reading.archive_password:
        return replace(request, intent=Intent.ARCHIVE_PASSWORD)
    if not request.sender.is_registered:
        request = replace(request, office=office_of_form(request), written_for=office_written_for(request))
    intent = _intent_of_applicant(request, reading)
    in_words = intent is Intent.ENQUIRE and (request.command is None or request.command.kind == "none")
    if intent is Intent.LOOK_UP and known.named is not None:
        request = replace(request, application=known.named)
    in_words = in_words or (intent in _CHANGES and _names_another(request, intent))
    if in_words or (intent is Intent.APPLY and names_people_alone(request, reading)):
        return for_a_person(replace(request, intent=intent), known)
    return replace(request, intent=intent)


def _names_another(request: Request, intent: Intent) -> bool:
    """Whether another application than the one that the mail is about is named: which one is meant?

    The line of the command counts; of a withdrawal, every other line with a whole number too.
    """
    known = request.application
    if known is None:
        return False
    beside = receipt_beside_command(request.command.line) if request.command is not None else None
    if isinstance(beside, ReceiptEnd):
        return known.receipt is None or not beside.fits(known.receipt.end)
    words = request.own.text if intent is Intent.WITHDRAW else str(beside or "")
    return any(one != known.receipt for one in ReceiptNumber.find_all(words))


def _confirms_without_token(known: Known, reading: MailReading) -> bool:
    """A clear answer to a challenge that did not come to its reply address."""
    replies = known.grant is None and known.answered_kind is NoticeKind.CHALLENGE
    return replies and confirmation(reading.own.text) is not Confirmation.UNCLEAR


def _intent_of_applicant(request: Request, reading: MailReading) -> Intent:
    known, kind = request.application, request.command.kind if request.command else "none"
    is_form = any(form.is_form for form in request.forms)
    if kind == "withdraw":
        return Intent.WITHDRAW
    if kind in _ASKED_BACK:
        return Intent.ENQUIRE
    # «form» in the subject over a form that is filled in names what is enclosed, it does not request one.
    names_form = kind in _HEADINGS or (request.command is not None and request.command.from_subject)
    filled_in = names_form and known is None and is_form
    if kind in _ENQUIRIES | _LOOK_UPS and not filled_in:
        return Intent.LOOK_UP if kind in _LOOK_UPS else Intent.ENQUIRE
    if known is not None:
        return _intent_about(request, known, reading)
    if kind == "correct":
        return Intent.CORRECT  # the action asks which application is meant
    # Of a sender who is not registered, an attached table is opened once the office is known and has confirmed.
    unopened = reading.has_tables and not reading.opened and bool(request.sender.is_registered or request.office)
    if not (is_form or request.attached_problems or unopened):
        return Intent.ENQUIRE
    return Intent.SAVE if kind == "save" else Intent.APPLY


def _intent_about(request: Request, known: Application, reading: MailReading) -> Intent:
    """A reply about an application: a draft is submitted by its corrected form, anything else is corrected."""
    kind = request.command.kind if request.command else "none"
    given = request.form.reading.given or request.own.inline or reading.has_tables
    if not (kind in ("correct", "save") or given):
        return Intent.ENQUIRE
    if known.state is State.DRAFT:
        return Intent.SAVE if kind == "save" else Intent.APPLY
    is_prose = kind not in ("correct", "save") and not (request.own.inline or reading.has_tables)
    return Intent.ENQUIRE if is_prose and is_supposed(request.own.text) else Intent.CORRECT


def reading_of(reading: MailReading) -> dict[str, object]:
    """How a person's mail was read, as it is stored with the mail: the same mail and code give the same result."""
    values = {name: value for form in reading.forms for name, value in form.reading.filled.values.items()}
    return {
        "own": reading.own.text,
        "command": reading.command.kind if reading.command else "",
        "decision": reading.decision.kind if reading.decision else "",
        "words": reading.decision.words if reading.decision else "",
        "values": {n: list(v) if isinstance(v, tuple) else v for n, v in values.items()},
        "findings": [finding.code for form in reading.forms for finding in form.reading.findings],
    }


def with_sender_anew(request: Request) -> Request:
    """The same request, its sender as the register knows them now."""
    return replace(request, sender=sender_of(request.message))


def _notes(message: Message) -> tuple[str, ...]:
    return tuple(f"{loss.where}: {loss.note}" for loss in message.losses) + tuple(message.ambiguous)
