"""Which details of the 申込担当者 in a mail are meant: a signature has telephone, FAX and address too.

They change an application with 修正, beside another field that changes, or below a heading of their own; in a new
application they count among its fields.  What is not meant stays among the other words.
"""

from mailbot.desk.incoming.look_up import Known
from mailbot.forms.command import Command
from mailbot.forms.field_names import FieldNames
from mailbot.forms.read import Reading
from mailbot.forms.scan import Signed
from mailbot.lines import label_and_value
from mailbot.mail.quoting import OwnWords
from mailbot.model.applicant_commands import ApplicantCommand
from mailbot.model.application import Application
from mailbot.model.common_fields import CONTACT_FIELDS
from mailbot.model.lifecycle import State
from mailbot.text import fold_address

_NAMES = FieldNames(CONTACT_FIELDS)
_CONTACT = frozenset({"office"}.union(field.name for field in CONTACT_FIELDS))
_SAYS_SO = (ApplicantCommand.CORRECT, ApplicantCommand.SAVE)


def signed(known: Known, command: Command, own: OwnWords) -> Signed:
    """Which details count where a signature may stand."""
    changed = (found for line in own.inline if (found := label_and_value(line)) is not None)
    inside_quote = (field.name for found in changed if (field := _NAMES.match(found.label).field) is not None)
    asked = _asked(known.application, known.sender.address) if known.application is not None else frozenset()
    return Signed(
        always=asked.union(inside_quote),
        correcting=command.kind in _SAYS_SO,
        everything=not known.sender.is_registered,
    )


def meant(reading: Reading, application: Application | None, command: Command, counted: Signed) -> Reading:
    """`reading` without the details of the contact that the writer of a reply did not mean to change."""
    if application is None or application.state is State.DRAFT or command.kind in _SAYS_SO:
        return reading
    if any(_changes(name, reading, application) for name in reading.given - _CONTACT):
        return reading
    return reading.without(_CONTACT & reading.given - reading.under_heading - counted.always)


def _changes(name: str, reading: Reading, application: Application) -> bool:
    before = (application.pending or application.revision.filled).values.get(name, "")
    return name != "procedure" and (reading.filled.values.get(name, "") or "") != (before or "")


def _asked(application: Application, sender: str) -> frozenset[str]:
    """The details that a draft still lacks, or that could not be read: an answer to 入力不備 gives them."""
    if application.state is not State.DRAFT:
        return frozenset()
    filled = application.revision.filled
    lacking = {
        f.name for f in CONTACT_FIELDS if filled.is_unreadable(f.name) or (f.required and not filled.text(f.name))
    }
    other_address = fold_address(filled.text("contact_email")) not in ("", fold_address(sender))
    return frozenset(lacking | ({"contact_email", "contact_email_again"} if other_address else set()))
