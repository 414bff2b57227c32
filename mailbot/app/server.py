"""A running desk: configuration and tools → runners, in one process or with the worker in a process of its own."""

import asyncio
import contextlib
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from mailbot.app.context import open_desk
from mailbot.app.wiring import find_queue_id_of, imap_of, relays_of, retries_of, tls_of, web_of
from mailbot.clock import Clock, SystemClock
from mailbot.config import Config
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.delivered import extend_view_period, report_undelivered
from mailbot.errors import Permanent, Temporary
from mailbot.model.queued_mail import DeliveryResult, InboxItem, OutboxItem
from mailbot.records.log import mail_log
from mailbot.runners.authentication import AuthenticationLoop
from mailbot.runners.delivery import DeliveryLoop
from mailbot.runners.imap import ImapFetcher
from mailbot.runners.intake import Intake
from mailbot.runners.scheduler import Scheduler
from mailbot.runners.smtp import Refusal, SmtpHandler, SmtpSettings
from mailbot.runners.web.server import WebServer
from mailbot.runners.web.site import Site
from mailbot.runners.worker import Exceeded, Worker
from mailbot.runners.worker_process import WorkerProcess, limited_and_reported, report_written, run_until_stdin_closes
from mailbot.runners.writer import WriteLoop

ROLES = ("smtp", "imap", "worker", "sender", "web")

log = structlog.get_logger("mailbot")


@dataclass(frozen=True)
class Listening:
    """Where the running desk can be reached."""

    host: str
    port: int


class InboxWorker(Protocol):
    """Whoever handles what is in the inbox."""

    def start(self) -> None: ...
    def wake(self) -> None: ...
    def stop(self) -> None: ...


class InProcessWorker:
    """Every stage from authentication to writing, and the scheduler, as threads of this process."""

    def __init__(
        self,
        context: DeskContext,
        clock: Clock,
        written: Callable[[], None],
        around: Callable[[InboxItem], AbstractContextManager[object]] = nullcontext,
        exceeded: Exceeded | None = None,
    ) -> None:
        """`written` is called when there may be mails to deliver; `around` and `exceeded`: see `Worker`."""
        self._writer = WriteLoop(context, clock, written)
        self._worker = Worker(context, clock, self._writer.wake, around, exceeded)
        self._authentication = AuthenticationLoop(context, clock, self._authenticated)
        self._scheduler = Scheduler(context, clock, self._writer.wake)

    def start(self) -> None:
        self._writer.start()
        self._authentication.start()
        self._worker.start()
        self._scheduler.start()

    def wake(self) -> None:
        """There may be a mail to handle, or a notice to write."""
        self._authentication.wake()
        self._authenticated()

    def _authenticated(self) -> None:
        self._worker.wake()
        self._writer.wake()

    def stop(self) -> None:
        self._authentication.stop()
        self._worker.stop()
        self._scheduler.stop()
        self._writer.stop()


