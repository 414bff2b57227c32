"""The SMTP server (aiosmtpd): a mail is rejected during the SMTP session, or stored in the inbox and then answered 250.

After the final dot the thread of the `InboxCommit` commits the mail: a client that disconnects, or a server that stops,
cannot interrupt the commit.  A failure of the store is always replied to with `451` and a fixed text, never with the
text of the exception.
"""

import asyncio
import re
import ssl
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import structlog
from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as WireEnvelope
from aiosmtpd.smtp import Session as WireSession

from mailbot.clock import Clock
from mailbot.mail.envelope import address_problem
from mailbot.mail.tagged_addresses import is_desk_address, tags_in
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.model.reply_token import parse_token
from mailbot.text import one_line

MAX_LINE_OCTETS = 100_000  # mail programs send HTML in one line, far longer than RFC 5321's 1,000
MAX_REPLIES = 10_000  # in one session: a hundred mails with a hundred recipients each
NULL_PATH = "<>"
_REVERSE_PATH = re.compile(r"FROM:\s*<([^>]*)>", re.I)
# Replies of aiosmtpd that are replaced by one of ours: with an enhanced status code (RFC 3463) and a clear text.
_REPLACED = {
    b"552 Error: message size exceeds fixed maximum message size": "too_large",
    b"552 Error: Too much mail data": "too_large",
    b"500 Line too long (see RFC5321 4.5.3.1.6)": "line_too_long",
    b"553 5.1.3 Error: malformed address": "bad_address",
}
_REPLIES = {
    "too_large": "552 5.3.4 The message is too large for this desk ({limit} MB). Please send it without attachments",
    "line_too_long": "500 5.6.0 A line of the message is too long (limit 100,000 octets)",
    "bad_address": "553 5.1.3 This is not a valid mail address",
    "bad_sender": "553 5.1.7 This is not a valid sender address: {problem}",
    "not_ours": "550 5.1.1 This desk has no such address. Please write to {desk}",
    "bad_token": "550 5.1.1 This reply address is not valid (any more). Please write to {desk}",
    "too_many_recipients": "452 4.5.3 Too many recipients",
    "bare_line_break": "550 5.6.0 The message contains a bare CR, a bare LF or a NUL (RFC 5321 section 2.3.8)",
    "store_busy": "451 4.3.0 The mail could not be stored safely just now. Please try again later",
    "store_full": "452 4.3.1 The desk has too little disk space at the moment. Please try again later",
    "too_many_connections": "421 4.7.0 Too many connections. Please try again later",
    "idle_too_long": "421 4.4.2 All connections are in use, and this one was idle. Please try again later",
    "session_too_long": "421 4.4.2 This session has taken too long. Please try again later",
    "too_many_commands": "421 4.7.0 Too many commands. Please try again later",
    "stored": "250 2.0.0 Stored safely as #{number}",
}

log = structlog.get_logger("mailbot.smtp")


@dataclass(frozen=True)
class SmtpSettings:
    """What the SMTP server checks before it stores a mail, and the limits of a session."""

    desk_address: str
    hostname: str
    max_message_bytes: int
    max_connections: int
    max_recipients: int
    timeout_seconds: int  # without a command from the client
    session_seconds: int  # the longest duration of a session
    min_free_bytes: int  # of disk space; below it, MAIL is replied to with 452
    token_keys: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class Refusal:
    """A mail or recipient that was rejected permanently (5yz), for the mail log."""

    at: datetime
    reason: str
    sender: str  # the reverse-path
    recipient: str
    peer: str  # the client's IP address


