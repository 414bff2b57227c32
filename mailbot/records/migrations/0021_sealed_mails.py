"""Migration 21: notices, recipients and read lines are sealed: they contain reply tokens, which are masked in words."""

from typing import Any

from mailbot.masking import mask_tokens
from mailbot.records.secrets.sealed_columns import MAIN_TABLES, change_all, sealing_clear_values

_WORDS = (("inbox", "detail"), ("inbox", "reading"), ("inquiry", "words"), ("step", "words"), ("delivery", "reply"))
_KEYS = {"inquiry": "mail_id"}


def up(migrator: Any, db: Any) -> None:
    del migrator
    change_all(db, MAIN_TABLES, sealing_clear_values(db.sealer))
    for table, column in _WORDS:
        key = _KEYS.get(table, "id")
        found = db.execute_sql(f"SELECT {key}, {column} FROM {table} WHERE {column} <> ''").fetchall()
        for number, text in found:
            if (masked := mask_tokens(text)) != text:
                db.execute_sql(f"UPDATE {table} SET {column} = {db.param} WHERE {key} = {db.param}", (masked, number))
