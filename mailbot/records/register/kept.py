"""What an import of a register file leaves as it is: what the desk itself has registered since that file was written.

Of a file that the desk has not written it is not known how old it is: of that only new contacts are left.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mailbot.model.contract import Office
from mailbot.model.people import ApplicantContact
from mailbot.model.register import Register
from mailbot.text import fold_address


@dataclass(frozen=True)
class Kept:
    """Of one office; `contacts`: each with the time at which it was registered."""

    contacts: tuple[tuple[ApplicantContact, datetime], ...] = ()
    contract: Office | None = None  # None: the file has it
    password: bool = False

    def words(self, code: str) -> list[str]:
        """For the operator, one line each."""
        found = [f"{code}: contact {contact.email}" for contact, _ in self.contacts]
        if self.contract is not None:
            found.append(f"{code}: user codes, IDs and mailboxes, which an application has changed")
        if self.password:
            found.append(f"{code}: the password, which the office has changed")
        return found


NOTHING_KEPT = Kept()


def kept_of(row: Any, office: Office, register: Register, named: set[str]) -> Kept:
    """What stays of an office when `register` is imported.

    `row`: of the office, which is `office`; `named`: the addresses (folded) of all contacts in the file.
    """
    since = register.written_at
    rows = {one.key: one.registered_at for one in row.contacts if one.registered_at is not None}
    registered_since = {key: at for key, at in rows.items() if key not in named and (since is None or at > since)}
    found = ((one, registered_since.get(fold_address(one.email))) for one in office.contacts)
    changed, password_changed = row.contract_changed_at, row.password_changed_at
    is_changed = since is not None and changed is not None and changed > since
    has_new_password = since is not None and password_changed is not None and password_changed > since
    return Kept(
        tuple((contact, at) for contact, at in found if at is not None),
        office if is_changed else None,
        has_new_password and office.code not in register.new_passwords,
    )
