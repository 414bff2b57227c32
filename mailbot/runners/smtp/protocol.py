"""aiosmtpd's protocol, in which each connection, command and reply costs less; in aiosmtpd these take most of the time.

What a client sees is aiosmtpd's (`tests/runners/test_smtp_upstream.py`), except for what a docstring here names.
"""

import asyncio
import functools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Protocol

from aiosmtpd.smtp import SMTP, syntax

from mailbot.logs import get_logger

RECEIVE_OCTETS = 256 * 1024
MAX_COMMAND_OCTETS = 512  # of a command line, RFC 5321 §4.5.3.1.4
MAX_MAIL_COMMAND_OCTETS = MAX_COMMAND_OCTETS + 26 + 10  # with SIZE (RFC 1870 §3) and SMTPUTF8 (RFC 6531 §3.4)
_TOO_LONG, _BAD_SYNTAX = "500 Command line too long", "500 Error: bad syntax"

log = get_logger("mailbot.smtp")


class Handler(Protocol):
    """What the protocol asks of aiosmtpd's event handler."""

    hooks: dict[str, Callable[..., Awaitable[str]]]  # those that aiosmtpd calls, by command
    receive_buffer: memoryview  # RECEIVE_OCTETS, one for all connections of an event loop


class SmtpProtocol(SMTP, asyncio.BufferedProtocol):
    """One connection.  Its time limits are those of a subclass, in `_timeout_cb`."""

    def __init__(self, handler: Handler, **options: Any) -> None:
        super().__init__(handler, **options)
        self._handle_hooks = handler.hooks
        kind: Any = type(self)  # to mypy a class of aiosmtpd is not hashable
        self._smtp_methods = _commands(kind)
        self._receive_buffer = handler.receive_buffer

    def __dir__(self) -> Sequence[str]:
        """Nothing: for each connection aiosmtpd would search all names for commands, which are known."""
        return ()

    def get_buffer(self, sizehint: int) -> memoryview:
        """Of `BufferedProtocol`.  Otherwise each recv(2) allocates as many octets as it may return, which takes ten
        times as long as the system call; what was received is copied out at once, in `buffer_updated`."""
        del sizehint
        return self._receive_buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Of `BufferedProtocol`."""
        self.data_received(bytes(self._receive_buffer[:nbytes]))

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        is_new = self.transport is None  # after STARTTLS this is called a second time
        super().connection_made(transport)
        if is_new:
            self.greet()

    def greet(self) -> None:
        """Send the greeting: at once, without a turn of the event loop."""
        assert isinstance(self.transport, asyncio.WriteTransport)  # noqa: S101 - of a connection
        self.transport.write(f"220 {self.hostname} {self.__ident__}\r\n".encode())

    async def _handle_client(self) -> None:
        """Carry out the client's commands until one of them or the client ends the session.

        Unknown commands count like all other errors; aiosmtpd has a limit of its own for them.
        """
        try:
            while self.transport is not None:
                line = await self._read_line()
                try:
                    await self._carry_out(line)
                except ConnectionResetError:
                    break
                except Exception as error:  # of any kind: the client gets a reply, and the session goes on
                    await self.push(await self.handle_exception(error))
        finally:
            self._writer.close()

    async def _read_line(self) -> bytes | None:
        """The next line without its end; None for one that is longer than the buffer, which is read to its end."""
        complete = True
        while True:
            try:
                line: bytes = await self._reader.readuntil()
            except asyncio.LimitOverrunError as error:
                complete = False
                await self._reader.read(error.consumed)
            else:
                return line.rstrip(b"\r\n") if complete else None

    async def _carry_out(self, line: bytes | None) -> None:
        """Carry out a command.  Octets of its argument that are no UTF-8 are surrogates (PEP 383)."""
        if not line:
            await self.push(_TOO_LONG if line is None else _BAD_SYNTAX)
            return
        verb, _, argument = line.partition(b" ")
        name = verb.upper().decode("ascii", "replace")
        if not name.isascii():
            await self.push(_BAD_SYNTAX)
            return
        session = self.session
        assert session is not None  # noqa: S101 - aiosmtpd makes it with the connection
        if len(line) > (MAX_MAIL_COMMAND_OCTETS if name == "MAIL" and session.extended_smtp else MAX_COMMAND_OCTETS):
            await self.push(_TOO_LONG)
            return
        method = self._smtp_methods.get(name)
        if method is None:
            log.warning("unknown-command", command=name, peer=session.peer)
            await self.push(f'500 Error: command "{name}" not recognized')
            return
        await method(self, argument.strip().decode("utf-8", "surrogateescape") if argument else None)

    @syntax("EHLO hostname")
    async def smtp_EHLO(self, hostname: str) -> None:  # noqa: N802 - aiosmtpd's name
        """Reply to EHLO (RFC 5321 §4.1.1.1), without AUTH, also over TLS."""
        if not hostname:
            await self.push("501 Syntax: EHLO hostname")
            return
        self.envelope = self._create_envelope()
        assert self.session is not None  # noqa: S101 - aiosmtpd makes it with the connection
        self.session.extended_smtp = True
        self.session.host_name = hostname
        extensions = [f"SIZE {self.data_size_limit}"] if self.data_size_limit else []
        extensions += ["8BITMIME", "SMTPUTF8"] if self.enable_SMTPUTF8 else ["8BITMIME"]
        if self.tls_context and not self._tls_protocol:
            extensions.append("STARTTLS")
        await self.push("\r\n".join((*(f"250-{line}" for line in (self.hostname, *extensions)), "250 HELP")))

    async def push(self, status: Any) -> None:
        """Send a reply (str or bytes, lines without the last end); wait only while the client does not read them."""
        transport = self.transport
        if not isinstance(transport, asyncio.WriteTransport):
            return
        transport.write((status.encode() if isinstance(status, str) else status) + b"\r\n")
        if transport.get_write_buffer_size():
            await self._writer.drain()


@functools.cache
def _commands(kind: type[SmtpProtocol]) -> dict[str, Callable[..., Awaitable[None]]]:
    """Each command with its function.  Without AUTH: nobody logs in to this server."""
    prefix = "smtp_"
    names = [name for name in dir(kind) if name.startswith(prefix) and name != "smtp_AUTH"]
    return {name.removeprefix(prefix): getattr(kind, name) for name in names}
