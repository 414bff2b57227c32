"""Migration 2 of the intake store: received mails and their recipients are sealed: they contain reply tokens."""

from typing import Any

from mailbot.records.secrets.sealed_columns import INTAKE_TABLES, change_all, sealing_clear_values


def up(migrator: Any, db: Any) -> None:
    del migrator
    change_all(db, INTAKE_TABLES, sealing_clear_values(db.sealer))
