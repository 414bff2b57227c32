"""Forms that the desk sends: the empty one of a procedure, and a person's own input to correct and send back."""

from mailbot.forms.write import blank_form, filled_form
from mailbot.model.common_fields import CONTACT_FIELDS, HEAD_FIELDS, contact_values
from mailbot.model.contract import Office
from mailbot.model.people import ApplicantContact
from mailbot.model.procedure import Filled, Procedure


def form_back(procedure: Procedure, office: Office, filled: Filled) -> str:
    """The form as it was filled in."""
    return filled_form(
        procedure.title(office.language),
        HEAD_FIELDS + CONTACT_FIELDS,
        procedure.fields,
        office.language,
        office_code=office.code,
        user_ids=_methods(office),
        filled=filled,
    )


def empty_form(procedure: Procedure, office: Office, contact: ApplicantContact) -> str:
    """The form to fill in, with what the register knows already and the office's IDs to tick."""
    return blank_form(
        procedure.title(office.language),
        HEAD_FIELDS + CONTACT_FIELDS,
        procedure.fields,
        office.language,
        office_code=office.code,
        contact=contact_values(contact),
        user_ids=_methods(office),
    )


def _methods(office: Office) -> list[tuple[str, str]]:
    return [(user_id.full, user_id.method) for user_id in office.user_ids()]
