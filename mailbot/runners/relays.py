"""Where outgoing mail goes: a relay over SMTP (aiosmtplib), or a directory of .eml files."""

import asyncio
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import aiosmtplib

from mailbot.model.post import DeliveryResult, OutboxItem

DATA_TIMEOUT_SECONDS = 600  # after the final dot; RFC 5321 §4.5.3.2.6


class Relay(Protocol):
    """Takes one mail at a time."""

    async def deliver(self, item: OutboxItem) -> DeliveryResult:
        """One attempt.  Never raises: what went wrong is in the result."""
        ...

    async def rest(self) -> None:
        """Nothing more for now: connections may be closed."""
        ...

    async def close(self) -> None:
        """No more at all."""
        ...


@dataclass(frozen=True)
class RelayAddress:
    """How to reach the relay.  `tls`: none | starttls | implicit; with either, no plaintext fallback."""

    host: str
    port: int
    tls: str = "none"
    user: str = ""
    password: str = field(default="", repr=False)
    timeout_seconds: int = 60
    hostname: str = ""


class SmtpRelay:
    """One connection, reused for the whole batch."""

    def __init__(self, address: RelayAddress) -> None:
        self._address = address
        self._client: aiosmtplib.SMTP | None = None

    async def deliver(self, item: OutboxItem) -> DeliveryResult:
        mail = item.mail
        try:
            client = await self._connected()
            utf8 = not (mail.recipient.isascii() and mail.envelope_sender.isascii())
            options = ["SMTPUTF8"] if utf8 and client.supports_extension("smtputf8") else []
            refused, reply = await client.sendmail(
                mail.envelope_sender, [mail.recipient], mail.raw, mail_options=options, timeout=DATA_TIMEOUT_SECONDS
            )
        except aiosmtplib.SMTPRecipientsRefused as error:
            first = error.recipients[0]
            return _refused(first.code, first.message)
        except aiosmtplib.SMTPResponseException as error:
            await self._drop()
            return _refused(error.code, error.message)
        except (aiosmtplib.SMTPException, OSError) as error:
            await self._drop()
            return DeliveryResult(accepted=False, reply=f"{type(error).__name__}: {error}")
        if refused:
            answer = next(iter(refused.values()))
            return _refused(answer.code, answer.message)
        return DeliveryResult(accepted=True, code=250, reply=str(reply))

    async def _connected(self) -> aiosmtplib.SMTP:
        if self._client is not None and self._client.is_connected:
            return self._client
        address = self._address
        client = aiosmtplib.SMTP(
            hostname=address.host,
            port=address.port,
            use_tls=address.tls == "implicit",
            start_tls=address.tls == "starttls",
            username=address.user or None,
            password=address.password or None,
            timeout=address.timeout_seconds,
            local_hostname=address.hostname or None,
        )
        await client.connect()
        self._client = client
        return client

    async def _drop(self) -> None:
        """After an error the state of the dialogue is unknown: the next mail gets a new connection."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    async def rest(self) -> None:
        client, self._client = self._client, None
        if client is not None and client.is_connected:
            try:
                await client.quit()
            except (aiosmtplib.SMTPException, OSError):
                client.close()

    async def close(self) -> None:
        await self.rest()


def _refused(code: int, message: str) -> DeliveryResult:
    """A reply: 5yz is for good, 4yz and anything odd is tried again."""
    return DeliveryResult(accepted=False, permanent=500 <= code < 600, code=code, reply=f"{code} {message}")


class Folder:
    """Writes each mail as an .eml file instead of sending it: for a desk that is being tried out."""

    def __init__(self, path: Path) -> None:
        self._path = path

    async def deliver(self, item: OutboxItem) -> DeliveryResult:
        try:
            name = await asyncio.to_thread(self._write, item)
        except OSError as error:
            return DeliveryResult(accepted=False, reply=f"{type(error).__name__}: {error}")
        return DeliveryResult(accepted=True, reply=f"written as {name}")

    def _write(self, item: OutboxItem) -> str:
        """Under a name of its own, whole or not at all; the same mail again gets the same name."""
        self._path.mkdir(parents=True, exist_ok=True)
        recipient = re.sub(r"[^A-Za-z0-9@._+-]", "_", item.mail.recipient)
        name = f"{item.id:06d}-{item.mail.kind.value}-{recipient}.eml"
        partial = self._path / f".{name}.part"
        with partial.open("wb") as file:
            file.write(item.mail.raw)
            file.flush()
            os.fsync(file.fileno())
        partial.rename(self._path / name)
        return name

    async def rest(self) -> None:
        return None

    async def close(self) -> None:
        return None