class DeskServer:
    """A running desk: the doors, the clerk, the delivery and the pages."""

    def __init__(
        self,
        config: Config,
        context: DeskContext,
        clock: Clock | None = None,
        roles: tuple[str, ...] = ROLES,
        worker_command: Sequence[str] = (),
    ) -> None:
        """`worker_command` starts the worker as a process of its own; without it, it is a thread of this one."""
        self._config = config
        self._context = context
        self._clock = clock or SystemClock()
        self._roles = roles
        self._loop = asyncio.get_running_loop()
        self._sender = DeliveryLoop(
            context.store, relays_of(config), retries_of(config), self._clock, self._delivered, find_queue_id_of(config)
        )
        self._sending: asyncio.Task[None] | None = None
        self._worker: InboxWorker = (
            WorkerProcess(worker_command, self.wake_sender)
            if worker_command
            else InProcessWorker(context, self._clock, self.wake_sender)
        )
        proof = context.settings.proof_required
        self._intake = Intake(context.store, on_commit=self._worker.wake, authenticate=proof)
        self._imap: ImapFetcher | None = None
        if config.imap.enabled and "imap" in roles:
            self._imap = ImapFetcher(imap_of(config), context, self._clock, accepted=self._worker.wake)
        self._web: WebServer | None = None
        if config.web.enabled and "web" in roles:
            https = bool(config.web.tls_cert) or config.desk.base_url.startswith("https://")
            site = Site(context, self._clock, https=https, sent=self._worker.wake)
            self._web = WebServer(web_of(config), site)
        self.pages: Listening | None = None  # where the web pages are, once started
        self._server: asyncio.Server | None = None
        self._door: SmtpHandler | None = None

    async def start(self) -> Listening | None:
        """Start the roles; returns where SMTP listens, None without that role.  Raises Permanent when it cannot."""
        listening = None
        if "smtp" in self._roles:
            self._intake.start()
            listening = await self._listen()
        if self._web is not None:
            await self._start_pages(self._web)
        if self._imap is not None:
            self._imap.start()
        if "worker" in self._roles:
            self._worker.start()
        if "sender" in self._roles:
            self._sending = asyncio.create_task(self._sender.run())
        return listening

    async def _start_pages(self, web: WebServer) -> None:
        """Mail goes on without the pages: a port that another program has is no reason to take no applications."""
        try:
            self.pages = Listening(*await web.start())
        except Permanent as error:
            if self._roles == ("web",):
                raise
            log.error("no-pages", detail=error.public)
            self._web = None

    async def stop(self) -> None:
        """Accept no new mail, then end every stage; each has its own bound, so that the whole takes at most 20 s."""
        if self._server is not None:
            self._server.close()
            await asyncio.to_thread(self._intake.stop)
            await asyncio.sleep(0)  # the last 250s are said
            if self._door is not None:
                self._door.close()  # a client without its 250 tries again
        if self._web is not None:
            await self._web.stop()
        if self._imap is not None:
            await asyncio.to_thread(self._imap.stop)
        ending = [asyncio.to_thread(self._worker.stop)] if "worker" in self._roles else []
        if self._sending is not None:
            self._sender.stop()
        await asyncio.gather(*ending, *([self._sending] if self._sending is not None else []))

    def wake_sender(self) -> None:
        """There may be something to deliver.  Callable from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
            self._loop.call_soon_threadsafe(self._sender.wake)

    async def _listen(self) -> Listening:
        smtp = self._config.smtp
        rules = SmtpSettings(
            desk_address=self._config.desk.address,
            hostname=smtp.hostname or socket.getfqdn(),
            max_message_bytes=smtp.max_message_bytes,
            max_connections=smtp.max_connections,
            max_recipients=smtp.max_recipients,
            timeout_seconds=smtp.timeout_seconds,
            session_seconds=smtp.session_seconds,
            min_free_bytes=smtp.min_free_bytes,
            token_keys=self._context.token_keys,
        )
        self._door = SmtpHandler(
            rules, self._clock, self._intake.put, self._context.store.free_bytes, self._log_refusal
        )
        try:
            self._server = await self._loop.create_server(
                self._door.factory(self._loop, tls_of(self._config)), smtp.host, smtp.port
            )
        except OSError as error:
            raise Permanent(
                f"cannot listen on {smtp.host}:{smtp.port} ({error.strerror}); is the port taken? Set smtp.port"
            ) from error
        host, port = self._server.sockets[0].getsockname()[:2]
        return Listening(host, port)

    def _log_refusal(self, refusal: Refusal) -> None:
        """Off the event loop: a refusal must not make the other clients wait for the store."""
        self._loop.run_in_executor(None, self._keep_refusal, refusal)

    def _keep_refusal(self, refusal: Refusal) -> None:
        try:
            with self._context.store.transaction():
                mail_log.append(
                    at=refusal.at,
                    direction="in",
                    sender=refusal.sender,
                    recipient=refusal.recipient,
                    disposition="refused",
                    reason=refusal.reason,
                    detail=f"client: {refusal.peer}",
                )
        except Exception:
            log.exception("refusal-not-logged", reason=refusal.reason)

    def _told(self, item: OutboxItem) -> None:
        """That the relay has it is noted, whatever else cannot be done."""
        try:
            with self._context.store.transaction():
                extend_view_period(item, self._clock.now(), self._context)
        except Temporary:
            raise
        except Exception:
            log.exception("view-period-not-extended", outbox=item.id)

    def _delivered(self, item: OutboxItem, result: DeliveryResult) -> None:
        if result.accepted:
            self._told(item)
            return
        log.error("delivery-failed", outbox=item.id, code=result.code)
        report_undelivered(item, result.reply, self._clock.now(), self._context)
        self._worker.wake()  # there are notices to write


def work(config: Config, exceeded: str = "") -> None:
    """What the worker's process does, until its standard input ends.

    `exceeded`: `MAIL:LIMIT` when a limit ended the process before this one inside a mail, else "".
    """
    with open_desk(config) as context:
        worker = InProcessWorker(context, SystemClock(), report_written, limited_and_reported, Exceeded.parse(exceeded))
        worker.start()
        run_until_stdin_closes(worker.wake)
        worker.stop()


def _worker_command(path: Path | None) -> list[str]:
    return [sys.executable, "-m", "mailbot", *(["--config", str(path)] if path is not None else []), "worker"]


async def serve(
    config: Config,
    path: Path | None,
    roles: tuple[str, ...],
    started: Callable[[Listening | None, Listening | None], None],
) -> None:
    """Run until SIGTERM or SIGINT; `started` is called when all runs: where mail is taken, where the pages are.

    `path`: the file that `config` was read from.
    """
    with open_desk(config) as context, context.store.serve_lock():
        log.info("store", about=context.store.describe())
        service = DeskServer(config, context, roles=roles, worker_command=_worker_command(path))
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        started(await service.start(), service.pages)
        await stopped.wait()
        log.info("stopping")
        await service.stop()
