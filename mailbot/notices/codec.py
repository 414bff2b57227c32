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
    if one is Procedure:
        return False
    return isinstance(one, type) and (dataclasses.is_dataclass(one) or hasattr(one, "_fields"))


_RECORDS: dict[str, type[Any]] = {
    one.__name__: one for module in _MODULES for one in vars(module).values() if _is_record(one)
}
_NEVER_STORED = frozenset({"password_hash"})  # fields with a default that no notice is written from


def _stored_fields(kind: Any) -> tuple[str, ...]:
    names = [one.name for one in dataclasses.fields(kind)] if dataclasses.is_dataclass(kind) else kind._fields
    return tuple(name for name in names if name not in _NEVER_STORED)


_FIELDS: dict[type[Any], tuple[str, ...]] = {kind: _stored_fields(kind) for kind in _RECORDS.values()}
_ENUMS: dict[str, type[enum.Enum]] = {
    one.__name__: one
    for module in _MODULES
    for one in vars(module).values()
    if isinstance(one, type) and issubclass(one, enum.Enum) and len(one)
}


class CodecError(ValueError):
    """A value that has no representation, or a representation that this version of the program does not know."""


class Encoder:
    """Notices as plain JSON data; the copies of one that follow each other share what their content has become."""

    def __init__(self) -> None:
        self._content: Any = None  # the last content …
        self._data: Any = None  # … and its representation

    def encode(self, notice: NoticeToWrite) -> dict[str, Any]:
        """The representation of `notice`.  Raises CodecError."""
        if notice.content is not self._content:
            self._content, self._data = notice.content, _encode(notice.content)
        others = {name: _encode(getattr(notice, name)) for name in _FIELDS[NoticeToWrite] if name != "content"}
        return {"$": NoticeToWrite.__name__, "content": self._data, **others}


class Decoder:
    """Notices from their representation; the copies of one that follow each other get the same content object."""

    def __init__(self, procedures: Mapping[str, Procedure]) -> None:
        self._procedures = procedures
        self._data: Any = None  # representation of the last content …
        self._content: Any = None  # … and that content

    def decode(self, data: Mapping[str, Any]) -> NoticeToWrite:
        """The notice that an Encoder made `data` of, also in an earlier version (`old_shapes`).  Raises CodecError."""
        try:
            data = old_shapes.renewed(data)
            if data.get("$") != NoticeToWrite.__name__:
                raise CodecError(f"a stored notice is a {data.get('$')}")
            notice: NoticeToWrite = _decode({**data, "content": self._decoded(data["content"])}, self._procedures)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            if isinstance(error, CodecError):
                raise
            raise CodecError(f"a stored notice cannot be read: {error!r}") from error
        return notice

    def _decoded(self, data: Any) -> Any:
        if data != self._data:
            self._content, self._data = _decode(data, self._procedures), data
        return self._content


def _encode(value: object) -> Any:
    kind = type(value)
    if kind is str or value is None:
        return value
    if (fields := _FIELDS.get(kind)) is not None:
        return {"$": kind.__name__} | {name: _encode(getattr(value, name)) for name in fields}
    if isinstance(value, enum.Enum):
        return {"$e": [type(value).__name__, value.value]}
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, date):
        return {"$d": value.isoformat()}
    if isinstance(value, Procedure):
        return {"$p": value.name}
    if isinstance(value, Mapping):
        return {"$m": [[_encode(key), _encode(one)] for key, one in value.items()]}
    if isinstance(value, Sequence | frozenset):
        return [_encode(one) for one in value]
    raise CodecError(f"no representation for {type(value).__name__}")


_NESTED = frozenset({dict, list})  # what is not a plain value in JSON


def _decode(data: Any, procedures: Mapping[str, Procedure]) -> Any:
    kind = type(data)
    if kind is list:
        return tuple([_decode(one, procedures) for one in data])
    if kind is not dict:  # a plain value, or what is decoded already
        return data
    if (name := data.get("$")) is not None:
        record = _RECORDS[name]
        values = {name: data[name] for name in _FIELDS[record] if name in data}
        for name, value in values.items():
            if type(value) in _NESTED:
                values[name] = _decode(value, procedures)
        return record(**values)
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
            raise CodecError("a value without a class")
