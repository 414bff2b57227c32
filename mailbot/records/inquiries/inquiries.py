"""Queries on inquiries.  An inquiry is answered or closed once: `finish` compares and sets."""

from datetime import date, datetime
from typing import Any

from mailbot.model.inquiry import Audience, Inquiry, InquiryState
from mailbot.records.database.prepared import Prepared
from mailbot.records.keyset import Part, Place, count_some, part
from mailbot.records.schema.inquiry_tables import InquiryRow

_IS_OPEN = InquiryRow.state == InquiryState.OPEN.value
_OPEN_ABOUT = Prepared(
    lambda application: (
        InquiryRow.select().where((InquiryRow.application_id == application) & _IS_OPEN).order_by(InquiryRow.mail_id)
    )
)


def insert(inquiry: Inquiry) -> None:
    """Store a new inquiry, in the transaction of its mail."""
    values = vars(inquiry) | {"audience": inquiry.audience.value, "state": inquiry.state.value}
    InquiryRow.insert(**values).execute()


def get(mail_id: int) -> Inquiry | None:
    """The inquiry with this number, or None."""
    row = InquiryRow.get_or_none(InquiryRow.mail_id == mail_id)
    return _inquiry(row) if row is not None else None


def finish(mail_id: int, state: InquiryState, by: str, now: datetime) -> bool:
    """Answer or close an open inquiry, in the caller's transaction; False when it was not open any more."""
    changes = {"state": state.value, "answered_by": by, "answered_at": now}
    return bool(InquiryRow.update(**changes).where((InquiryRow.mail_id == mail_id) & _IS_OPEN).execute())


def delete(mail_id: int) -> bool:
    """Delete an open inquiry whose mail is handled anew, in the caller's transaction; False when it was not open."""
    return bool(InquiryRow.delete().where((InquiryRow.mail_id == mail_id) & _IS_OPEN).execute())


def open_about(application_id: int) -> list[Inquiry]:
    """The open inquiries about an application, oldest first."""
    return [_inquiry(row) for row in _OPEN_ABOUT.rows(application=application_id)]


def applications_waiting() -> frozenset[int]:
    """The ids of the applications about which an inquiry is open."""
    about: Any = InquiryRow.application_id.is_null(is_null=False)
    rows = InquiryRow.select(InquiryRow.application_id).where(_IS_OPEN, about)
    return frozenset(row.application_id for row in rows if row.application_id is not None)


def listing(state: InquiryState | None = None, *, limit: int | None = None) -> list[Inquiry]:
    """The latest `limit` inquiries in `state`, or in any, oldest first."""
    in_state = [InquiryRow.state == state.value] if state is not None else []
    return _listing(*in_state, limit=limit)


def done(place: Place) -> Part[Inquiry]:
    """A part of those that are answered or closed, the newest first."""
    query = InquiryRow.select().where(InquiryRow.state != InquiryState.OPEN.value)
    return part(query, (InquiryRow.mail_id,), place, lambda rows: [_inquiry(row) for row in rows], newest=True)


def count_open(promised_before: date | None = None) -> int:
    """How many wait for an answer; of those that were promised before a day."""
    query = InquiryRow.select(InquiryRow.mail_id).where(_IS_OPEN)
    return count_some(query if promised_before is None else query.where(InquiryRow.promised_on < promised_before))


def _listing(*conditions: Any, limit: int | None = None) -> list[Inquiry]:
    """The latest `limit`, or all, oldest first."""
    latest = InquiryRow.select().order_by(InquiryRow.mail_id.desc()).limit(limit)
    return [_inquiry(row) for row in reversed(list(latest.where(*conditions) if conditions else latest))]


def _inquiry(row: Any) -> Inquiry:
    values = {name: getattr(row, name) for name in Inquiry.__dataclass_fields__}
    return Inquiry(**values | {"audience": Audience(row.audience), "state": InquiryState(row.state)})
