"""The SMTP door (aiosmtpd): refuse in the dialogue, or put the mail in the inbox and only then say 250.

After the final dot the commit runs in the intake's own thread: a client that hangs up or a server that stops
cannot cut it in half.  A failure of the store is always `451` with fixed words, never the exception's text.
"""

import asyncio
import logging
import re
import ssl
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as WireEnvelope
from aiosmtpd.smtp import Session as WireSession

from mailbot.clock import Clock
from mailbot.mail.envelope import address_problem
from mailbot.mail.threading import is_desk_address, tags_in
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.model.reply_token import parse_token
from mailbot.text import one_line

LONGEST_LINE = 100_000  # octets; real mail programs send HTML in one line, far beyond RFC 5321's 1,000

MOST_REPLIES = 10_000  # of one connection: a hundred mails with a hundred recipients each
NULL_PATH = "<>"
_REVERSE_PATH = re.compile(r"FROM:\s*<([^>]*)>", re.I)
# aiosmtpd's own words, said again with an enhanced status code (RFC 3463) and so that a person understands.
_CLEARER = {
    b"552 Error: message size exceeds fixed maximum message size": "too_large",
    b"552 Error: Too much mail data": "too_large",
    b"500 Line too long (see RFC5321 4.5.3.1.6)": "line_too_long",
    b"553 5.1.3 Error: malformed address": "bad_address",
}
_REPLIES = {
    "too_large": "552 5.3.4 The message is too large for this desk ({limit} MB). Please send it without attachments",
    "line_too_long": "500 5.6.0 A line of the message is too long (limit 100,000 octets)",
    "bad_address": "553 5.1.3 The address is not one a mail can be sent to",
    "bad_sender": "553 5.1.7 The sender address cannot be used: {problem}",
    "not_ours": "550 5.1.1 This desk has no such address. Please write to {desk}",
    "bad_token": "550 5.1.1 This reply address is not valid (any more). Please write to {desk}",
    "too_many_recipients": "452 4.5.3 Too many recipients",
    "bare_line_break": "550 5.6.0 The message contains a bare CR, a bare LF or a NUL (RFC 5321 section 2.3.8)",
    "store_busy": "451 4.3.0 The mail could not be stored safely just now. Please try again later",
    "store_full": "452 4.3.1 The desk has no room to store mail just now. Please try again later",
    "too_many_connections": "421 4.7.0 Too many connections. Please try again later",
    "idle_too_long": "421 4.4.2 The desk is busy, and this connection was idle. Please come again",
    "session_too_long": "421 4.4.2 This session has taken too long. Please try again",
    "too_many_commands": "421 4.7.0 Too many commands. Please try again later",
    "stored": "250 2.0.0 Stored safely as #{number}",
}


@dataclass(frozen=True)
class SmtpSettings:
    """What the door checks before a mail is kept."""

    desk_address: str
    hostname: str
    max_message_bytes: int
    max_connections: int
    max_recipients: int
    timeout_seconds: int
    session_seconds: int  # of a whole connection, whatever it does
    min_free_bytes: int
    token_keys: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True)
class Refusal:
    """A mail or recipient that was refused for good, for the mail log."""

    at: datetime
    reason: str
    sender: str
    recipient: str
    peer: str


