"""A newcomer: somebody who is not registered and writes for an office, after a change of its people (担当者交代)."""

import re
from dataclasses import replace
from itertools import islice

from mailbot.desk.incoming.form import RequestForm
from mailbot.desk.incoming.request import Request, Sender
from mailbot.model.common_fields import contact_of
from mailbot.model.contract import Office
from mailbot.model.people import ApplicantContact
from mailbot.records.register import offices
from mailbot.text import fold_address, nfkc, one_line, remove_invisible

MOST_CODES = 20  # that are looked up; a stranger's mail must not cost more
LONGEST_NAME = 60  # characters
FIRST_CHARACTERS = 1000  # of the own text, in which somebody says who writes
_CODE = re.compile(r"(?<![A-Z0-9])(?=[A-Z]*[0-9])[A-Z0-9]{4,10}(?![A-Z0-9])")


def office_of_form(request: Request) -> Office | None:
    """The office that a form names: whose 管理責任者 can say who its writer is."""
    code = request.form.reading.filled.text("office")
    return offices.office(code) if code else None


def office_written_for(request: Request) -> Office | None:
    """The first office that is named in the form, the subject, or where the text begins; in the caller's transaction.

    Whoever writes this is not believed: it only tells the operators whom to ask.
    """
    words = nfkc(f"{request.message.subject}\n{request.own.text[:FIRST_CHARACTERS]}").upper()
    codes = islice(dict.fromkeys(_CODE.findall(words)), MOST_CODES)
    return office_of_form(request) or next(filter(None, map(offices.office, codes)), None)


def is_colleague(sender: Sender, office: Office) -> bool:
    """Whether the address is of a domain, or below one, in which the office has a registered address."""
    people = (office.administrator.email, *(contact.email for contact in office.contacts))
    domain = _domain(sender.address)
    return any(domain == own or domain.endswith(f".{own}") for own in map(_domain, people))


def _domain(address: str) -> str:
    return fold_address(address).rpartition("@")[2]


def contact_of_newcomer(sender: Sender, form: RequestForm) -> ApplicantContact:
    """What the register gets to know: the details of the form, with the address that the mail came from.

    The name is one line of visible characters, as the register and every notice to others shows it.
    """
    contact = replace(contact_of(form.reading.filled), email=fold_address(sender.address))
    names = (contact.name, sender.name, sender.address.partition("@")[0])
    shown = (remove_invisible(one_line(name)).strip()[:LONGEST_NAME] for name in names)
    return replace(contact, name=next(filter(None, shown), ""))
