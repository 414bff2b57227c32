"""Migration 20: 管理統計資料 (有料分, 無料分) and 保税管理資料保存サービス of each 利用者ID (S4)."""

from typing import Any

from peewee import BooleanField


def up(migrator: Any, db: Any) -> None:
    del db
    names = ("paid_statistics", "free_statistics", "bonded_archive")
    migrator.migrate(*(migrator.add_column("user_id", name, BooleanField(default=False)) for name in names))
