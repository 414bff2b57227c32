"""Bounds for the answers of an IMAP server: imaplib reads a literal of any size, and lines without an end."""

from collections.abc import Callable
from datetime import timedelta

from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientAbortError

from mailbot.clock import Clock

LONGEST = timedelta(minutes=10)  # for the answer to one command; a silent server is given up on before
MOST_LINES = 20_000  # of that answer: each costs imaplib more than its octets, and most answers have fewer than ten
_CHUNK = 65_536


def bound_answers(client: IMAPClient, most_octets: int, clock: Clock) -> None:
    """From now on the connection fails (IMAPClientAbortError) when the answer to one command is longer than that,
    or has more than MOST_LINES lines."""
    imap = client._imap
    read, readline, send = imap.read, imap.readline, imap.send
    budget = _Budget(most_octets, clock)

    def begin(data: bytes) -> None:
        budget.begin()
        send(data)

    def read_literal(size: int) -> bytes:
        budget.take(size)  # before a single octet of it is read
        pieces = []
        while size > 0:
            piece = read(min(size, _CHUNK))
            budget.check_time()
            if not piece:
                break
            pieces.append(piece)
            size -= len(piece)
        return b"".join(pieces)

    imap.read, imap.readline, imap.send = read_literal, budget.counting(readline), begin


class _Budget:
    """What is left of the answer to the present command."""

    def __init__(self, most_octets: int, clock: Clock) -> None:
        self._most = most_octets
        self._clock = clock
        self.begin()

    def begin(self) -> None:
        self._left = self._most
        self._lines_left = MOST_LINES
        self._until = self._clock.elapsed() + LONGEST

    def take(self, octets: int) -> None:
        self._left -= octets
        if self._left < 0:
            raise IMAPClientAbortError(f"the answer of the server has more than {self._most} octets")
        self.check_time()

    def check_time(self) -> None:
        if self._clock.elapsed() > self._until:
            raise IMAPClientAbortError(f"the answer of the server takes longer than {LONGEST}")

    def counting(self, readline: Callable[[], bytes]) -> Callable[[], bytes]:
        def counted() -> bytes:
            line = readline()
            self.take(len(line))
            self._lines_left -= 1
            if self._lines_left < 0:
                raise IMAPClientAbortError(f"the answer of the server has more than {MOST_LINES} lines")
            return line

        return counted
