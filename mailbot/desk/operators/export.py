"""Mails of the log as files: one mbox file (the variant mboxrd of RFC 4155), a file for each mail, or a CSV list."""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

from mailbot.clock import iso
from mailbot.files import replacing
from mailbot.records.database import Store
from mailbot.records.log import mail_log
from mailbot.records.log.mail_list import Entry
from mailbot.text import guard_formula, printable

_FROM = re.compile(rb"^(>*From )", re.M)


COLUMNS = (
    *("number", "at", "done", "direction", "sender", "recipient", "subject", "disposition", "reason", "office"),
    *("application", "attempts", "last_answer"),
)


@dataclass(frozen=True)
class Exported:
    """How many mails were written, and how many have no content (refused, or deleted by age)."""

    written: int
    without_content: int


def write_mbox(store: Store, entries: Sequence[Entry], path: Path) -> Exported:
    """Every mail once, in the order of the log, in one file, mode 0600; in the caller's `reading`.  Raises OSError."""
    written = 0
    with replacing(path) as file:
        for entry, raw in _contents(store, entries):
            if raw:
                written += 1
                file.write(mbox_entry(entry, raw))
    return Exported(written, len(_once(entries)) - written)


def write_folder(store: Store, entries: Sequence[Entry], folder: Path) -> Exported:
    """Every mail once as NUMBER.eml, octet for octet; in the caller's `reading`.  Raises OSError."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    written = 0
    for entry, raw in _contents(store, entries):
        if raw:
            written += 1
            with replacing(folder / f"{entry.number}.eml") as file:
                file.write(raw)
    return Exported(written, len(_once(entries)) - written)


def write_csv(entries: Sequence[Entry], path: Path) -> Exported:
    """The list as CSV, mode 0600.  Raises OSError."""
    with replacing(path) as file:
        file.write(csv_of(entries))
    return Exported(len(entries), 0)


def csv_of(entries: Sequence[Entry]) -> bytes:
    """A row for each entry (RFC 4180, UTF-8 with a byte order mark, as spreadsheets want it).

    What a sender wrote is no formula in a spreadsheet and no control sequence in a terminal.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for entry in entries:
        writer.writerow([guard_formula(printable(one).replace("\n", " ")) for one in _cells(entry)])
    return out.getvalue().encode("utf-8-sig", "replace")


def _cells(entry: Entry) -> list[str]:
    row, done = entry.row, iso(entry.done_at) if entry.done_at is not None else ""
    last = "" if entry.last is None else f"{entry.last.code or ''} {entry.last.reply}".strip()
    what = [entry.number, iso(entry.at), done, row.direction, row.sender, row.recipient, row.subject, entry.state]
    return [*what, row.reason, row.office, row.receipt, str(entry.attempts or ""), last]


def mbox_entry(entry: Entry, raw: bytes) -> bytes:
    """One mail with its `From ` line (envelope sender, time in UTC); lines that look like one are quoted with `>`."""
    sender = re.sub(r"\s", "", entry.row.sender) or "MAILER-DAEMON"
    head = f"From {sender} {entry.at.astimezone(UTC):%a %b %d %H:%M:%S %Y}\n".encode("utf-8", "replace")
    lines = _FROM.sub(rb">\1", raw.replace(b"\r\n", b"\n"))
    return head + lines + (b"\n" if lines.endswith(b"\n") else b"\n\n")


def _once(entries: Sequence[Entry]) -> list[Entry]:
    """A mail with several rows in the log is written once."""
    return list({entry.number: entry for entry in entries}.values())


def _contents(store: Store, entries: Sequence[Entry]) -> Iterator[tuple[Entry, bytes]]:
    for entry in _once(entries):
        yield entry, mail_log.raw_of(store, entry.row) or b""
