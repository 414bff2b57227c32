"""A receiving SMTP server that keeps what it gets, on loopback: the people's mail server in `demo` and in tests."""

import asyncio
import threading
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Received:
    """One mail as it came over the wire."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class Sink:
    """Start it on a running loop; ask for mails from any thread."""

    def __init__(self) -> None:
        self.refuses: set[str] = set()  # recipients that are answered 550
        self._mails: list[Received] = []
        self._arrived = threading.Condition()
        self._server: asyncio.Server | None = None
        self._dialogues: list[SMTP] = []

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self._dialogue(loop), host, port)
        listening: int = self._server.sockets[0].getsockname()[1]
        return listening

    def _dialogue(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        made = SMTP(self, loop=loop, enable_SMTPUTF8=True, hostname="mail.example", ident="sink")
        self._dialogues.append(made)
        return made

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for dialogue in self._dialogues:  # a client may keep its connection for the next mail
            if dialogue.transport is not None:
                dialogue.transport.close()
        await asyncio.sleep(0)  # the closing takes its turn

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.refuses:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        received = Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.original_content or b"")
        with self._arrived:
            self._mails.append(received)
            self._arrived.notify_all()
        return "250 2.0.0 OK"

    def wait_for(self, count: int, timeout: float) -> list[Received]:
        """All mails so far, once there are at least `count`.  Raises TimeoutError after `timeout` seconds."""
        with self._arrived:
            if not self._arrived.wait_for(lambda: len(self._mails) >= count, timeout):
                raise TimeoutError(f"{len(self._mails)} of {count} mails arrived within {timeout:g} s")
            return list(self._mails)
