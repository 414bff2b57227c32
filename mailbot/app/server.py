"""The running desk: starts and stops the runners, with the worker in this process or in processes of its own."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from mailbot.app.in_process_worker import InProcessWorker
from mailbot.app.readiness import STILL_SECONDS, Moving, Readiness, still
from mailbot.app.refusal_rows import record_refusals
from mailbot.app.web_servers import WebServers
from mailbot.app.wiring import find_queue_id_of, imap_of, relays_of, reload_tls, retries_of, smtp_of, tls_of, tokens_of
from mailbot.app.worker_processes import InboxWorker, make_processes
from mailbot.clock import Clock, SystemClock
from mailbot.config import Config
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.delivered import extend_view_period, report_undelivered
from mailbot.errors import Permanent, Temporary
from mailbot.logs import get_logger
from mailbot.model.queued_mail import DeliveryResult, OutboxItem
from mailbot.runners.access_tokens import TokenRenewal
from mailbot.runners.delivery import DeliveryLoop
from mailbot.runners.imap import ImapFetcher
from mailbot.runners.inbox_commit import InboxCommit
from mailbot.runners.metrics import Metrics
from mailbot.runners.smtp.handler import SmtpHandler
from mailbot.runners.smtp.refusals import Refusal, RefusalLog
from mailbot.runners.worker_process import WorkerState

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
        smtp_socket: socket.socket | None = None,
    ) -> None:
        """`worker_command` starts a worker process; without it, the worker runs in threads of this process.

        `smtp_socket`: bound already, for the SMTP server; None: it binds its own.

        Call it on the thread of the running event loop.
        """
        self._config = config
        self._context = context
        self._clock = clock or SystemClock()
        self._roles = roles
        self._loop = asyncio.get_running_loop()
        self._smtp_socket = smtp_socket
        self._tls: ssl.SSLContext | None = None
        self._metrics = Metrics()
        self._tokens = tokens_of(config, self._clock)
        self._delivery = DeliveryLoop(
            context.store,
            relays_of(config, self._tokens),
            retries_of(config),
            self._clock,
            self._delivered,
            find_queue_id_of(config),
            self._metrics.delivered,
        )
        self._delivery_task: asyncio.Task[None] | None = None
        self._worker = self._make_worker(worker_command)
        self._inbox_commit = InboxCommit(context.store, on_commit=self._worker.received)
        self._imap: ImapFetcher | None = None
        if config.imap.enabled and "imap" in roles:
            imap = imap_of(config, self._tokens)
            self._imap = ImapFetcher(imap, context, self._clock, accepted=self._worker.received)
        self._renewal: TokenRenewal | None = None
        self._web = self._make_web() if "web" in roles else None
        self._server: asyncio.Server | None = None
        self._handler: SmtpHandler | None = None
        self._refusals_written: asyncio.Future[None] = self._loop.create_future()
        self._refusals_written.set_result(None)

    def _make_worker(self, command: Sequence[str]) -> InboxWorker:
        count = self._metrics.handled
        if command:
            return make_processes(self._config, command, self._wake_delivery, count)
        return InProcessWorker(self._context, self._clock, self._wake_delivery, count=count)

    def _make_web(self) -> WebServers:
        moving = Moving(self._worker_states, self.problems)
        readiness = Readiness(self._config, self._context.store, self._clock, moving, self._metrics)
        return WebServers(self._config, self._context, self._clock, self._worker.wake, readiness)

    async def start(self) -> ListenAddress | None:
        """Start the roles; returns the address of the SMTP server, None without that role.

        Raises Permanent when a port cannot be opened, ConfigError when a certificate cannot be used, and Temporary of
        the store.
        """
        listening = None
        self._context.store.intake.flush()  # a process that was killed may have left commits that are not durable
        if self._web is not None:
            await self._web.start()
        if "smtp" in self._roles:
            self._inbox_commit.start()
            try:
                listening = await self._listen()
            except BaseException:
                if self._web is not None:
                    await self._web.stop()
                raise
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
        """Accept no new mail, then end every stage; each has a time limit, together 15 seconds."""
        if self._server is not None and self._handler is not None:
            self._server.close()
            self._handler.gathered.submit()
            await asyncio.to_thread(self._inbox_commit.stop)
            await asyncio.sleep(0)  # the replies to the last mails are written
            self._handler.close()  # a client that got no 250 tries again
            self._refusals.flush()
            await self._refusals_written
        stopping: list[Awaitable[None]] = []
        if self._web is not None:
            stopping.append(self._web.stop())
        if self._imap is not None:
            stopping.append(asyncio.to_thread(self._imap.stop))
        if self._renewal is not None:
            stopping.append(asyncio.to_thread(self._renewal.stop))
        if "worker" in self._roles:
            stopping.append(asyncio.to_thread(self._worker.stop))
        if self._delivery_task is not None:
            self._delivery.stop()
            stopping.append(self._delivery_task)
        await asyncio.gather(*stopping)

    def wake_worker(self) -> None:
        """There may be a mail to handle, or a notice to write.  Callable from any thread."""
        self._worker.wake()

    def end_hung(self) -> None:
        """Kill the worker processes that do not move any more; they are started again."""
        if "worker" in self._roles:
            self._worker.end_hung()

    def not_moving(self) -> list[str]:
        """What does not move, in words: worker processes, delivery.  A mail in progress has a time limit of its own."""
        found = [words for one in self._worker_states() if not one.mail and (words := still(one))]
        return found + self._delivery_still()

    def reload_certificates(self, config: Config) -> None:
        """Use the certificates that `config` names, for new connections.  Raises ConfigError: the old ones stay."""
        if self._tls is not None:
            reload_tls(self._tls, config)
        if self._web is not None:
            self._web.reload_certificate(config)

    def reload_workers(self) -> None:
        """Have the worker processes read the configuration of the log again."""
        self._worker.reload()

    def _worker_states(self) -> list[WorkerState]:
        return self._worker.states() if "worker" in self._roles else []

    def _delivery_still(self) -> list[str]:
        if self._delivery_task is None:
            return []
        if self._delivery_task.done():
            return ["the delivery has ended: no notice is sent"]
        seconds = self._delivery.still_seconds()
        return (
            [f"the delivery has not moved for {seconds:.0f} seconds: no notice is sent"]
            if seconds > STILL_SECONDS
            else []
        )

    def problems(self) -> list[str]:
        """Why mail is not taken, handled or sent, in words, as far as this process knows without asking the store."""
        found = [words for one in self._worker_states() if (words := still(one))]
        found += self._delivery_still()
        if self._server is not None and not self._server.is_serving():
            found.append("the SMTP server does not listen: no mail is taken")
        if self._inbox_commit.failure:
            found.append(f"the last mail could not be stored: {self._inbox_commit.failure}")
        if "sender" in self._roles and (failure := self._delivery.unreachable):
            found.append(f"the relay cannot be reached: {failure}")
        return found

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
            self._metrics.smtp_replied,
        )
        self._tls = tls_of(self._config)
        factory = self._handler.factory(self._loop, self._tls)
        try:
            if self._smtp_socket is not None:
                self._server = await self._loop.create_server(factory, sock=self._smtp_socket)
            else:
                self._server = await self._loop.create_server(factory, smtp.host, smtp.port)
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
