"""The SMTP client that sends mails to the relay (aiosmtplib), and a writer of .eml files for a desk without a relay."""

import asyncio
import re
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

import aiosmtplib

from mailbot.errors import MailbotError
from mailbot.files import make_folder, replacing
from mailbot.model.queued_mail import DeliveryResult, OutboxItem

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
        self._client: aiosmtplib.SMTP | None = None

    async def deliver(self, item: OutboxItem) -> DeliveryResult:
        try:
            async with asyncio.timeout(DATA_TIMEOUT_SECONDS):
                client = await self._begin(item)
                if client is None:
                    return DeliveryResult(accepted=False, permanent=True, reply=_NO_UTF8)  # RFC 6531 §3.2
                reply = await transmit(client, item)
        except aiosmtplib.SMTPResponseException as error:
            await self._drop()  # it is unknown whether the relay reset the transaction
            if isinstance(error, aiosmtplib.SMTPAuthenticationError):
                self._address.refused()
            result = _refused(error.code, error.message)
            return replace(result, permanent=False) if isinstance(error, _ERRORS_BEFORE_MAIL) else result
        except (aiosmtplib.SMTPException, OSError, MailbotError) as error:
            await self._drop()
            return DeliveryResult(accepted=False, reply=f"{type(error).__name__}: {error}")
        except BaseException:
            await self._drop()
            raise
        return DeliveryResult(accepted=True, code=250, reply=reply)

    async def _begin(self, item: OutboxItem) -> aiosmtplib.SMTP | None:
        """A connection on which the relay has accepted MAIL; None when it does not offer what the mail needs.

        A relay may have closed a connection that was kept, without any fault: then MAIL is sent over a new one.
        """
        kept = self._client is not None
        try:
            return await _mail(await self._connected(), item)
        except (aiosmtplib.SMTPServerDisconnected, aiosmtplib.SMTPResponseException) as error:
            closes = not isinstance(error, aiosmtplib.SMTPResponseException) or error.code == _CLOSES
            if not (kept and closes):
                raise
        await self._drop()
        return await _mail(await self._connected(), item)

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
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
        await client.connect()
        self._client = client
        if client.is_ehlo_or_helo_needed:  # the extensions are not known yet: only a login sends EHLO by itself
            try:
                await client.ehlo()
            except aiosmtplib.SMTPHeloError as error:
                if error.code == _CLOSES:
                    raise
                await client.helo()
        return client

    async def _drop(self) -> None:
        """Close without QUIT: after an error the state of the session is unknown, and the next mail needs a new one."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def close(self) -> None:
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            try:
                await client.quit()
            except (aiosmtplib.SMTPException, OSError):
                client.close()


async def _mail(client: aiosmtplib.SMTP, item: OutboxItem) -> aiosmtplib.SMTP | None:
    """MAIL, with the parameters whose extensions the relay offers.  Raises like `transmit`."""
    mail = item.mail
    for address in (mail.envelope_sender, mail.recipient):
        if _UNSAFE.search(address):
            raise aiosmtplib.SMTPResponseException(_NOT_ALLOWED, f"{address!r} cannot be sent as an address")
    if _needs_utf8(item) and not client.supports_extension("smtputf8"):
        return None
    parameters = _mail_parameters(client, item)
    await _command(client, (250,), b"MAIL", f"FROM:<{mail.envelope_sender}>".encode(), *parameters)
    return client


async def transmit(client: aiosmtplib.SMTP, item: OutboxItem) -> str:
    """The mail transaction after MAIL (RFC 5321 §3.3); returns the text of the reply to the final dot.

    In place of `aiosmtplib.SMTP.sendmail`, which parses each address twice and searches the mail by three patterns: it
    took a quarter of the time of the process that delivers.  Raises SMTPResponseException for the first reply that does
    not let the mail pass, and other SMTPExceptions like the commands of aiosmtplib.
    """
    octets = data_octets(item.mail.raw)
    await _command(client, (250, 251), b"RCPT", f"TO:<{item.mail.recipient}>".encode(), *_rcpt_parameters(client, item))
    await _command(client, (354,), b"DATA")
    if client.protocol is None:
        raise aiosmtplib.SMTPServerDisconnected("Connection lost")
    client.protocol.write(octets)
    return _require((250,), await client.protocol.read_response(timeout=None))


async def _command(client: aiosmtplib.SMTP, expected: Collection[int], *command: bytes) -> None:
    _require(expected, await client.execute_command(*command, timeout=None))


def _require(expected: Collection[int], reply: aiosmtplib.SMTPResponse) -> str:
    if reply.code not in expected:
        raise aiosmtplib.SMTPResponseException(reply.code, reply.message)
    return reply.message


def data_octets(raw: bytes) -> bytes:
    """`raw` as it is sent after DATA: lines end with CRLF, a dot at their begin is doubled, a lone dot ends it.

    RFC 5321 §4.5.2.  A lone CR or LF becomes CRLF (§2.3.8).
    """
    if not raw.count(b"\r\n") == raw.count(b"\n") == raw.count(b"\r"):
        raw = re.sub(rb"\r\n|\r|\n", b"\r\n", raw)
    if not raw.endswith(b"\r\n"):
        raw += b"\r\n"
    return (b"\r\n" + raw).replace(b"\r\n.", b"\r\n..")[2:] + b".\r\n"


def _mail_parameters(client: aiosmtplib.SMTP, item: OutboxItem) -> list[bytes]:
    """Each only if the relay offers its extension.

    Delivery reports (RFC 3461) are requested for failure and delay, with the header only of the mail.  ENVID is the tag
    of the reverse-path, so that a report identifies its mail in two ways.
    """
    mail, parameters = item.mail, []
    if client.supports_extension("size"):
        parameters.append(f"SIZE={len(mail.raw)}".encode())  # RFC 1870
    if _needs_utf8(item):
        parameters.append(b"SMTPUTF8")
    if client.supports_extension("dsn"):
        tag = mail.envelope_sender.partition("+")[2].partition("@")[0]
        parameters += [b"RET=HDRS", f"ENVID={_xtext(tag)}".encode()]
    return parameters


def _rcpt_parameters(client: aiosmtplib.SMTP, item: OutboxItem) -> list[bytes]:
    parameters = []
    if client.supports_extension("dsn"):
        parameters.append(b"NOTIFY=FAILURE,DELAY")
        if item.mail.recipient.isascii():
            parameters.append(f"ORCPT=rfc822;{_xtext(item.mail.recipient)}".encode())
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
