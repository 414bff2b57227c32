"""From the process that decides to the one that writes: a notice before its decision is committed, as a datagram.

So the notice is rendered while the decision is committed.  It may be lost, or announced in vain: what is written is
what the outbox has.
"""

import json
import socket
from collections.abc import Callable
from datetime import datetime

from mailbot.logs import get_logger
from mailbot.model.notice import NoticeKind
from mailbot.model.people import Role
from mailbot.model.standing import Standing
from mailbot.records.queues.unwritten import UnwrittenNotice

_LONGEST = 262_144  # octets of a datagram; a socket takes fewer by default

log = get_logger("mailbot.write")


def socket_pair() -> tuple[socket.socket, socket.socket]:
    """The ends of the two processes, which inherit them (deciding, writing)."""
    deciding, writing = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    for one in (deciding, writing):
        one.setblocking(False)
    return deciding, writing


def announcing(end: socket.socket) -> Callable[[UnwrittenNotice], None]:
    """What announces a notice over the socket; never waits, and loses it when the other process does not keep up."""

    def announce(notice: UnwrittenNotice) -> None:
        try:
            end.send(octets_of(notice))
        except (OSError, TypeError, ValueError) as error:  # it is written in any case, only later
            log.debug("notice-not-announced", error=repr(error))

    return announce


def receiving(
    end: socket.socket, announced: Callable[[UnwrittenNotice], None], wanted: Callable[[], bool] = lambda: True
) -> Callable[[], None]:
    """What is called when the socket can be read; calls `announced` with the notice, if `wanted` says so."""
    buffer = memoryview(bytearray(_LONGEST))  # once: memory for each datagram takes ten times as long as receiving it

    def receive() -> None:
        try:
            octets = end.recv_into(buffer)
            if wanted():
                announced(notice_of(bytes(buffer[:octets])))
        except (OSError, TypeError, ValueError, LookupError) as error:
            log.debug("notice-not-announced", error=repr(error))

    return receive


def octets_of(notice: UnwrittenNotice) -> bytes:
    """A notice as JSON; one that has the time at which it was decided."""
    if notice.created_at is None:
        raise ValueError("a notice that is announced has the time at which it was decided")
    return json.dumps(vars(notice) | {"created_at": notice.created_at.isoformat()}, ensure_ascii=False).encode()


def notice_of(octets: bytes) -> UnwrittenNotice:
    """The notice of `octets_of`.  Raises ValueError, TypeError, LookupError."""
    plain = json.loads(octets)
    typed = {
        "kind": NoticeKind(plain["kind"]),
        "role": Role(plain["role"]),
        "standing": Standing(plain["standing"]),
        "created_at": datetime.fromisoformat(plain["created_at"]),
    }
    return UnwrittenNotice(**(plain | typed))
