"""The SMTP client that sends mails to the relay (aiosmtplib), and a writer of .eml files for a desk without a relay."""

import asyncio
import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import aiosmtplib

from mailbot.errors import MailbotError
from mailbot.files import make_folder, replacing
from mailbot.model.queued_mail import DeliveryResult, OutboxItem
from mailbot.runners.relay_connection import RelayConnection

# Authentication failed (RFC 4954 §6): an operator corrects the configuration, and the mail is sent later.
_AUTHENTICATION_CODES = frozenset({454, 530, 534, 535, 538})
# A reply before MAIL is not about the mail: 554 in place of the greeting is a relay out of service (RFC 5321 §3.1).
_ERRORS_BEFORE_MAIL = (
    aiosmtplib.SMTPConnectResponseError,
    aiosmtplib.SMTPHeloError,
    aiosmtplib.SMTPAuthenticationError,
)
_NO_UTF8 = "the relay does not offer SMTPUTF8, which this address needs"
_NOT_ALLOWED = 553  # mailbox name not allowed, RFC 5321 §4.2.3
_CLOSES = 421  # the relay closes the connection, RFC 5321 §3.8
_UNSAFE = re.compile(r"[\s<>\x00-\x1f\x7f]")  # would end the address in a command, or begin another one
DATA_TIMEOUT_SECONDS = 600  # of one mail; after the final dot alone, RFC 5321 §4.5.3.2.6 asks for as much


class Relay(Protocol):
    """One connection to the relay, for one mail at a time."""

    async def deliver(self, item: OutboxItem) -> DeliveryResult:
        """Attempt to deliver the mail.  Never raises: an error is part of the result."""
        ...

    async def close(self) -> None:
        """Close the connection, as there is no mail to send; the next `deliver` opens a new one."""
        ...


@dataclass(frozen=True)
class RelayAddress:
    """How to reach the relay.  `tls`: none | starttls | implicit; with either, no plaintext fallback.

    `password` is called for each login: with `oauth2` it returns an access token.  `refused` is called when the relay
    refuses the login.
    """

    host: str
    port: int
    tls: str = "none"
    user: str = ""
    password: Callable[[], str] = field(default=str, repr=False)  # raises MailbotError
    oauth2: bool = False  # XOAUTH2 in place of PLAIN or LOGIN
    refused: Callable[[], None] = field(default=lambda: None, repr=False)
    timeout_seconds: int = 60
    hostname: str = ""


