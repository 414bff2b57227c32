"""What the log of a Postfix on this machine says about a notice whose 250 nobody heard (RFC 1047).

`cleanup` logs the Message-ID when it reads the header; what `qmgr` takes up afterwards was accepted.  A client that
dies before the final dot leaves the first line only.
"""

import re
from collections.abc import Iterator
from pathlib import Path

_READ = re.compile(rb"/cleanup\[\d+\]: ([0-9A-Za-z]+): message-id=(\S+)")
_QUEUED = re.compile(rb"/qmgr\[\d+\]: ([0-9A-Za-z]+): from=<")


def find_queue_id(log: Path, message_id: str) -> str:
    """The queue ID under which Postfix accepted the message, "" when it did not.

    `log` is read as Postfix or the system's logger writes it, and the one before it (`.1`).  Raises OSError.
    """
    read: set[bytes] = set()
    for line in _lines(log):
        if (match := _READ.search(line)) and match[2] == message_id.encode():
            read.add(match[1])
        elif read and (match := _QUEUED.search(line)) and match[1] in read:
            return match[1].decode()
    return ""


def _lines(log: Path) -> Iterator[bytes]:
    before = log.with_name(log.name + ".1")
    for path in (before, log) if before.exists() else (log,):
        with path.open("rb") as file:
            yield from file
