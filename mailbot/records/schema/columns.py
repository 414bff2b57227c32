"""The base classes of all tables, and column types whose values are stored alike in SQLite and PostgreSQL."""

import base64
import json
import re
import zlib
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

import peewee

from mailbot.masking import mask_tokens
from mailbot.records.packing import pack, unpack

database = peewee.DatabaseProxy()
intake_database = peewee.DatabaseProxy()
PACKED_TEXT = "\x01z:"
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """`text` with U+FFFD in place of lone surrogates (not encodable in UTF-8) and NUL (rejected by PostgreSQL)."""
    return _UNSTORABLE.sub("\ufffd", text)


class CharField(peewee.CharField):
    """Short text; characters that cannot be stored are replaced (`storable`)."""

    def db_value(self, value: str | None) -> str | None:
        return storable(value) if value is not None else None


class TextField(peewee.TextField):
    """Long text; characters that cannot be stored are replaced (`storable`)."""

    def db_value(self, value: str | None) -> str | None:
        return storable(value) if value is not None else None


class WordsField(TextField):
    """Words of people and other programs, which may repeat a reply address: without the secrets of tokens and links."""

    def db_value(self, value: str | None) -> str | None:
        return mask_tokens(storable(value)) if value is not None else None


class PackedTextField(TextField):
    """Long text that is stored packed, in base64 behind `PACKED_TEXT`, where that makes it shorter.

    What was stored before it was packed is read as it is.  Nothing can be searched in this column.
    """

    def db_value(self, value: str | None) -> str | None:
        text = super().db_value(value)
        if text is None:
            return None
        packed = pack(text.encode(), always=text.startswith(PACKED_TEXT))
        return text if packed is None else PACKED_TEXT + base64.b64encode(packed).decode("ascii")

    def python_value(self, value: str) -> str:
        return unpacked_text(value)


def unpacked_text(stored: str) -> str:
    """The text of a value in a column of packed text; one that was damaged as it is."""
    if stored.startswith(PACKED_TEXT):
        with suppress(ValueError, zlib.error):
            return unpack(base64.b64decode(stored.removeprefix(PACKED_TEXT))).decode()
    return stored


class InstantField(peewee.CharField):
    """An aware datetime, stored as UTC text in ISO 8601 with microseconds, so that text order is time order.

    Raises ValueError for a naive datetime.
    """

    def db_value(self, value: datetime | None) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be stored")
        return value.astimezone(UTC).isoformat(timespec="microseconds")

    def python_value(self, value: str | None) -> datetime | None:
        return datetime.fromisoformat(value) if value else None


class JsonField(TextField):
    """JSON as text, with non-ASCII characters unescaped and keys sorted; secrets of tokens and links are masked."""

    def db_value(self, value: Any) -> str | None:
        return (
            mask_tokens(storable(json.dumps(value, ensure_ascii=False, sort_keys=True))) if value is not None else None
        )

    def python_value(self, value: str | None) -> Any:
        return json.loads(value) if value is not None else None


class BaseRow(peewee.Model):
    """The base of the tables of the main store; `database` is set when a store is opened."""

    class Meta:
        database = database
        legacy_table_names = False


class IntakeBaseRow(BaseRow):
    """The base of the tables of the intake store, which has a connection of its own (`Store.intake`)."""

    class Meta:
        database = intake_database
