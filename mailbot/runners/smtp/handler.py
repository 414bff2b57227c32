"""The SMTP server (aiosmtpd): a mail is rejected during the SMTP session, or stored in the inbox and then answered 250.

After the final dot `InboxCommit` commits the mail, with others in a thread of its own, or alone, before anything else
is done: a client that disconnects, or a server that stops, cannot interrupt the commit.  A failure of the store is
always replied to with `451` and a fixed text, never with the text of the exception.
"""

import asyncio
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

from aiosmtpd.smtp import SMTP
from aiosmtpd.smtp import Envelope as WireEnvelope
from aiosmtpd.smtp import Session as WireSession

from mailbot.clock import Clock
from mailbot.logs import get_logger
from mailbot.mail.envelope import address_problem
from mailbot.mail.tagged_addresses import bounce_tags_in, is_desk_address, is_postmaster, tags_in
from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Envelope
from mailbot.model.reply_token import is_bounce_tag, parse_token
from mailbot.runners.smtp.connections import ConnectionLimits, Connections
from mailbot.runners.smtp.data import DataBudget
from mailbot.runners.smtp.gathered import GatheredMails, Put
from mailbot.runners.smtp.protocol import RECEIVE_OCTETS
from mailbot.runners.smtp.refusals import Refusal
from mailbot.runners.smtp.replies import REPLIES
from mailbot.runners.smtp.session import SmtpSession
from mailbot.text import one_line

NULL_PATH = "<>"

log = get_logger("mailbot.smtp")


@dataclass(frozen=True)
class SmtpSettings:
    """What the SMTP server checks before it stores a mail, and the limits of a session."""

    desk_address: str
    hostname: str
    max_message_bytes: int
    max_data_bytes: int  # of all mails that are being received or stored
    max_recipients: int
    max_errors: int  # 5yz replies in a session
    connections: ConnectionLimits
    timeout_seconds: int  # without a command from the client, or without octets of a mail
    min_data_rate: int  # octets per second of a mail; 0: any
    session_seconds: int  # the longest duration of a session
    min_free_bytes: int  # of disk space; below it, MAIL is replied to with 452
    token_keys: tuple[bytes, ...] = field(repr=False)


class SmtpHandler:
    """The handler hooks of aiosmtpd; one object for all sessions."""

    def __init__(
        self,
        settings: SmtpSettings,
        clock: Clock,
        put: Put,
        free_bytes: Callable[[], int],
        refused: Callable[[Refusal], None],
        replied: Callable[[str], None] = lambda name: None,
    ) -> None:
        """`put` is `InboxCommit.put`; `free_bytes`: disk space of the store; `refused`: called for each 5yz;
        `replied`: with the name of each reply (a key of REPLIES).

        Call it on the thread of the running event loop.
        """
        self.settings = settings
        self._clock = clock
        self.gathered = GatheredMails(put)
        self.hooks: dict[str, Callable[..., Awaitable[str]]] = {"MAIL": self.handle_MAIL, "RCPT": self.handle_RCPT}
        self.receive_buffer = memoryview(bytearray(RECEIVE_OCTETS))
        self._free_bytes = free_bytes
        self._refused = refused
        self._replied = replied
        self.connections = Connections(settings.connections, asyncio.get_running_loop().time)
        self.data_budget = DataBudget(settings.max_message_bytes, settings.max_data_bytes)

    def __dir__(self) -> Sequence[str]:
        """Nothing: for each connection aiosmtpd would search all names for its hooks, which are `hooks`."""
        return ()

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
        """The SMTP reply `name` (a key of REPLIES), which is sent and counted."""
        self._replied(name)
        limit = self.settings.max_message_bytes // (1024 * 1024)
        return REPLIES[name].format(desk=self.settings.desk_address, limit=limit, **values)

    def refuse(
        self, name: str, session: WireSession, envelope: WireEnvelope, recipient: str = "", **values: object
    ) -> str:
        """Record the rejection, and return the SMTP reply `name`."""
        sender = one_line(_reverse_path(envelope))
        self._refused(Refusal(self._clock.now(), name.replace("_", "-"), sender, one_line(recipient), _peer(session)))
        return self.reply(name, **values)

    def close(self) -> None:
        """Close every session; replies that were written already are still sent."""
        for session in self.connections:
            session.close_with("stopping")

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
        if address != settings.desk_address and not is_postmaster(address, settings.desk_address):
            if address_problem(address, smtputf8=True) or not is_desk_address(address, settings.desk_address):
                return self.refuse("not_ours", session, envelope, address)
            if not _has_valid_macs(address, settings):
                return self.refuse("bad_token", session, envelope, address)
        envelope.rcpt_tos.append(address)
        envelope.rcpt_options.extend(options)
        return "250 2.1.5 OK"

    async def store(self, session: WireSession, envelope: WireEnvelope) -> str:
        """Store the mail of `envelope`; returns the reply to it."""
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
            number = await self.gathered.store(arrival, alone=len(self.connections) == 1)
        except Exception:  # of any kind: after 451 the client keeps the mail and tries again
            log.exception("mail-not-stored")
            return self.reply("store_busy")
        return self.reply("stored", number=number)

    async def handle_exception(self, error: Exception) -> str:
        log.error("smtp-session-failed", exc_info=error)
        return self.reply("store_busy")


def _has_valid_macs(address: str, settings: SmtpSettings) -> bool:
    """Whether the tag of a reply address or Return-Path of the desk is one that the desk has made; True without one."""
    desk, keys = settings.desk_address, settings.token_keys
    tokens = [parse_token(tag) for tag in tags_in([address], desk)]
    genuine = all(token is not None and token.has_valid_mac(*keys) for token in tokens)
    return genuine and all(is_bounce_tag(tag, *keys) for tag in bounce_tags_in([address], desk))


def _peer(session: WireSession) -> str:
    """The client's IP address; empty when it is not known."""
    return session.peer[0] if isinstance(session.peer, tuple) else ""


def _reverse_path(envelope: WireEnvelope) -> str:
    return "" if envelope.mail_from in (None, NULL_PATH) else str(envelope.mail_from)


def _has_bare_line_break(raw: bytes) -> bool:
    """Whether there is a bare CR, a bare LF or a NUL: the means of SMTP smuggling (T-1; RFC 5321 §2.3.8)."""
    paired = raw.count(b"\r\n")
    return raw.count(b"\r") != paired or raw.count(b"\n") != paired or b"\0" in raw
