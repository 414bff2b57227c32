"""Column types whose values are packed and encrypted in the database (`records.secrets.sealing`).

A value that cannot be decrypted is read as `LOST`: what stands in its place when its key is lost for good, too.
Nothing can be searched in these columns; an empty value is stored as it is, and can be compared.
"""

import json
from dataclasses import dataclass, field
from typing import Any, ClassVar

import peewee

from mailbot.records.schema.columns import storable
from mailbot.records.secrets.sealing import Sealer, as_text, sealed_octets

UNREADABLE = b"\r\n[This mail cannot be decrypted: its key is missing, or the stored octets were changed.]\r\n"


@dataclass(frozen=True)
class Sealed:
    """A value of a column, sealed ahead of the transaction that stores it: sealing takes longer than storing."""

    plain: Any = field(repr=False)
    octets: bytes


class SealedField(peewee.Field):
    """The base of the types.  `packs`: whether values are made smaller before."""

    LOST: ClassVar[bytes]  # before it is sealed

    def __init__(self, *args: Any, packs: bool = True, **options: Any) -> None:
        super().__init__(*args, **options)
        self.packs = packs

    def ahead(self, value: Any, sealer: Sealer) -> Sealed:
        """`value`, sealed now.  Raises like `Sealer.seal`."""
        return Sealed(value, sealer.seal(self.column_name, self._octets(value), packs=self.packs))

    def _octets(self, value: Any) -> bytes:
        """A value before it is sealed."""
        raise NotImplementedError

    def _seal(self, value: Any) -> bytes:
        if isinstance(value, Sealed):
            if self._sealer().is_newest(value.octets):
                return value.octets
            value = value.plain  # the keys have been rotated since
        return self._sealer().seal(self.column_name, self._octets(value), packs=self.packs)

    def _open(self, stored: Any) -> bytes:
        octets = self._sealer().open(self.column_name, sealed_octets(stored))
        return octets if octets is not None else self.LOST

    def _sealer(self) -> Sealer:
        sealer: Sealer = self.model._meta.database.obj.sealer
        return sealer


class SealedOctetsField(SealedField, peewee.BlobField):
    """Octets; UNREADABLE when they cannot be decrypted."""

    LOST = UNREADABLE

    def _octets(self, value: bytes) -> bytes:
        return value

    def db_value(self, value: bytes | Sealed) -> Any:
        return super().db_value(self._seal(value))  # type: ignore[no-untyped-call]

    def python_value(self, value: Any) -> bytes:
        return self._open(value)


class SealedTextField(SealedField, peewee.TextField):
    """Text; "" when it cannot be decrypted."""

    LOST = b""

    def _octets(self, value: str) -> bytes:
        return storable(value).encode()

    def db_value(self, value: str | Sealed) -> str:
        return as_text(self._seal(value))

    def python_value(self, value: str) -> str:
        return self._open(value).decode()


class SealedJsonField(SealedField, peewee.TextField):
    """JSON; {} when it cannot be decrypted."""

    LOST = b"{}"

    def _octets(self, value: Any) -> bytes:
        return storable(json.dumps(value, ensure_ascii=False)).encode()

    def db_value(self, value: Any) -> str | None:
        return as_text(self._seal(value)) if value is not None else None

    def python_value(self, value: str | None) -> Any:
        return json.loads(self._open(value)) if value is not None else None
