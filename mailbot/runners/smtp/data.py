"""The octets of mails that are being received: one buffer for each, and one limit for all together.

aiosmtpd keeps an object for each line, thirty times the memory of a mail of empty lines.
"""

from collections.abc import Iterator
from contextlib import contextmanager

MAX_LINE_OCTETS = 100_000  # mail programs send HTML in one line, far longer than RFC 5321's 1,000
_END = b"\r\n.\r\n"


class MailData:
    """What was received of one mail after DATA (RFC 5321 §4.1.1.4).

    Attributes: `octets`, how many were received; `problem`, the name of the reply with which the mail is refused, else
    "".  Of a refused mail nothing is kept; it is received to its end all the same.
    """

    def __init__(self, data_budget: "DataBudget", began_at: float) -> None:
        """`began_at`: on the clock of the event loop, in seconds."""
        self._budget = data_budget
        self._content = bytearray(_END[:2])  # the line break before a first line that may be the end already
        self.began_at = self.last_at = began_at
        self.octets = 0
        self.kept = 0  # octets, as the budget counts them
        self.problem = ""

    def add(self, chunk: bytes, now: float) -> bytes | None:
        """Append received octets; returns those after the end of the mail, None when it has not ended yet."""
        self.last_at = now
        self.octets += len(chunk)
        begin = max(0, len(self._content) - len(_END) + 1)
        self._content += chunk
        end = self._content.find(_END, begin)
        rest = bytes(self._content[end + len(_END) :]) if end >= 0 else None
        if rest is not None:
            self.octets -= len(rest)
            del self._content[end + len(_END[:2]) :]
        if not self.problem and self.octets > self._budget.largest_mail:
            self.refuse("too_large")
        if self.problem:
            del self._content[: -len(_END) + 1]
        else:
            self._budget.count(self)
        return rest

    def refuse(self, name: str) -> None:
        """Refuse the mail permanently with the reply `name`."""
        self._drop(name)

    def postpone(self) -> None:
        """Refuse the mail for now."""
        self._drop("no_memory")

    def _drop(self, name: str) -> None:
        """Keep nothing of the mail but what the search for its end needs."""
        self.problem = name
        del self._content[: -len(_END) + 1]
        self._budget.count(self)

    def content(self) -> bytes:
        """The mail without the dots that SMTP has added to lines (RFC 5321 §4.5.2).  Call it once, at the end.

        "" with a `problem` when a line is too long.
        """
        content, self._content = self._content, bytearray()
        if b"\r\n." in content:
            content = content.replace(b"\r\n.", b"\r\n")
        with memoryview(content) as view:
            raw = bytes(view[2:])
        if _has_long_line(raw):
            self.refuse("line_too_long")
            return b""
        return raw

    def seconds_late(self, now: float, min_rate: int) -> float:
        """For how many seconds it has not been received, or has been slower than `min_rate` octets per second."""
        expected = self.octets / min_rate if min_rate else now - self.began_at
        return max(now - self.last_at, now - self.began_at - expected)


class DataBudget:
    """The limit of the octets of all mails that are being received or stored at one time.

    Beyond it the largest of those being received is refused: the many small mails are not the ones that fill it.
    """

    def __init__(self, largest_mail: int, most_octets: int) -> None:
        """`largest_mail`: octets of one mail; `most_octets`: of all, at least `largest_mail` are allowed."""
        self.largest_mail = largest_mail
        self._most = max(most_octets, largest_mail)
        self._used = 0
        self._receiving: set[MailData] = set()

    @contextmanager
    def receive(self, now: float) -> Iterator[MailData]:
        """A new mail; its octets count until the end of the block, where it has been stored or refused."""
        mail = MailData(self, now)
        self._receiving.add(mail)
        try:
            yield mail
        finally:
            self._receiving.discard(mail)
            self._used -= mail.kept

    def complete(self, mail: MailData) -> None:
        """`mail` was received to its end: it is not refused any more, and still counts."""
        self._receiving.discard(mail)

    def count(self, mail: MailData) -> None:
        """Count the octets of `mail` anew; refuse the largest mails when they are too many."""
        kept = 0 if mail.problem else mail.octets
        self._used += kept - mail.kept
        mail.kept = kept
        while self._used > self._most and self._receiving:
            largest = max(self._receiving, key=lambda one: one.kept)
            if not largest.kept:
                return
            largest.postpone()


def _has_long_line(raw: bytes) -> bool:
    """Whether a line has more than MAX_LINE_OCTETS.  Linear in the length, without an object for each line."""
    position = 0
    while len(raw) - position > MAX_LINE_OCTETS:
        line_break = raw.rfind(b"\n", position, position + MAX_LINE_OCTETS)
        if line_break < 0:
            return True
        position = line_break + 1
    return False
