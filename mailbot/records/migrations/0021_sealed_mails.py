"""Migration 21: notices, recipients and read lines are sealed: they contain reply tokens, which are masked in words."""

from typing import Any

from mailbot.masking import mask_tokens
from mailbot.records.secrets.sealed_rows import Columns, change_all, sealing_clear_values

_SEALED = (
    Columns("inbox", ("recipients",)),
    Columns("read_lines", ("lines",), "mail_id"),
    Columns("outbox", ("content", "text", "notice")),
)
_MASKED = (
    Columns("inbox", ("detail", "reading")),
    Columns("inquiry", ("words",), "mail_id"),
    Columns("step", ("words",)),
    Columns("revision", ("values", "written", "contact")),
    Columns("delivery", ("reply",)),
)


def up(migrator: Any, db: Any) -> None:
    del migrator
    for columns in _SEALED:
        change_all(db, columns, sealing_clear_values(db.sealer))
    for columns in _MASKED:
        change_all(db, columns, _masking)


def _masking(_: str, stored: str) -> str | None:
    masked = mask_tokens(stored)
    return masked if masked != stored else None
