"""Which keys the issued passwords in the store need."""

from typing import Any

from peewee import fn

from mailbot.records.schema.secret_tables import SecretRow


def needed() -> dict[str, int]:
    """Name of a key → how many issued passwords it encrypts, in the caller's `Store.reading`."""
    query: Any = SecretRow.select(SecretRow.key_id, fn.COUNT(SecretRow.id)).group_by(SecretRow.key_id)
    return {name: int(count) for name, count in query.tuples()}
