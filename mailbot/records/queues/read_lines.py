"""The lines of a person's mail with what each was taken for, kept until the raw mail is deleted.

One zlib stream (RFC 1950) of JSON for a mail: a list of [text, kind, source, name].  What is withheld is never kept.
"""

import json
import zlib
from collections.abc import Collection, Sequence

from mailbot.model.read_line import LineKind, LineSource, ReadLine
from mailbot.records.database.prepared import Prepared
from mailbot.records.packing import zlib_stream
from mailbot.records.schema.queue_tables import ReadLinesRow
from mailbot.records.schema.sealed_columns import UNREADABLE

MOST_LINES = 2_000  # that are kept
MOST_CHARACTERS = 100_000  # of the texts together
_KEEP = Prepared(
    lambda number, lines: ReadLinesRow.insert(mail_id=number, lines=lines).on_conflict(
        conflict_target=[ReadLinesRow.mail_id], preserve=[ReadLinesRow.lines]
    )
)


def pack(lines: Sequence[ReadLine]) -> bytes:
    """The first lines as they are stored; the texts must be without secrets.  Not inside of a transaction: it costs."""
    kept: list[tuple[str, ...]] = []
    characters = 0
    for line in lines[:MOST_LINES]:
        characters += len(line.text)
        if characters > MOST_CHARACTERS:
            break
        kept.append((line.text, line.kind, line.source, line.name))
    return zlib_stream(json.dumps(kept, ensure_ascii=False).encode("utf-8", "replace"))


def keep(mail_id: int, packed: bytes) -> None:
    """Store the packed lines of a mail in place of earlier ones, in the caller's transaction; b"" deletes them."""
    if packed:
        _KEEP.run(number=mail_id, lines=packed)
    else:
        delete([mail_id])


def lines_of(mail_id: int) -> tuple[ReadLine, ...]:
    """The lines of a mail, in the caller's `Store.reading`; () when none are kept, or they cannot be decrypted."""
    row = ReadLinesRow.get_or_none(ReadLinesRow.mail_id == mail_id)
    if row is None or row.lines == UNREADABLE:
        return ()
    found = json.loads(zlib.decompress(row.lines))
    return tuple(ReadLine(text, LineKind(kind), LineSource(source), name) for text, kind, source, name in found)


def delete(mail_ids: Collection[int]) -> int:
    """Delete the lines of these mails, in the caller's transaction; returns of how many there were any."""
    return int(ReadLinesRow.delete().where(ReadLinesRow.mail_id.in_(list(mail_ids))).execute())
