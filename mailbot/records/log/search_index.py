"""The index of the mail log for searching parts of words in any script: pairs of adjacent characters (bigrams).

Japanese has no blanks between words, and words of two characters (承認) are shorter than what SQLite's trigram
tokenizer finds.  In SQLite the pairs are tokens of an FTS5 table without content, in PostgreSQL elements of an array
with a GIN index (`search_blocks`).  The index is derived from the log, and brought up to date apart from it
(`update`): rows above `last` are not in it yet, and are searched one by one.
"""

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from mailbot.model.queued_mail import LogRow
from mailbot.records.database import Store
from mailbot.records.log import search_blocks
from mailbot.records.schema.log_tables import MailLogRow
from mailbot.text import nfkc

SEARCHED = ("sender", "recipient", "subject", "message_id", "office", "receipt", "reason", "detail", "text")
_HIGHEST = 2**62  # above every id
ROWS_AT_ONCE = 100  # in one transaction: it holds the writer lock for some milliseconds
_LETTERS = re.compile(r"[^\W_]+")
_VARIANTS = {"髙": "高", "﨑": "崎", "𠮷": "吉", "德": "徳", "邊": "辺", "邉": "辺"}  # of names; people type either


def fold(text: str) -> str:
    """`text` as it is compared: width, case and the usual variants of characters in names do not count."""
    for variant, usual in _VARIANTS.items():  # much faster than str.translate in a long text
        text = text.replace(variant, usual)
    return nfkc(text).casefold()


def folded(row: LogRow | Any) -> str:
    """Every searched column of a row of the log, folded."""
    return fold("\n".join(getattr(row, name) for name in SEARCHED))


def grams(text: str) -> set[int]:
    """The pairs of adjacent letters or digits of a folded text, each as one number."""
    pairs = set[tuple[str, str]]()
    for run in _LETTERS.findall(text):
        pairs.update(pairwise(run))
    return {ord(first) << 21 | ord(second) for first, second in pairs}


def update(store: Store, most: int) -> int:
    """Add rows of the log that are not in the index yet, at most `most`; returns how many.

    Each transaction is short, so that it delays no mail.  Raises like `Store.transaction`.
    """
    done = 0
    while done < most:
        with store.reading():
            known = last(store)
            columns = (MailLogRow.id, *(getattr(MailLogRow, name) for name in SEARCHED))
            rows = list(
                MailLogRow.select(*columns).where(MailLogRow.id > known).order_by(MailLogRow.id).limit(ROWS_AT_ONCE)
            )
        pairs = [(int(row.id), grams(folded(row))) for row in rows]
        with store.transaction():
            if last(store) != known:
                continue  # another process was first
            for number, numbers in pairs:
                _insert(store, number, numbers)
        done += len(rows)
        if len(rows) < ROWS_AT_ONCE:
            break
    return done


def last(store: Store) -> int:
    """The id of the last row of the log that is in the index, 0 without any."""
    column = "rowid" if store.kind == "sqlite" else "row_id"
    found = store._connection.execute_sql(f"SELECT {column} FROM log_search ORDER BY {column} DESC LIMIT 1").fetchone()
    return int(found[0]) if found is not None else 0


def _insert(store: Store, number: int, numbers: Iterable[int]) -> None:
    if store.kind == "sqlite":
        sql, value = "INSERT INTO log_search (rowid, grams) VALUES (?, ?)", " ".join(map(str, sorted(numbers)))
        store._connection.execute_sql(sql, (number, value))
    else:
        sql = "INSERT INTO log_search (row_id, grams) VALUES (%s, %s::bigint[])"
        store._connection.execute_sql(sql, (number, sorted(numbers)))


def wanted(words: Iterable[str]) -> list[int]:
    """The pairs that a row with all of the folded `words` has; [] when any row may have them."""
    return sorted(set[int]().union(*map(grams, words)))


def candidates(store: Store, pairs: Sequence[int], edge: int | None, limit: int, *, falling: bool = True) -> list[int]:
    """The ids of indexed rows with all of `pairs` beyond the id `edge`, newest first unless not `falling`.

    At most `limit`.  A pair may stand elsewhere than in the word: the caller looks into the row.
    """
    beyond, order = ("<", "DESC") if falling else (">", "ASC")
    edge = (_HIGHEST if falling else 0) if edge is None else edge
    if store.kind == "sqlite":
        sql = (
            f"SELECT rowid FROM log_search WHERE log_search MATCH ? AND rowid {beyond} ? ORDER BY rowid {order} LIMIT ?"
        )
        found = store._connection.execute_sql(sql, (" AND ".join(map(str, pairs)), edge, limit))
        return [int(number) for (number,) in found.fetchall()]
    sql, numbers = search_blocks.SELECT.format(beyond=beyond, order=order), list[int]()
    newest = last(store)
    begin = min(edge - 1, newest) if falling else edge + 1
    for block in search_blocks.blocks(begin, newest, falling=falling):
        some = store._connection.execute_sql(sql, ([*pairs, block], edge, limit - len(numbers)))
        numbers += [int(number) for (number,) in some.fetchall()]
        if len(numbers) == limit:
            break
    return numbers
