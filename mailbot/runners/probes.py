"""Ask the relay and the IMAP server whether the desk could work with them; no mail is sent and none is changed."""

import asyncio
import contextlib
import ssl
from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

import aiosmtplib
from imapclient import IMAPClient
from imapclient.exceptions import IMAPClientError, LoginError

from mailbot.errors import MailbotError
from mailbot.runners.imap import ImapAddress
from mailbot.runners.relays import RelayAddress

SECONDS = 5.0  # for one connection


class Fault(StrEnum):
    """What is wrong with a server."""

    DEAD = "dead"  # nobody listens, or nothing that speaks the protocol
    NO_STARTTLS = "no-starttls"
    TLS = "tls"  # the handshake fails: certificate, or no TLS on this port
    NO_AUTH = "no-auth"  # a user is configured, and the server offers no AUTH
    REFUSED = "refused"  # the login
    NO_PASSWORD = "no-password"  # noqa: S105 - cannot be read, or is empty
    NO_FOLDER = "no-folder"


class Answer(NamedTuple):
    """The result of a probe: `fault` None when all is well; `words`: what the server or the system said."""

    fault: Fault | None = None
    words: str = ""


def probe_relay(address: RelayAddress, seconds: float = SECONDS) -> Answer:
    """Connect, greet, begin TLS and log in as configured, then QUIT (RFC 5321, 3207, 4954)."""
    return asyncio.run(_probe_relay(address, seconds))


async def _probe_relay(address: RelayAddress, seconds: float) -> Answer:
    client = aiosmtplib.SMTP(
        hostname=address.host,
        port=address.port,
        use_tls=address.tls == "implicit",
        start_tls=False,
        timeout=seconds,
        local_hostname=address.hostname or None,
    )
    opened: list[asyncio.BaseTransport | None] = []  # that of TCP, and the one of TLS in its place
    try:
        await client.connect()
        opened.append(client.transport)
        return await _greet_and_log_in(client, address)
    except aiosmtplib.SMTPConnectError as error:
        cause = error.__cause__ or error.__context__ or error
        return Answer(Fault.TLS if isinstance(cause, ssl.SSLError) else Fault.DEAD, _words(cause))
    except ssl.SSLError as error:
        return Answer(Fault.TLS, _words(error))
    except (aiosmtplib.SMTPException, OSError) as error:
        return Answer(Fault.DEAD, _words(error))
    finally:
        opened.append(client.transport)
        with contextlib.suppress(aiosmtplib.SMTPException, OSError):
            await client.quit()
        client.close()
        await _abort(opened)


async def _abort(opened: Sequence[asyncio.BaseTransport | None]) -> None:
    """End connections before the event loop ends; the other side's closure of TLS is not waited for."""
    for one in opened:
        if isinstance(one, asyncio.WriteTransport):
            one.abort()
    for _ in range(3):  # TLS, TCP, and what they call back
        await asyncio.sleep(0)


async def _greet_and_log_in(client: aiosmtplib.SMTP, address: RelayAddress) -> Answer:
    await client.ehlo()
    if address.tls == "starttls":
        if not client.supports_extension("starttls"):
            return Answer(Fault.NO_STARTTLS)
        try:
            await client.starttls()
        except (ssl.SSLError, aiosmtplib.SMTPException) as error:
            return Answer(Fault.TLS, _words(error.__cause__ or error))
        await client.ehlo()
    if not address.user:
        return Answer()
    try:
        password = address.password()
    except MailbotError as error:
        return Answer(Fault.NO_PASSWORD, error.detail)
    if not password:
        return Answer(Fault.NO_PASSWORD)
    if not client.supports_extension("auth"):
        return Answer(Fault.NO_AUTH)
    try:
        if address.oauth2:
            await client.auth_xoauth2(address.user, password)
        else:
            await client.login(address.user, password)
    except aiosmtplib.SMTPException as error:
        return Answer(Fault.REFUSED, _words(error))
    return Answer()


def probe_imap(address: ImapAddress, seconds: float = SECONDS) -> Answer:
    """Connect, begin TLS, log in and EXAMINE the folder, which changes nothing in it (RFC 9051 §6.3.3)."""
    try:
        password = address.password()
    except MailbotError as error:
        return Answer(Fault.NO_PASSWORD, error.detail)
    if not password:
        return Answer(Fault.NO_PASSWORD)
    try:
        client = IMAPClient(address.host, address.port, ssl=address.tls == "implicit", timeout=seconds)
    except ssl.SSLError as error:
        return Answer(Fault.TLS, _words(error))
    except (OSError, IMAPClientError) as error:
        return Answer(Fault.DEAD, _words(error))
    try:
        return _log_in(client, address, password)
    except (OSError, IMAPClientError) as error:
        return Answer(Fault.DEAD, _words(error))
    finally:
        with contextlib.suppress(OSError, IMAPClientError):
            client.shutdown()


def _log_in(client: IMAPClient, address: ImapAddress, password: str) -> Answer:
    if address.tls == "starttls":
        if not client.has_capability("STARTTLS"):
            return Answer(Fault.NO_STARTTLS)
        try:
            client.starttls()
        except ssl.SSLError as error:
            return Answer(Fault.TLS, _words(error))
    try:
        if address.oauth2:
            client.oauth2_login(address.user, password)
        else:
            client.login(address.user, password)
    except LoginError as error:
        return Answer(Fault.REFUSED, _words(error))
    if not client.folder_exists(address.folder):
        return Answer(Fault.NO_FOLDER)
    client.select_folder(address.folder, readonly=True)
    return Answer()


def _words(error: BaseException) -> str:
    """What an error says, in one line."""
    return " ".join(str(error).split()) or type(error).__name__
