"""Migration 14: links that the 管理責任者 of an office asked for, to log in while the log-in is paused."""

from typing import Any

from peewee import CharField, Model


class LoginLinkRow(Model):
    token_hash = CharField(primary_key=True)
    office = CharField(index=True)
    expires_at = CharField()

    class Meta:
        table_name = "login_link"
        legacy_table_names = False


def up(migrator: Any, db: Any) -> None:
    del migrator
    with db.bind_ctx((LoginLinkRow,)):
        db.create_tables((LoginLinkRow,))
