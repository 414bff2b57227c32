"""Which reviewers are away: begun by a notice of theirs, ended by the next mail they write themselves."""

from datetime import datetime

from mailbot.records.register.remembered import remembered
from mailbot.records.schema.register_tables import AbsenceRow
from mailbot.text import fold_address


def begin(email: str, at: datetime, mail_id: int | None) -> bool:
    """Note that the reviewer `email` is away, in the caller's transaction; False when that was known."""
    key = fold_address(email)
    if AbsenceRow.get_or_none(AbsenceRow.key == key) is not None:
        return False
    AbsenceRow.create(key=key, since=at, mail_id=mail_id)
    return True


def end(email: str) -> bool:
    """Note that the reviewer is back, in the caller's transaction; True when the reviewer was away."""
    key = fold_address(email)
    return key in absent() and bool(AbsenceRow.delete().where(AbsenceRow.key == key).execute())


def absent() -> frozenset[str]:
    """The folded addresses of the reviewers who are away."""
    return remembered("absent", lambda: frozenset(row.key for row in AbsenceRow.select(AbsenceRow.key)))
