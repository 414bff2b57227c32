"""What is known about the writer of a mail, for recognising the signature and other text that was added to it."""

from collections.abc import Mapping

from mailbot.desk.incoming.form import every_field
from mailbot.desk.incoming.look_up import Known
from mailbot.forms.confirmation import is_answer
from mailbot.forms.field_names import FieldNames
from mailbot.forms.procedures import procedure_named
from mailbot.mail.added_text import LabelKind, Writer
from mailbot.model.common_fields import CONTACT_FIELDS
from mailbot.model.keyword_words import is_command_line
from mailbot.model.procedure import Procedure

# With the procedures themselves, so that no other object can have the id of one of them.
_KNOWN: dict[tuple[int, ...], tuple[FieldNames, Mapping[str, tuple[str, ...]], tuple[Procedure, ...]]] = {}
_CONTACT = frozenset(field.name for field in CONTACT_FIELDS)


def writer_of(known: Known, procedures: Mapping[str, Procedure]) -> Writer:
    """The names that the writer may sign with, and what the labels and words of his lines are."""
    names, titles = _names_in_forms(procedures)
    sender = known.sender

    def kind_of(label: str) -> LabelKind:
        match = names.match(label)
        if match.field is None and not match.candidates:
            return LabelKind.OTHER
        if {field.name for field in match.candidates} <= _CONTACT:
            # A reviewer fills in no form: with a telephone number he signs.
            return LabelKind.OTHER if known.writes_as_reviewer else LabelKind.CONTACT
        return LabelKind.FIELD

    def is_keyword(line: str) -> bool:
        return is_command_line(line) or is_answer(line) or bool(procedure_named(line, titles))

    known_names = [sender.name, *(r.name for r in (sender.reviewer,) if r is not None)]
    known_names += [registration.contact.name for registration in sender.registrations]
    return Writer(
        tuple(filter(None, known_names)),
        known.colleagues,
        kind_of,
        is_keyword,
        corrects_contact=not known.writes_as_reviewer,
    )


def _names_in_forms(procedures: Mapping[str, Procedure]) -> tuple[FieldNames, Mapping[str, tuple[str, ...]]]:
    """The labels of all fields and the titles of all procedures, computed once for each set of procedures."""
    key = tuple(map(id, procedures.values()))
    if key not in _KNOWN:
        titles = {name: p.names for name, p in procedures.items()}
        _KNOWN.clear()
        _KNOWN[key] = (FieldNames(every_field(procedures)), titles, tuple(procedures.values()))
    return _KNOWN[key][:2]


def names_of(procedures: Mapping[str, Procedure]) -> list[str]:
    """Every name of the procedures, as a person may write it."""
    return [name for p in procedures.values() for name in (*p.names, p.name)]
