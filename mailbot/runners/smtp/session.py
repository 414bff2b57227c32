"""The session of one connection: the SMTP protocol with limits, with our replies, and with a DATA of our own."""

import asyncio
import re
from typing import TYPE_CHECKING, Any

from aiosmtpd.smtp import TLSSetupException, syntax

from mailbot.mail.envelope import address_problem
from mailbot.runners.smtp.data import MAX_LINE_OCTETS, MailData
from mailbot.runners.smtp.protocol import SmtpProtocol
from mailbot.runners.smtp.replies import REPLACED

if TYPE_CHECKING:
    from mailbot.runners.smtp.handler import SmtpHandler

MAX_REPLIES = 10_000  # in one session: a hundred mails with a hundred recipients each
MAX_REPLIES_WITHOUT_MAIL = 1_000  # since the session began or a mail was stored: a mail needs one for each recipient
UNREAD_SECONDS = 10  # that the replies of a closed session wait for a client to read them
HANDSHAKE_SECONDS = 30  # that a client has for the TLS handshake (RFC 8446 §4) after STARTTLS
_EVERYTHING = 1 << 30  # more than a StreamReader buffers: a read of so many octets empties it
_REVERSE_PATH = re.compile(r"FROM:\s*<([^>]*)>", re.I)
# A path of RFC 5321 §4.1.2 without quoting, source route or address literal, and what follows it.
_ATOM = r"[A-Za-z0-9!#$%&*+/=?^_`{|}~-]+"
_PLAIN_PATH = re.compile(rf"<({_ATOM}(?:\.{_ATOM})*@[A-Za-z0-9.-]+)>(?: (.*))?")


