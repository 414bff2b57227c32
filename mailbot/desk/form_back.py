"""Forms that the desk sends: the empty one of a procedure, and a person's own input to correct and send back."""

from mailbot.forms.write import FormLayout, write_form
from mailbot.model.common_fields import COMMON_FIELDS, contact_values
from mailbot.model.contract import Office
from mailbot.model.people import ApplicantContact
from mailbot.model.procedure import Filled, Procedure, Value


def form_back(procedure: Procedure, office: Office, filled: Filled) -> str:
    """The form as it was filled in."""
    return write_form(_layout(procedure, office), filled)


def empty_form(procedure: Procedure, office: Office, contact: ApplicantContact) -> str:
    """The form to fill in, with what the register knows already and the office's IDs to tick."""
    values: dict[str, Value] = {field.name: field.default for field in procedure.fields if field.default is not None}
    values["office"] = office.code
    return write_form(_layout(procedure, office), Filled(values | contact_values(contact)))


def _layout(procedure: Procedure, office: Office) -> FormLayout:
    user_ids = tuple((user_id.full, user_id.method) for user_id in office.user_ids())
    fields = COMMON_FIELDS + procedure.fields
    return FormLayout(procedure.title(office.language), fields, office.language, user_ids)