class SmtpHandler:
    """The handler hooks of aiosmtpd: one for every connection together."""

    def __init__(
        self,
        rules: SmtpSettings,
        clock: Clock,
        put: Callable[[Arrival], "Future[int]"],
        free_bytes: Callable[[], int],
        refused: Callable[[Refusal], None],
    ) -> None:
        self._rules = rules
        self._clock = clock
        self._put = put
        self._free_bytes = free_bytes
        self._refused = refused
        self.dialogues: set[SmtpSession] = set()

    def factory(self, loop: asyncio.AbstractEventLoop, tls: ssl.SSLContext | None) -> Callable[[], "SmtpSession"]:
        """What `loop.create_server` calls for each connection."""
        return lambda: SmtpSession(
            self,
            loop=loop,
            data_size_limit=self._rules.max_message_bytes,
            enable_SMTPUTF8=True,
            hostname=self._rules.hostname,
            ident="mailbot",
            timeout=self._rules.timeout_seconds,
            tls_context=tls,
        )

    def reply(self, name: str, **words: object) -> str:
        """The SMTP reply called `name`."""
        limit = self._rules.max_message_bytes // (1024 * 1024)
        return _REPLIES[name].format(desk=self._rules.desk_address, limit=limit, **words)

    def refuse(
        self, name: str, session: WireSession, envelope: WireEnvelope, recipient: str = "", **words: object
    ) -> str:
        """The reply, after the refusal is noted."""
        peer = session.peer[0] if isinstance(session.peer, tuple) else ""
        sender = one_line(_reverse_path(envelope))
        self._refused(Refusal(self._clock.now(), name.replace("_", "-"), sender, one_line(recipient), peer))
        return self.reply(name, **words)

    def close(self) -> None:
        """Nobody is served any more; what was said to them already still goes out."""
        for dialogue in list(self.dialogues):
            if dialogue.transport is not None:
                dialogue.transport.close()

    @property
    def rules(self) -> SmtpSettings:
        return self._rules

    def has_room(self, newcomer: "SmtpSession") -> bool:
        """Whether `newcomer` can stay.  In a full house the one that has been idle longest goes: an attacker who holds
        connections open keeps nobody out."""
        if len(self.dialogues) <= self._rules.max_connections:
            return True
        idle = [one for one in self.dialogues if one is not newcomer and not one.in_transaction]
        if not idle:
            return False
        min(idle, key=lambda one: one.heard_at).dismiss("idle_too_long")
        return True

    async def handle_MAIL(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: WireSession, envelope: WireEnvelope, address: str, options: list[str]
    ) -> str:
        if self._free_bytes() < self._rules.min_free_bytes:
            return self.reply("store_full")
        # The null reverse-path stays `<>` until the end: to the library an empty one is none, and it would ask for MAIL
        # again, so that no delivery report could ever come in.
        envelope.mail_from = address.strip("<>") or NULL_PATH
        envelope.mail_options.extend(options)
        return "250 2.1.0 OK"

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: WireSession, envelope: WireEnvelope, address: str, options: list[str]
    ) -> str:
        rules = self._rules
        if len(envelope.rcpt_tos) >= rules.max_recipients:
            return self.reply("too_many_recipients")
        if address_problem(address, smtputf8=True) or not is_desk_address(address, rules.desk_address):
            return self.refuse("not_ours", session, envelope, address)
        for tag in tags_in([address], rules.desk_address):
            token = parse_token(tag)
            if token is None or not token.has_valid_mac(*rules.token_keys):
                return self.refuse("bad_token", session, envelope, address)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: WireSession, envelope: WireEnvelope) -> str:  # noqa: N802
        raw = envelope.original_content or b""
        if _has_bare_line_break(raw):
            return self.refuse("bare_line_break", session, envelope, ", ".join(envelope.rcpt_tos))
        evidence = Evidence(
            peer=session.peer[0] if isinstance(session.peer, tuple) else "",
            helo=one_line(session.host_name or ""),
            tls=session.ssl is not None,
        )
        utf8 = any(option.upper() == "SMTPUTF8" for option in envelope.mail_options)
        arrival = Arrival(
            Envelope(_reverse_path(envelope), tuple(envelope.rcpt_tos), utf8), raw, evidence, self._clock.now()
        )
        try:
            number = await asyncio.shield(asyncio.wrap_future(self._put(arrival)))
        except Exception:  # whatever it is, the client keeps the mail and tries again
            logging.getLogger("mailbot.smtp").exception("a mail could not be stored")
            return self.reply("store_busy")
        return self.reply("stored", number=number)

    async def handle_exception(self, error: Exception) -> str:
        logging.getLogger("mailbot.smtp").error("in the SMTP dialogue", exc_info=error)
        return self.reply("store_busy")


class SmtpSession(SMTP):
    """One connection: aiosmtpd's protocol with a cap on connections and with clearer words."""

    line_length_limit = LONGEST_LINE

    def __init__(self, door: SmtpHandler, **options: Any) -> None:
        super().__init__(door, **options)
        self._door = door
        self._replies = 0
        self._end: asyncio.TimerHandle | None = None
        self.heard_at = self.loop.time()

    @property
    def in_transaction(self) -> bool:
        return self.envelope is not None and self.envelope.mail_from is not None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._door.dialogues.add(self)
        if self._end is None:  # after STARTTLS this is called a second time
            self._end = self.loop.call_later(self._door.rules.session_seconds, self.dismiss, "session_too_long")
        super().connection_made(transport)

    def connection_lost(self, error: Exception | None) -> None:
        self._door.dialogues.discard(self)
        if self._end is not None:
            self._end.cancel()
        super().connection_lost(error)

    def data_received(self, data: bytes) -> None:
        self.heard_at = self.loop.time()
        super().data_received(data)

    def dismiss(self, why: str) -> None:
        """Say why, and hang up: whatever was not finished was not taken."""
        self._door.dialogues.discard(self)
        if isinstance(self.transport, asyncio.WriteTransport):
            self.transport.write(self._door.reply(why).encode("ascii") + b"\r\n")
            self.transport.close()

    async def _handle_client(self) -> None:
        if not self._door.has_room(self):
            await self.push(self._door.reply("too_many_connections"))
            if self.transport is not None:
                self.transport.close()
            return
        await super()._handle_client()

    async def smtp_MAIL(self, arg: str | None) -> None:  # noqa: N802 - aiosmtpd's name
        """Look at the reverse-path as it came: the library's parser repairs what must be refused (T-8)."""
        match = _REVERSE_PATH.match(arg or "")
        if match is not None and match[1] and self.session is not None and self.envelope is not None:
            problem = address_problem(match[1], smtputf8="SMTPUTF8" in (arg or "").upper())
            if problem:
                await self.push(self._door.refuse("bad_sender", self.session, self.envelope, problem=problem))
                return
        await super().smtp_MAIL(arg)

    async def push(self, status: Any) -> None:
        """Send a reply (str or bytes); the library's own refusals get our words and are noted like ours."""
        line = status.encode() if isinstance(status, str) else status
        name = _CLEARER.get(line.strip())
        if name is not None and self.session is not None and self.envelope is not None:
            status = self._door.refuse(name, self.session, self.envelope, ", ".join(self.envelope.rcpt_tos))
        self._replies += 1
        if self._replies > MOST_REPLIES:
            self.dismiss("too_many_commands")
            return
        await super().push(status)


def _reverse_path(envelope: WireEnvelope) -> str:
    return "" if envelope.mail_from in (None, NULL_PATH) else str(envelope.mail_from)


def _has_bare_line_break(raw: bytes) -> bool:
    """CR or LF alone, or NUL: what SMTP smuggling is made of (T-1; RFC 5321 §2.3.8)."""
    paired = raw.count(b"\r\n")
    return raw.count(b"\r") != paired or raw.count(b"\n") != paired or b"\0" in raw
