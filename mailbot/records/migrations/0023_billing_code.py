"""Migration 23: 請求先コード of each office (S4, ID通知内容); "" where the register does not say it."""

from typing import Any

from peewee import TextField


def up(migrator: Any, db: Any) -> None:
    del db
    migrator.migrate(migrator.add_column("office", "billing_code", TextField(default="")))