class SmtpRelay:
    """One SMTP connection, which is reused while there are mails to send."""

    def __init__(self, address: RelayAddress) -> None:
        self._address = address
        self._connection: RelayConnection | None = None

    async def deliver(self, item: OutboxItem) -> DeliveryResult:
        try:
            async with asyncio.timeout(DATA_TIMEOUT_SECONDS):
                connection = await self._begin(item)
                if connection is None:
                    return DeliveryResult(accepted=False, permanent=True, reply=_NO_UTF8)  # RFC 6531 §3.2
                reply = await transmit(connection, item.mail.raw)
        except aiosmtplib.SMTPResponseException as error:
            self._drop()  # it is unknown whether the relay reset the transaction
            if isinstance(error, aiosmtplib.SMTPAuthenticationError):
                self._address.refused()
            result = _refused(error.code, error.message)
            return replace(result, permanent=False) if isinstance(error, _ERRORS_BEFORE_MAIL) else result
        except (aiosmtplib.SMTPException, OSError, MailbotError) as error:
            self._drop()
            return DeliveryResult(accepted=False, reply=f"{type(error).__name__}: {error}")
        except BaseException:
            self._drop()
            raise
        return DeliveryResult(accepted=True, code=250, reply=reply)

    async def _begin(self, item: OutboxItem) -> RelayConnection | None:
        """A connection on which the relay has accepted MAIL; None when it does not offer what the mail needs.

        A relay may have closed a connection that was kept, without any fault: then MAIL is sent over a new one.
        """
        kept = self._connection is not None
        try:
            return await _mail(await self._connected(), item)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPResponseException) as error:
            closes = not isinstance(error, aiosmtplib.SMTPResponseException) or error.code == _CLOSES
            if not (kept and closes):
                raise
        self._drop()
        return await _mail(await self._connected(), item)

    async def _connected(self) -> RelayConnection:
        if self._connection is not None:
            if self._connection.is_usable:
                return self._connection
            self._drop()
        address = self._address
        password = await asyncio.to_thread(address.password)

        async def token() -> str:
            return password

        with_token = token if address.user and address.oauth2 else None
        client = aiosmtplib.SMTP(
            hostname=address.host,
            port=address.port,
            use_tls=address.tls == "implicit",
            start_tls=address.tls == "starttls",
            username=address.user or None,
            password=(password or None) if with_token is None else None,
            oauth_token_generator=with_token,
            timeout=address.timeout_seconds,
            local_hostname=address.hostname or None,
        )
        try:
            await _connect(client)
            self._connection = RelayConnection(client)
        except BaseException:
            client.close()
            raise
        return self._connection

    def _drop(self) -> None:
        """Close without QUIT: after an error the state of the session is unknown, and the next mail needs a new one."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.cut()

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.quit()


async def _connect(client: aiosmtplib.SMTP) -> None:
    """Open the connection, up to EHLO, TLS and the login.  Raises SMTPException and OSError."""
    await client.connect()
    if client.is_ehlo_or_helo_needed:  # the extensions are not known yet: only a login sends EHLO by itself
        try:
            await client.ehlo()
        except aiosmtplib.SMTPHeloError as error:
            if error.code == _CLOSES:
                raise
            await client.helo()


async def _mail(connection: RelayConnection, item: OutboxItem) -> RelayConnection | None:
    """MAIL, with the parameters whose extensions the relay offers; RCPT and DATA may be sent with it.

    Raises like `transmit`.
    """
    mail = item.mail
    for address in (mail.envelope_sender, mail.recipient):
        if _UNSAFE.search(address):
            raise aiosmtplib.SMTPResponseException(_NOT_ALLOWED, f"{address!r} cannot be sent as an address")
    if _needs_utf8(item) and not connection.offers("smtputf8"):
        return None
    connection.begin(
        " ".join((f"MAIL FROM:<{mail.envelope_sender}>", *_mail_parameters(connection, item))).encode(),
        " ".join((f"RCPT TO:<{mail.recipient}>", *_rcpt_parameters(connection, item))).encode(),
        b"DATA",
    )
    await connection.expect(250)
    return connection


async def transmit(connection: RelayConnection, raw: bytes) -> str:
    """The mail transaction of `raw` after MAIL (RFC 5321 §3.3); returns the text of the reply to the final dot.

    Raises SMTPResponseException for the first reply that does not let the mail pass, SMTPServerDisconnected.
    """
    octets = data_octets(raw)
    await connection.expect(250, 251)
    await connection.expect(354)
    connection.send(octets)
    return await connection.expect(250)


def data_octets(raw: bytes) -> bytes:
    """`raw` as it is sent after DATA: lines end with CRLF, a dot at their begin is doubled, a lone dot ends it.

    RFC 5321 §4.5.2.  A lone CR or LF becomes CRLF (§2.3.8).
    """
    without = raw.replace(b"\r\n", b"")
    if b"\r" in without or b"\n" in without:
        raw = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    return (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def _mail_parameters(connection: RelayConnection, item: OutboxItem) -> list[str]:
    """Each only if the relay offers its extension.

    Delivery reports (RFC 3461) are requested for failure and delay, with the header only of the mail.  ENVID is the tag
    of the reverse-path, so that a report identifies its mail in two ways.
    """
    mail, parameters = item.mail, []
    if connection.offers("size"):
        parameters.append(f"SIZE={len(mail.raw)}")  # RFC 1870
    if _needs_utf8(item):
        parameters.append("SMTPUTF8")
    if connection.offers("dsn"):
        tag = mail.envelope_sender.partition("+")[2].partition("@")[0]
        parameters += ["RET=HDRS", f"ENVID={_xtext(tag)}"]
    return parameters


def _rcpt_parameters(connection: RelayConnection, item: OutboxItem) -> list[str]:
    parameters = []
    if connection.offers("dsn"):
        parameters.append("NOTIFY=FAILURE,DELAY")
        if item.mail.recipient.isascii():
            parameters.append(f"ORCPT=rfc822;{_xtext(item.mail.recipient)}")
    return parameters


def _needs_utf8(item: OutboxItem) -> bool:
    return not (item.mail.recipient.isascii() and item.mail.envelope_sender.isascii())


def _xtext(text: str) -> str:
    """Encode `text` as xtext (RFC 3461 §4): printable US-ASCII, `+` and `=` as +2B and +3D."""
    return re.sub(r"[^!-*,-<>-~]", lambda match: f"+{ord(match[0]):02X}", text)


def _refused(code: int, message: str) -> DeliveryResult:
    """The result of a rejection: 5yz is permanent; 4yz, and a code that is none, is tried again."""
    permanent = 500 <= code < 600 and code not in _AUTHENTICATION_CODES
    return DeliveryResult(
        accepted=False, permanent=permanent, code=code if code > 0 else None, reply=f"{code} {message}"
    )


class FolderRelay:
    """Writes each mail as an .eml file instead of sending it, for a desk without a relay."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def deliver(self, item: OutboxItem) -> DeliveryResult:
        try:
            name = await asyncio.to_thread(self._write, item)
        except OSError as error:
            return DeliveryResult(accepted=False, reply=f"{type(error).__name__}: {error}")
        return DeliveryResult(accepted=True, reply=f"written as {name}")

    def _write(self, item: OutboxItem) -> str:
        """Write the file atomically; returns its name, which is the same when a mail is written again."""
        make_folder(self._path)
        recipient = re.sub(r"[^A-Za-z0-9@._+-]", "_", item.mail.recipient)
        name = f"{item.id:06d}-{item.mail.kind.value}-{recipient}.eml"
        with replacing(self._path / name) as file:
            file.write(item.mail.raw)
        return name

    async def close(self) -> None:
        return None
