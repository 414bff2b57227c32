"""The mail transactions of a connection to the relay: commands in groups (RFC 2920), and their replies in order.

aiosmtplib makes the connection, up to TLS and the login.  It sends one command at a time and cannot read the replies to
a group: a mail takes four round trips with it, two with PIPELINING.
"""

import asyncio
from collections import deque
from collections.abc import Iterator
from itertools import islice
from typing import cast

import aiosmtplib

QUIT_SECONDS = 2.0  # for the reply to QUIT
_INVALID = int(aiosmtplib.SMTPStatus.invalid_response)  # in place of the code of a reply that has none
_LONGEST_REPLY = 32_768  # octets
_MOST_REPLIES = 10  # unread ones
_EXCERPT = 200  # octets of a line that is no reply


class RelayConnection(asyncio.Protocol):
    """Takes the connection of `client` over.  For one coroutine at a time."""

    def __init__(self, client: aiosmtplib.SMTP) -> None:
        """Raises SMTPServerDisconnected when the connection has been closed already."""
        if client.transport is None:
            raise aiosmtplib.SMTPServerDisconnected("Connection lost")
        self._client = client
        self._pipelining = client.supports_extension("pipelining")
        self._commands: deque[bytes] = deque()  # without PIPELINING: those to send, each after the reply to the last
        self._buffer = bytearray()  # received, and no reply yet
        self._replies: deque[aiosmtplib.SMTPResponse] = deque()
        self._end: Exception | None = None  # why there will be no other reply
        self._waiter: asyncio.Future[None] | None = None
        self._transport = cast(asyncio.Transport, client.transport)
        self._transport.set_protocol(self)

    @property
    def is_usable(self) -> bool:
        """Whether a mail transaction can begin: it is open, and the relay has not sent what nobody asked for."""
        return not (self._end or self._replies or self._buffer or self._transport.is_closing())

    def offers(self, extension: str) -> bool:
        """Whether the relay has named this EHLO keyword."""
        return self._client.supports_extension(extension)

    def begin(self, *commands: bytes) -> None:
        """Send `commands`, without their CRLF; `expect` reads the reply to each."""
        self._commands = deque(command + b"\r\n" for command in commands)
        if self._pipelining:
            self._write(b"".join(self._commands))
            self._commands.clear()

    async def expect(self, *codes: int) -> str:
        """The text of the next reply.

        Raises SMTPResponseException when its code is none of `codes`, SMTPServerDisconnected when there is none.
        """
        if self._commands:
            self._write(self._commands.popleft())
        if not self._replies:
            if self._end is not None:
                raise self._end
            self._waiter = asyncio.get_running_loop().create_future()
            try:
                await self._waiter
            finally:
                self._waiter = None
        reply = self._replies.popleft()
        if reply.code not in codes:
            raise aiosmtplib.SMTPResponseException(reply.code, reply.message)
        return reply.message

    def send(self, octets: bytes) -> None:
        """Send a mail.  Raises SMTPResponseException when the relay has replied to it already: that means nothing.

        Raises SMTPServerDisconnected when the connection is closed.
        """
        if self._end is not None:
            raise self._end
        if self._replies or self._buffer:
            raise aiosmtplib.SMTPResponseException(_INVALID, "A reply before the mail was sent")
        self._write(octets)

    def _write(self, octets: bytes) -> None:
        """After the connection was closed they are lost, and `expect` raises."""
        if not self._transport.is_closing():
            self._transport.write(octets)

    async def quit(self) -> None:
        """End the session (RFC 5321 §4.1.1.10) within QUIT_SECONDS, whatever the relay says."""
        try:
            async with asyncio.timeout(QUIT_SECONDS):
                self.begin(b"QUIT")
                await self.expect(221)
            self._transport.close()
        except (aiosmtplib.SMTPException, TimeoutError):
            pass
        finally:
            self.cut()

    def cut(self) -> None:
        """Close at once: octets that were not sent yet, which may end with a mail's final dot, are not."""
        if not self._transport.is_closing():
            self._transport.abort()
        self._client.close()

    def data_received(self, data: bytes) -> None:
        if self._end is not None:
            return  # behind what was no reply nothing is one
        self._buffer += data
        try:
            self._replies.extend(self._complete_replies())
        except aiosmtplib.SMTPResponseException as error:
            self._buffer.clear()
            self._ends(error)
        if len(self._replies) > _MOST_REPLIES:  # of a relay that never stops; the first ones are replies
            self._replies = deque(islice(self._replies, _MOST_REPLIES))
            self._ends(aiosmtplib.SMTPResponseException(_INVALID, "More replies than commands"))
            self._transport.abort()
        self._wake()

    def eof_received(self) -> bool:
        self._ends(aiosmtplib.SMTPServerDisconnected("Unexpected EOF received"))
        return False  # the transport closes itself

    def connection_lost(self, exc: Exception | None) -> None:
        lost = aiosmtplib.SMTPServerDisconnected("Connection lost")
        lost.__cause__ = exc
        self._ends(lost)

    def _ends(self, error: Exception) -> None:
        self._end = self._end or error
        self._wake()

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            if self._replies:
                self._waiter.set_result(None)
            elif self._end is not None:
                self._waiter.set_exception(self._end)

    def _complete_replies(self) -> Iterator[aiosmtplib.SMTPResponse]:
        """Take the replies that are complete from the buffer (RFC 5321 §4.2.1).

        Raises SMTPResponseException for what is no reply, and for one that is too long.
        """
        begin = 0  # of a reply
        texts: list[bytes] = []
        position = 0
        while (end := self._buffer.find(b"\n", position)) >= 0:
            line, position = bytes(self._buffer[position:end]), end + 1
            if not line[:3].isdigit():
                text = line[:_EXCERPT].decode("utf-8", "ignore")
                raise aiosmtplib.SMTPResponseException(_INVALID, f"Malformed SMTP response line: {text}")
            texts.append(line[4:].strip(b" \t\r"))
            if position - begin > _LONGEST_REPLY:
                break
            if line[3:4] != b"-":
                yield aiosmtplib.SMTPResponse(int(line[:3]), b"\n".join(texts).decode("utf-8", "surrogateescape"))
                begin, texts = position, []
        del self._buffer[:begin]
        if len(self._buffer) > _LONGEST_REPLY:
            raise aiosmtplib.SMTPResponseException(_INVALID, "Response too long")
