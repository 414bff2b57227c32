"""A notice as JSON: how it is stored from the decision until it is written.

A dataclass or named tuple becomes {"$": its name, field: value …}, an enum member {"$e": [its class, value]}, a date
{"$d": ISO 8601}, a tuple a list, a mapping {"$m": [[key, value] …]}.  A procedure is stored by its name alone.
"""

import dataclasses
import enum
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from mailbot.model import (
    application,
    calendar_entry,
    contract,
    daily_list,
    effects,
    inquiry,
    lifecycle,
    notice,
    people,
    procedure,
    receipt,
    start_days,
    undelivered,
    view_period,
)
from mailbot.model.procedure import Procedure
from mailbot.notices import contract_view, display, old_shapes, values, view
from mailbot.notices.contents import answers, applicant, base, inquiries, operators, reviewers
from mailbot.notices.contents.base import NoticeToWrite

_MODULES = (
    *(application, calendar_entry, contract, daily_list, effects, inquiry, lifecycle),
    *(notice, people, procedure, receipt, start_days, undelivered, view_period),
    *(values, view, display, contract_view),
    *(base, answers, applicant, inquiries, operators, reviewers),
)


def _is_record(one: object) -> bool:
    return isinstance(one, type) and (dataclasses.is_dataclass(one) or hasattr(one, "_fields"))


_RECORDS: dict[str, type[Any]] = {
    one.__name__: one for module in _MODULES for one in vars(module).values() if _is_record(one)
}
_ENUMS: dict[str, type[enum.Enum]] = {
    one.__name__: one
    for module in _MODULES
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, enum.Enum) and len(one)
}


class CodecError(ValueError):
    """A value that has no representation, or a representation that this version of the program does not know."""


def encode(notice: NoticeToWrite) -> dict[str, Any]:
    """`notice` as plain JSON data.  Raises CodecError."""
    encoded: dict[str, Any] = _encode(notice)
    return encoded


def decode(data: Mapping[str, Any], procedures: Mapping[str, Procedure]) -> NoticeToWrite:
    """The notice that `encode` made `data` of, also in an earlier version (`old_shapes`).  Raises CodecError."""
    try:
        notice = _decode(old_shapes.renewed(data), procedures)
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise CodecError(f"a stored notice cannot be read: {error!r}") from error
    if not isinstance(notice, NoticeToWrite):
        raise CodecError(f"a stored notice is a {type(notice).__name__}")
    return notice


def _encode(value: object) -> Any:
    if isinstance(value, enum.Enum):
        return {"$e": [type(value).__name__, value.value]}
    if value is None or isinstance(value, str | int | float):
        return value
    if isinstance(value, date):
        return {"$d": value.isoformat()}
    if isinstance(value, Procedure):
        return {"$p": value.name}
    if _is_record(type(value)) and _RECORDS.get(type(value).__name__) is type(value):
        return {"$": type(value).__name__} | {name: _encode(getattr(value, name)) for name in _fields(type(value))}
    if isinstance(value, Mapping):
        return {"$m": [[_encode(key), _encode(one)] for key, one in value.items()]}
    if isinstance(value, Sequence | frozenset):
        return [_encode(one) for one in value]
    raise CodecError(f"no representation for {type(value).__name__}")


def _fields(kind: type[Any]) -> tuple[str, ...]:
    if dataclasses.is_dataclass(kind):
        return tuple(field.name for field in dataclasses.fields(kind))
    names: tuple[str, ...] = kind._fields
    return names


def _decode(data: Any, procedures: Mapping[str, Procedure]) -> Any:
    if isinstance(data, list):
        return tuple(_decode(one, procedures) for one in data)
    if not isinstance(data, Mapping):
        return data
    match data:
        case {"$e": [name, value]}:
            return _ENUMS[name](value)
        case {"$d": text}:
            return datetime.fromisoformat(text) if "T" in text else date.fromisoformat(text)
        case {"$p": name}:
            return procedures[name]
        case {"$m": pairs}:
            return {_decode(key, procedures): _decode(one, procedures) for key, one in pairs}
        case _:
            kind = _RECORDS[data["$"]]
            known = {name: _decode(data[name], procedures) for name in _fields(kind) if name in data}
            return kind(**known)
