"""Migration 2 of the intake store: received mails and their recipients are sealed: they contain reply tokens."""

from typing import Any

from mailbot.records.secrets.sealed_rows import Columns, change_all, sealing_clear_values


def up(migrator: Any, db: Any) -> None:
    del migrator
    change_all(db, Columns("received", ("content", "recipients")), sealing_clear_values(db.sealer))
