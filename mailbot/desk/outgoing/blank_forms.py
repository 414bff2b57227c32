"""Forms that the desk sends: the empty one of a procedure, and a person's own input to correct and send back."""

from datetime import date

from mailbot.forms.write import FormLayout, field_lines, write_form
from mailbot.model.common_fields import COMMON_FIELDS, contact_values
from mailbot.model.contract import Office
from mailbot.model.people import ApplicantContact
from mailbot.model.procedure import Filled, Procedure, Value
from mailbot.notices.values import Case


def form_back(procedure: Procedure, office: Office, filled: Filled) -> str:
    """The form as it was filled in."""
    return write_form(form_layout(procedure, office), filled)


def content_back(case: Case) -> str:
    """The fields of the procedure as they were filled in, without those of every application: for a correction."""
    layout, filled = form_layout(case.procedure, case.office), case.application.revision.filled
    filled_in = (f for f in case.procedure.fields if filled.values.get(f.name) not in (None, "", (), False))
    return "\n".join(line for field in filled_in for line in field_lines(field, layout, filled))


def empty_form(procedure: Procedure, office: Office, contact: ApplicantContact, today: date) -> str:
    """The form to fill in, with what the register knows already and the office's IDs to tick."""
    return write_form(form_layout(procedure, office, today), _known(procedure, office, contact))


def empty_form_file(procedure: Procedure, office: Office, contact: ApplicantContact, today: date, kind: str) -> bytes:
    """The same as a file.  `kind`: text, xlsx or csv."""
    from mailbot.forms.workbook import write_table_csv, write_workbook  # openpyxl: only `mailbot form` needs it

    layout, filled = form_layout(procedure, office, today), _known(procedure, office, contact)
    match kind:
        case "xlsx":
            return write_workbook(layout, filled)
        case "csv":
            return write_table_csv(layout, filled)
        case _:
            return write_form(layout, filled).encode("utf-8")


def _known(procedure: Procedure, office: Office, contact: ApplicantContact) -> Filled:
    values: dict[str, Value] = {field.name: field.default for field in procedure.fields if field.default is not None}
    values["office"] = office.code
    return Filled(values | contact_values(contact))


def form_layout(procedure: Procedure, office: Office, today: date | None = None) -> FormLayout:
    """What has been abolished is not offered any more."""
    ids = (i for i in office.user_ids() if today is None or not i.abolished(today))
    return FormLayout(
        procedure.title(office.language),
        COMMON_FIELDS + procedure.fields,
        office.language,
        user_ids=tuple((user_id.full, user_id.method) for user_id in ids),
        user_codes=tuple((user_code.code, user_code.business) for user_code in office.user_codes),
        mailboxes=tuple((mailbox.id, mailbox.kind) for mailbox in office.mailboxes),
    )
