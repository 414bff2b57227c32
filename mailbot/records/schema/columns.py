"""What the columns are made of: the base of all tables, and the fields that mean the same in every database."""

import json
import re
from datetime import UTC, datetime
from typing import Any

import peewee

database = peewee.DatabaseProxy()
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def storable(text: str) -> str:
    """`text` with U+FFFD for what is no text: halves of surrogate pairs (not UTF-8), and NUL (no database agrees)."""
    return _UNSTORABLE.sub("\ufffd", text)


class CharField(peewee.CharField):
    """Short text, whatever a stranger wrote."""

    def db_value(self, value: str | None) -> str | None:
        return storable(value) if value is not None else None


class TextField(peewee.TextField):
    """Long text, whatever a stranger wrote."""

    def db_value(self, value: str | None) -> str | None:
        return storable(value) if value is not None else None


class InstantField(peewee.CharField):
    """An aware datetime, kept in UTC as ISO 8601 with microseconds: it sorts as text and means the same everywhere."""

    def db_value(self, value: datetime | None) -> str | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("an instant without a time zone cannot be kept")
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f+00:00")

    def python_value(self, value: str | None) -> datetime | None:
        return datetime.fromisoformat(value) if value else None


class JsonField(TextField):
    """JSON as text, Japanese readable."""

    def db_value(self, value: Any) -> str | None:
        return storable(json.dumps(value, ensure_ascii=False, sort_keys=True)) if value is not None else None

    def python_value(self, value: str | None) -> Any:
        return json.loads(value) if value is not None else None


class BaseRow(peewee.Model):
    class Meta:
        database = database
        legacy_table_names = False
