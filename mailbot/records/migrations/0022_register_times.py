"""Migration 22: when the desk itself has changed the register, so that no older register file takes it back."""

from typing import Any

from peewee import CharField


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(
        migrator.add_column("contact", "registered_at", CharField(null=True)),
        migrator.add_column("office", "password_changed_at", CharField(null=True)),
        migrator.add_column("office", "contract_changed_at", CharField(null=True)),
    )