class SmtpSession(SmtpProtocol):
    """One connection.  Its limits are those of `SmtpHandler.settings`."""

    line_length_limit = MAX_LINE_OCTETS

    def __init__(self, handler: "SmtpHandler", **options: Any) -> None:
        super().__init__(handler, **options)
        self._handler = handler
        self._replies = 0
        self._replies_since_mail = 0
        self._errors = 0
        self._unread_limit: asyncio.TimerHandle | None = None  # while the connection is being closed
        self._mail: MailData | None = None  # that is being received
        self._storing = False  # a mail was received, and its reply waits for the store
        self._began_at = self._replied_at = self.loop.time()  # seconds, on the clock of the event loop
        self.peer = ""  # IP address of the client

    @property
    def in_transaction(self) -> bool:
        """Whether MAIL was accepted and the mail transaction is not over (RFC 5321 §3.3)."""
        return self.envelope is not None and self.envelope.mail_from is not None

    def stalled_seconds(self) -> float:
        """How long the client has made no progress: no command, or too few octets of a mail; 0 while the mail is
        stored."""
        now = self.loop.time()
        if self._storing:
            return 0
        if self._mail is not None:
            return self._mail.seconds_late(now, self._handler.settings.min_data_rate)
        return now - self._replied_at

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self.transport is None:  # after STARTTLS this is called a second time
            peer = transport.get_extra_info("peername")
            self.peer = peer[0] if isinstance(peer, tuple) else ""
            self._handler.connections.add(self)
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._handler.connections.discard(self)
        if self._unread_limit is not None:
            self._unread_limit.cancel()
        super().connection_lost(error)

    def close_with(self, name: str) -> None:
        """Send the reply `name` (421) and close the connection; a mail that is not complete is discarded."""
        self._handler.connections.discard(self)
        if isinstance(self.transport, asyncio.WriteTransport) and not self.transport.is_closing():
            self.transport.write(self._handler.reply(name).encode("ascii") + b"\r\n")
            self.transport.close()
        self._abort_unread()
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()

    def _abort_unread(self) -> None:
        """Give a client UNREAD_SECONDS to read the last replies: a transport with unsent octets stays open for ever.

        With TLS it also waits for the client's close_notify (RFC 8446 §6.1), and it is the TCP connection that is
        aborted: abort() of a TLS transport that was closed twice does nothing.
        """
        transport = self.transport
        if self._unread_limit is not None or not isinstance(transport, asyncio.WriteTransport):
            return
        plain = self._original_transport
        connection = plain if isinstance(plain, asyncio.WriteTransport) else transport
        if connection is plain or transport.get_write_buffer_size():
            self._unread_limit = self.loop.call_later(UNREAD_SECONDS, connection.abort)

    async def _end(self) -> None:
        """End the coroutine that carries out the commands: those that were received already have no effect."""
        if self._handler_coroutine is not None:
            self._handler_coroutine.cancel()
        await asyncio.sleep(0)  # where it is cancelled

    def greet(self) -> None:
        refused = self._handler.connections.refuse(self)
        if refused:
            self.close_with(refused)
        else:
            super().greet()

    async def _handle_client(self) -> None:
        try:
            await super()._handle_client()
        finally:
            self._abort_unread()  # after QUIT

    def _reset_timeout(self, duration: float | None = None) -> None:
        """Set the timer, once: it looks itself at what the client has done meanwhile.

        `duration` is aiosmtpd's for the PROXY protocol, which is not used here.
        """
        del duration
        if self._timeout_handle is None:
            settings = self._handler.settings
            self._set_timer(min(settings.timeout_seconds, settings.session_seconds))

    def _set_timer(self, seconds: float) -> None:
        self._timeout_handle = self.loop.call_later(seconds, self._timeout_cb)

    def _timeout_cb(self) -> None:
        """Close a session that takes too long or has been without progress for too long; else look again in time."""
        settings, now = self._handler.settings, self.loop.time()
        of_session = self._began_at + settings.session_seconds - now
        of_client = settings.timeout_seconds - self.stalled_seconds()
        if of_session <= 0:
            self.close_with("session_too_long")
        elif of_client <= 0:
            self.close_with("timed_out" if self._mail is None else "too_slow")
        else:
            self._set_timer(min(of_session, of_client))

    def _getaddr(self, arg: str) -> tuple[str | None, str | None]:
        """Address and the rest of `arg`.  aiosmtpd's parser takes as long as everything else of the command."""
        match = _PLAIN_PATH.fullmatch(arg)
        return (match[1], match[2] or "") if match is not None else super()._getaddr(arg)

    @syntax("STARTTLS", when="tls_context")
    async def smtp_STARTTLS(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """RFC 3207, once in a session.  A handshake that fails or takes too long ends it."""
        plain = self.transport
        if self._original_transport is not None or not isinstance(plain, asyncio.WriteTransport):
            await self.push("503 5.5.1 Error: TLS has begun already")
            return
        try:
            async with asyncio.timeout(HANDSHAKE_SECONDS):
                await super().smtp_STARTTLS(arg)
        except (TLSSetupException, TimeoutError):
            await self._end()
        finally:
            # Until the handshake is complete aiosmtpd has no transport, and asyncio tells nobody that it has failed.
            if self._tls_protocol is not None and self.session is not None and self.session.ssl is None:
                plain.abort()
                self.connection_lost(None)

    @syntax("MAIL FROM: <address>", extended=" [SP <mail-parameters>]")
    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Check the reverse-path as received: aiosmtpd's parser repairs addresses that must be rejected (T-8)."""
        match = _REVERSE_PATH.match(arg or "")
        if match is not None and match[1] and self.session is not None and self.envelope is not None:
            problem = address_problem(match[1], smtputf8="SMTPUTF8" in (arg or "").upper())
            if problem:
                await self.push(self._handler.refuse("bad_sender", self.session, self.envelope, problem=problem))
                return
        await super().smtp_MAIL(arg)

    async def smtp_POST(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """A web browser, whose request has SMTP commands in its body: on loopback it would pass for a trusted relay."""
        del arg
        self.close_with("not_smtp")
        await self._end()

    smtp_GET = smtp_HEAD = smtp_PUT = smtp_CONNECT = smtp_OPTIONS = smtp_POST  # noqa: N815

    @syntax("DATA")
    async def smtp_DATA(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Receive a mail into one buffer within the limits, and store it."""
        if await self.check_helo_needed():
            return
        if self.envelope is None or self.session is None or not self.envelope.rcpt_tos:
            await self.push("503 5.5.1 Error: need RCPT command")
            return
        if arg:
            await self.push("501 5.5.4 Syntax: DATA")
            return
        await self.push("354 End data with <CR><LF>.<CR><LF>")
        handler = self._handler
        with handler.data_budget.receive(self.loop.time()) as mail:
            await self._receive(mail)
            content = mail.content() if not mail.problem else b""
            if mail.problem == "no_memory":
                status = handler.reply(mail.problem)
            elif mail.problem:
                recipients = ", ".join(self.envelope.rcpt_tos)
                status = handler.refuse(mail.problem, self.session, self.envelope, recipients)
            else:
                self.envelope.content = self.envelope.original_content = content
                status = await self._store()
                self._replies_since_mail = 0
        self.envelope = self._create_envelope()
        await self.push(status)

    async def _receive(self, mail: MailData) -> None:
        """Read the octets of `mail` until its end; those after it are the next command."""
        self._mail = mail
        try:
            while True:
                chunk = await self._reader.read(_EVERYTHING)
                if not chunk:
                    raise ConnectionResetError
                rest = mail.add(chunk, self.loop.time())
                if rest is not None:
                    break
        finally:
            self._mail = None
        self._handler.data_budget.complete(mail)
        if rest:
            self._reader.feed_data(rest)

    async def _store(self) -> str:
        """The reply to a mail after the store has it, or has failed."""
        assert self.session is not None and self.envelope is not None  # noqa: S101 - as in smtp_DATA
        self._storing = True
        try:
            return await self._handler.store(self.session, self.envelope)
        finally:
            self._storing = False

    def _excess(self) -> str:
        """The reply with which the session must end, because of too many errors or replies; "" if it may go on."""
        settings = self._handler.settings
        if self._errors > settings.max_errors:
            return "too_many_errors"
        many = max(MAX_REPLIES_WITHOUT_MAIL, 2 * settings.max_recipients)
        return "too_many_commands" if self._replies > MAX_REPLIES or self._replies_since_mail > many else ""

    async def push(self, status: Any) -> None:
        """Send a reply (str or bytes).  A rejection by aiosmtpd itself is replaced by ours and recorded like ours."""
        if self.transport is None or self.transport.is_closing():
            await self._end()
            return
        line: bytes = status.encode() if isinstance(status, str) else status
        if line.startswith(b"5"):
            self._errors += 1
            name = REPLACED.get(line.strip())
            if name is not None and self.session is not None and self.envelope is not None:
                recipients = ", ".join(self.envelope.rcpt_tos)
                line = self._handler.refuse(name, self.session, self.envelope, recipients).encode()
        self._replies += 1
        self._replies_since_mail += 1
        self._replied_at = self.loop.time()
        excess = self._excess()
        if excess:
            self.close_with(excess)
            await self._end()
            return
        await super().push(line)
        if self._reader._buffer:  # type: ignore[attr-defined]
            await asyncio.sleep(0)  # commands that are there already would keep the event loop from all other clients
