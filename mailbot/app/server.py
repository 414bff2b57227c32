"""The running desk: starts and stops the runners, with the worker in this process or in processes of its own."""

import asyncio
import contextlib
import signal
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailbot.app.checks.kinds import Finding
from mailbot.app.checks.run import When, run_checks
from mailbot.app.context import open_desk
from mailbot.app.hourly_checks import HourlyChecks, require_no_refusal, surroundings_of_desk
from mailbot.app.in_process_worker import InProcessWorker
from mailbot.app.refusal_rows import record_refusals
from mailbot.app.web_servers import WebServers
from mailbot.app.wiring import find_queue_id_of, imap_of, relays_of, retries_of, smtp_of, tls_of, tokens_of
from mailbot.app.worker_processes import InboxWorker, make_processes, worker_command
from mailbot.clock import Clock, SystemClock
from mailbot.config import Config
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.delivered import extend_view_period, report_undelivered
from mailbot.errors import Permanent, Temporary
from mailbot.logs import get_logger
from mailbot.model.queued_mail import DeliveryResult, OutboxItem
from mailbot.records.database import Upgrade
from mailbot.runners.access_tokens import TokenRenewal
from mailbot.runners.confinement import forbid_core_dumps
from mailbot.runners.delivery import DeliveryLoop
from mailbot.runners.imap import ImapFetcher
from mailbot.runners.inbox_commit import InboxCommit
from mailbot.runners.smtp.handler import SmtpHandler
from mailbot.runners.smtp.refusals import Refusal, RefusalLog

ROLES = ("smtp", "imap", "worker", "sender", "web")

log = get_logger("mailbot")


@dataclass(frozen=True)
class ListenAddress:
    """An address that the desk listens on; `host` is an IP address."""

    host: str
    port: int


