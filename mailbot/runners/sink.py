"""A receiving SMTP server that keeps the mails in memory: the relay of the desk in `mailbot demo` and in tests."""

import asyncio
import threading
from dataclasses import dataclass

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass(frozen=True)
class Received:
    """One mail as it was received: envelope and content."""

    sender: str
    recipients: tuple[str, ...]
    raw: bytes


class Sink:
    """The server.  `start` and `stop` run on an event loop; `wait_for` may be called on any thread."""

    def __init__(self) -> None:
        self.rejected_recipients: set[str] = set()  # answered with 550
        self._mails: list[Received] = []
        self._mail_received = threading.Condition()
        self._server: asyncio.Server | None = None
        self._sessions: list[SMTP] = []

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> int:
        """Listen; returns the port."""
        loop = asyncio.get_running_loop()
        self._server = await loop.create_server(lambda: self._session(loop), host, port)
        listening: int = self._server.sockets[0].getsockname()[1]
        return listening

    def _session(self, loop: asyncio.AbstractEventLoop) -> SMTP:
        session = SMTP(self, loop=loop, enable_SMTPUTF8=True, hostname="mail.example", ident="sink")
        self._sessions.append(session)
        return session

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        for session in self._sessions:  # a client may keep its connection open for the next mail
            if session.transport is not None:
                session.transport.close()
        await asyncio.sleep(0)  # lets the event loop close the connections

    async def handle_RCPT(  # noqa: N802
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address in self.rejected_recipients:
            return "550 5.1.1 No such user"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        received = Received(envelope.mail_from or "", tuple(envelope.rcpt_tos), envelope.original_content or b"")
        with self._mail_received:
            self._mails.append(received)
            self._mail_received.notify_all()
        return "250 2.0.0 OK"

    def wait_for(self, count: int, timeout: float) -> list[Received]:
        """All mails so far, once there are at least `count`.  Raises TimeoutError after `timeout` seconds."""
        with self._mail_received:
            if not self._mail_received.wait_for(lambda: len(self._mails) >= count, timeout):
                raise TimeoutError(f"{len(self._mails)} of {count} mails arrived within {timeout:g} s")
            return list(self._mails)
