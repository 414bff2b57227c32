"""Finds a mail in the log of a Postfix on this machine, after a crash before its reply to DATA was received (RFC 1047).

`cleanup` logs the Message-ID when it reads the header; `qmgr` logs the queue ID once the mail was accepted.  A client
that disconnects before the final dot leaves the first line only.
"""

import re
from collections.abc import Iterator
from pathlib import Path

_CLEANUP = re.compile(rb"/cleanup\[\d+\]: ([0-9A-Za-z]+): message-id=(\S+)")
_QMGR = re.compile(rb"/qmgr\[\d+\]: ([0-9A-Za-z]+): from=<")


def find_queue_id(log: Path, message_id: str) -> str:
    """The queue ID of the message, "" when Postfix did not accept it.

    `log` is a file of Postfix or of syslog; the previous one (`.1`) is read as well.  Raises OSError.
    """
    read: set[bytes] = set()  # queue IDs
    for line in _lines(log):
        if (match := _CLEANUP.search(line)) and match[2] == message_id.encode():
            read.add(match[1])
        elif read and (match := _QMGR.search(line)) and match[1] in read:
            return match[1].decode()
    return ""


def _lines(log: Path) -> Iterator[bytes]:
    previous = log.with_name(log.name + ".1")
    for path in (previous, log) if previous.exists() else (log,):
        with path.open("rb") as file:
            yield from file