class DeskServer:
    """The SMTP server, the IMAP fetcher, the worker, the delivery and the web server, as far as `roles` names them."""

    def __init__(
        self,
        config: Config,
        context: DeskContext,
        clock: Clock | None = None,
        roles: tuple[str, ...] = ROLES,
        worker_command: Sequence[str] = (),
    ) -> None:
        """`worker_command` starts a worker process; without it, the worker runs in threads of this process.

        Call it on the thread of the running event loop.
        """
        self._config = config
        self._context = context
        self._clock = clock or SystemClock()
        self._roles = roles
        self._loop = asyncio.get_running_loop()
        self._tokens = tokens_of(config, self._clock)
        relays = relays_of(config, self._tokens)
        self._delivery = DeliveryLoop(
            context.store, relays, retries_of(config), self._clock, self._delivered, find_queue_id_of(config)
        )
        self._delivery_task: asyncio.Task[None] | None = None
        self._worker: InboxWorker = (
            make_processes(config, worker_command, self._wake_delivery)
            if worker_command
            else InProcessWorker(context, self._clock, self._wake_delivery)
        )
        self._inbox_commit = InboxCommit(context.store, on_commit=self._worker.received)
        self._imap: ImapFetcher | None = None
        if config.imap.enabled and "imap" in roles:
            self._imap = ImapFetcher(
                imap_of(config, self._tokens), context, self._clock, accepted=self._worker.received
            )
        self._renewal: TokenRenewal | None = None
        self._web = WebServers(config, context, self._clock, self._worker.wake) if "web" in roles else None
        self._server: asyncio.Server | None = None
        self._handler: SmtpHandler | None = None
        self._refusals_written: asyncio.Future[None] = self._loop.create_future()
        self._refusals_written.set_result(None)

    async def start(self) -> ListenAddress | None:
        """Start the roles; returns the address of the SMTP server, None without that role.

        Raises Permanent when a port cannot be opened.
        """
        listening = None
        if "smtp" in self._roles:
            self._inbox_commit.start()
            listening = await self._listen()
        if self._web is not None:
            await self._web.start(alone=self._roles == ("web",))
        if self._imap is not None:
            self._imap.start()
        if "worker" in self._roles:
            self._worker.start()
        if "sender" in self._roles:
            self._delivery_task = asyncio.create_task(self._delivery.run())
        return listening

    def renew_tokens(self, failed: Callable[[], None]) -> None:
        """Renew the access tokens before they expire, if there are any; `failed` is called when that begins to fail."""
        if self._tokens is not None and {"imap", "sender"} & set(self._roles):
            self._renewal = TokenRenewal(self._tokens, failed)
            self._renewal.start()

    @property
    def pages(self) -> ListenAddress | None:
        """The address of the pages, when they are served."""
        return ListenAddress(*self._web.pages) if self._web is not None and self._web.pages is not None else None

    @property
    def health(self) -> ListenAddress | None:
        """The address of the health check, when it runs."""
        return ListenAddress(*self._web.health) if self._web is not None and self._web.health is not None else None

    async def stop(self) -> None:
        """Accept no new mail, then end every stage; each has a time limit, together 35 seconds."""
        if self._server is not None:
            self._server.close()
            await asyncio.to_thread(self._inbox_commit.stop)
            await asyncio.sleep(0)  # the replies to the last mails are written
            if self._handler is not None:
                self._handler.close()  # a client that got no 250 tries again
            self._refusals.flush()
            await self._refusals_written
        if self._web is not None:
            await self._web.stop()
        if self._imap is not None:
            await asyncio.to_thread(self._imap.stop)
        if self._renewal is not None:
            await asyncio.to_thread(self._renewal.stop)
        stopping = [asyncio.to_thread(self._worker.stop)] if "worker" in self._roles else []
        if self._delivery_task is not None:
            self._delivery.stop()
        await asyncio.gather(*stopping, *([self._delivery_task] if self._delivery_task is not None else []))

    def wake_worker(self) -> None:
        """There may be a mail to handle, or a notice to write.  Callable from any thread."""
        self._worker.wake()

    def _wake_delivery(self) -> None:
        with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
            self._loop.call_soon_threadsafe(self._delivery.wake)

    async def _listen(self) -> ListenAddress:
        smtp = self._config.smtp
        self._refusals = RefusalLog(smtp.refusal_log_seconds, self._log_refusals)
        self._handler = SmtpHandler(
            smtp_of(self._config, self._context.token_keys),
            self._clock,
            self._inbox_commit.put,
            self._context.store.intake.free_bytes,
            self._refusals.add,
        )
        try:
            self._server = await self._loop.create_server(
                self._handler.factory(self._loop, tls_of(self._config)), smtp.host, smtp.port
            )
        except OSError as error:
            raise Permanent(
                f"cannot listen on {smtp.host}:{smtp.port} ({error.strerror});"
                " if another program uses the port, set smtp.port"
            ) from error
        host, port = self._server.sockets[0].getsockname()[:2]
        return ListenAddress(host, port)

    def _log_refusals(self, refusals: Sequence[Refusal]) -> None:
        """Record them in another thread: the SMTP sessions on the event loop do not wait for the store."""
        self._refusals_written = self._loop.run_in_executor(None, record_refusals, refusals, self._context.store)

    def _extend_view_period(self, item: OutboxItem) -> None:
        """Extend the 参照期間 (view period).  Only Temporary is raised: the delivery is recorded in any case."""
        try:
            with self._context.store.transaction():
                extend_view_period(item, self._clock.now(), self._context)
        except Temporary:
            raise
        except Exception:
            log.exception("view-period-not-extended", outbox=item.id)

    def _delivered(self, item: OutboxItem, result: DeliveryResult) -> None:
        if result.accepted:
            self._extend_view_period(item)
            return
        log.error("delivery-failed", outbox=item.id, code=result.code)
        report_undelivered(item, result.reply, self._clock.now(), self._context)
        self._worker.wake()  # there are notices to write


async def serve(
    config: Config,
    path: Path | None,
    roles: tuple[str, ...],
    found: Callable[[Sequence[Finding]], None],
    started: Callable[[ListenAddress | None, ListenAddress | None], None],
) -> None:
    """Run until SIGTERM or SIGINT.

    `path`: the file that `config` was read from.  `found` is called with what the checks before the start have found;
    one that would lose mail or give away secrets is raised as ConfigError instead.  `started` is called once everything
    runs, with the addresses of the SMTP server and of the web server.  Raises Permanent or Temporary when the desk
    cannot be started.
    """
    forbid_core_dumps()
    with open_desk(config, upgrade=Upgrade()) as context, context.store.serve_lock():
        if (done := context.store.upgraded) is not None:
            backup = ", ".join(map(str, done.backups)) or f"no backup: {done.note}"
            log.warning("store-upgraded", before=done.before, after=done.after, backup=backup)
        log.info("store-opened", store=context.store.describe())
        findings = run_checks(surroundings_of_desk(config, path, context, SystemClock()), (When.AT_START,))
        require_no_refusal(findings)
        found(findings)
        server = DeskServer(config, context, roles=roles, worker_command=worker_command(path))
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        started(await server.start(), server.pages)
        checks = HourlyChecks(config, path, context, SystemClock(), server.wake_worker)
        checks.start()
        server.renew_tokens(failed=checks.check_soon)
        await stopped.wait()
        log.info("stopping")
        checks.stop()
        await server.stop()