class SmtpHandler:
    """The handler hooks of aiosmtpd; one object for all sessions."""

    def __init__(
        self,
        settings: SmtpSettings,
        clock: Clock,
        put: Callable[[Arrival], "Future[int]"],
        free_bytes: Callable[[], int],
        refused: Callable[[Refusal], None],
    ) -> None:
        """`put` is `InboxCommit.put`; `free_bytes`: disk space of the store; `refused`: called for each 5yz."""
        self.settings = settings
        self._clock = clock
        self._put = put
        self._free_bytes = free_bytes
        self._refused = refused
        self.sessions: set[SmtpSession] = set()

    def factory(self, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext | None) -> Callable[[], "SmtpSession"]:
        """The protocol factory for `loop.create_server`: makes the session of a connection."""
        return lambda: SmtpSession(
            self,
            loop=loop,
            data_size_limit=self.settings.max_message_bytes,
            enable_SMTPUTF8=True,
            hostname=self.settings.hostname,
            ident="mailbot",
            timeout=self.settings.timeout_seconds,
            tls_context=tls,
        )

    def reply(self, name: str, **values: object) -> str:
        """The SMTP reply `name` (a key of _REPLIES)."""
        limit = self.settings.max_message_bytes // (1024 * 1024)
        return _REPLIES[name].format(desk=self.settings.desk_address, limit=limit, **values)

    def refuse(
        self, name: str, session: WireSession, envelope: WireEnvelope, recipient: str = "", **values: object
    ) -> str:
        """Record the rejection, and return the SMTP reply `name`."""
        sender = one_line(_reverse_path(envelope))
        self._refused(Refusal(self._clock.now(), name.replace("_", "-"), sender, one_line(recipient), _peer(session)))
        return self.reply(name, **values)

    def close(self) -> None:
        """Close every session; replies that were written already are still sent."""
        for session in list(self.sessions):
            if session.transport is not None:
                session.transport.close()

    def admit(self, session: "SmtpSession") -> bool:
        """Whether `session` may go on.  When all slots are in use, the longest-idle other session is closed with 421,
        so that a client that holds connections open does not block others; False when all are in a transaction."""
        if len(self.sessions) <= self.settings.max_connections:
            return True
        idle = [one for one in self.sessions if one is not session and not one.in_transaction]
        if not idle:
            return False
        min(idle, key=lambda one: one.last_input_at).close_with("idle_too_long")
        return True

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: WireSession, envelope: WireEnvelope, address: str, options: list[str]
    ) -> str:
        if self._free_bytes() < self.settings.min_free_bytes:
            return self.reply("store_full")
        # The null reverse-path stays `<>` until DATA: to aiosmtpd an empty string means that MAIL is missing and
        # would reject RCPT, so that no delivery report (RFC 3464) could be received.
        envelope.mail_from = address.strip("<>") or NULL_PATH
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: WireSession, envelope: WireEnvelope, address: str, options: list[str]
    ) -> str:
        settings = self.settings
        if len(envelope.rcpt_tos) >= settings.max_recipients:
            return self.reply("too_many_recipients")
        if address_problem(address, smtputf8=True) or not is_desk_address(address, settings.desk_address):
            return self.refuse("not_ours", session, envelope, address)
        for tag in tags_in([address], settings.desk_address):
            token = parse_token(tag)
            if token is None or not token.has_valid_mac(*settings.token_keys):
                return self.refuse("bad_token", session, envelope, address)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: WireSession, envelope: WireEnvelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        if _has_bare_line_break(raw):
            return self.refuse("bare_line_break", session, envelope, ", ".join(envelope.rcpt_tos))
        evidence = Evidence(
            peer=_peer(session),
            helo=one_line(session.host_name or ""),
            tls=session.ssl is not None,
        )
        utf8 = any(option.upper() == "SMTPUTF8" for option in envelope.mail_options)
        arrival = Arrival(
            Envelope(_reverse_path(envelope), tuple(envelope.rcpt_tos), utf8), raw, evidence, self._clock.now()
        )
        try:
            number = await asyncio.shield(asyncio.wrap_future(self._put(arrival)))
        except Exception:  # of any kind: after 451 the client keeps the mail and tries again
            log.exception("mail-not-stored")
            return self.reply("store_busy")
        return self.reply("stored", number=number)

    async def handle_exception(self, error: Exception) -> str:
        log.error("smtp-session-failed", exc_info=error)
        return self.reply("store_busy")


class SmtpSession(SMTP):
    """The session of one connection: aiosmtpd's protocol, with limits and with the replies of this module."""

    line_length_limit = MAX_LINE_OCTETS

    def __init__(self, handler: SmtpHandler, **options: Any) -> None:
        super().__init__(handler, **options)
        self._handler = handler
        self._replies = 0
        self._time_limit: asyncio.TimerHandle | None = None
        self.last_input_at = self.loop.time()  # seconds, on the clock of the event loop

    @property
    def in_transaction(self) -> bool:
        """Whether MAIL was accepted and the mail transaction is not over (RFC 5321 §3.3)."""
        return self.envelope is not None and self.envelope.mail_from is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._handler.sessions.add(self)
        if self._time_limit is None:  # after STARTTLS this is called a second time
            seconds = self._handler.settings.session_seconds
            self._time_limit = self.loop.call_later(seconds, self.close_with, "session_too_long")
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._handler.sessions.discard(self)
        if self._time_limit is not None:
            self._time_limit.cancel()
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        self.last_input_at = self.loop.time()
        super().data_received(data)

    def close_with(self, name: str) -> None:
        """Send the reply `name` (421) and close the connection; a mail that is not complete is discarded."""
        self._handler.sessions.discard(self)
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.write(self._handler.reply(name).encode("ascii") + b"\r\n")
            self.transport.close()

    async def _handle_client(self) -> None:
        if not self._handler.admit(self):
            await self.push(self._handler.reply("too_many_connections"))
            if self.transport is not None:
                self.transport.close()
            return
        await super()._handle_client()

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Check the reverse-path as received: aiosmtpd's parser repairs addresses that must be rejected (T-8)."""
        match = _REVERSE_PATH.match(arg or "")
        if match is not None and match[1] and self.session is not None and self.envelope is not None:
            problem = address_problem(match[1], smtputf8="SMTPUTF8" in (arg or "").upper())
            if problem:
                await self.push(self._handler.refuse("bad_sender", self.session, self.envelope, problem=problem))
                return
        await super().smtp_MAIL(arg)

    async def push(self, status: Any) -> None:
        """Send a reply (str or bytes).  A rejection by aiosmtpd itself is replaced by ours and recorded like ours."""
        line = status.encode() if isinstance(status, str) else status
        name = _REPLACED.get(line.strip())
        if name is not None and self.session is not None and self.envelope is not None:
            status = self._handler.refuse(name, self.session, self.envelope, ", ".join(self.envelope.rcpt_tos))
        self._replies += 1
        if self._replies > MAX_REPLIES:
            self.close_with("too_many_commands")
            return
        await super().push(status)


def _peer(session: WireSession) -> str:
    """The client's IP address; empty when it is not known."""
    return session.peer[0] if isinstance(session.peer, tuple) else ""


def _reverse_path(envelope: WireEnvelope) -> str:
    return "" if envelope.mail_from in (None, NULL_PATH) else str(envelope.mail_from)


def _has_bare_line_break(raw: bytes) -> bool:
    """Whether there is a bare CR, a bare LF or a NUL: the means of SMTP smuggling (T-1; RFC 5321 §2.3.8)."""
    paired = raw.count(b"\r\n")
    return raw.count(b"\r") != paired or raw.count(b"\n") != paired or b"\0" in raw
