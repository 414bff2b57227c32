"""The only file that wires everything: configuration → tools → runners."""

import asyncio
import contextlib
import secrets
import signal
import socket
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import structlog

from mailbot import procedures
from mailbot.business_days import make_calendar
from mailbot.clock import Clock, SystemClock
from mailbot.config import Config
from mailbot.desk.tools import Settings, Tools
from mailbot.desk.undelivered import tell_operators
from mailbot.errors import Permanent
from mailbot.model.people import Language
from mailbot.model.post import DeliveryResult, OutboxItem
from mailbot.notices.pages import PageWriter
from mailbot.notices.papers import PaperWriter
from mailbot.notices.render import Renderer
from mailbot.notices.write import Desk, Writer
from mailbot.procedures import load_procedures
from mailbot.procedures.new import make_procedure
from mailbot.records import inbox, mail_log
from mailbot.records.database import Store, open_store
from mailbot.records.vault import Keyring, Vault
from mailbot.runners.delivery import Sender
from mailbot.runners.imap import ImapDoor
from mailbot.runners.scheduler import Scheduler
from mailbot.runners.smtp import Door, DoorRules, Refusal
from mailbot.runners.web.server import WebServer
from mailbot.runners.web.site import Site
from mailbot.runners.worker import Worker
from mailbot.token_keys import add_token_key, read_token_keys
from mailbot.wiring import (
    authenticate_of,
    imap_of,
    page_url_of,
    relay_of,
    retries_of,
    signer_of,
    taken_of,
    tls_of,
    web_of,
)

ROLES = ("smtp", "imap", "worker", "sender", "web")

log = structlog.get_logger("mailbot")


def templates_folder() -> Path:
    """The wordings that come with the program: beside the package, or inside it when it was installed as a wheel."""
    inside = Path(__file__).parent / "_templates"
    return inside if inside.is_dir() else Path(__file__).parents[1] / "templates"


def sample_register() -> Path:
    """The register that `init --sample` and `demo` use."""
    return Path(__file__).parent / "sample" / "register.toml"


@contextmanager
def open_desk(config: Config, clock: Clock | None = None, *, create: bool = False) -> Iterator[Tools]:
    """The tools of the desk that `config` describes, its store open until the block ends.

    `create`: make the store when there is none.  Raises Permanent or Temporary when it cannot be opened.
    """
    store = open_store(config.store.url, config.base, create=create)
    try:
        yield make_tools(config, store)
    finally:
        store.close()


def add_procedure(name: str, titles: Mapping[str, str], category: str) -> Path:
    """A further procedure, beside those that come with the program; returns its folder.  Raises UsageError."""
    return make_procedure(name, titles, category, Path(procedures.__file__).parent, procedures.__name__)


def make_tools(config: Config, store: Store) -> Tools:
    """Everything the desk works with, from the configuration."""
    known = load_procedures()
    folders = [config.resolve("templates"), templates_folder()]
    renderer = Renderer([f for f in folders if f.is_dir()], {p.name: p.words for p in known.values()})
    identity = Desk(
        name=config.desk.name,
        address=config.desk.address,
        organisation=config.desk.organisation,
        phone=config.desk.phone,
        hours=config.desk.hours,
        page_url=page_url_of(config),
    )
    calendar = make_calendar(config.calendar.closed, config.calendar.open, config.calendar.year_end)
    return Tools(
        store=store,
        vault=Vault(store, Keyring(config.resolve(config.store.key_file))),
        writer=Writer(renderer, identity),
        papers=PaperWriter(renderer, identity),
        pages=PageWriter(renderer, identity),
        procedures=known,
        calendar=calendar,
        settings=_settings(config),
        token_keys=read_token_keys(config.resolve(config.store.token_key_file)),
        random_bytes=secrets.token_bytes,
        choose=secrets.choice,
        authenticate=authenticate_of(config),
        sign=signer_of(config),
    )


def _settings(config: Config) -> Settings:
    return Settings(
        address=config.desk.address,
        name=config.desk.name,
        operators=tuple(config.desk.admin),
        language=Language(config.desk.language),
        reply_token_days=config.auth.reply_token_days,
        lapse_business_days=config.review.lapse_business_days,
        reminder_business_days=config.review.reminder_business_days,
        escalation_business_days=config.review.escalation_business_days,
        applicant_reminder_business_days=config.review.applicant_reminder_business_days,
        morning_hour=config.review.morning_hour,
        answers_per_hour=config.desk.answers_per_hour,
        answers_per_day=config.desk.answers_per_day,
        four_eyes=config.review.four_eyes,
        challenge_hours=config.auth.challenge_hours,
        challenges_per_day=config.auth.challenges_per_day,
        proof_required=config.auth.require != "registered",
    )


def rotate_keys(config: Config, tools: Tools) -> int:
    """New keys for the vault and for reply tokens; returns how many passwords were sealed anew.  Raises Permanent."""
    add_token_key(config.resolve(config.store.token_key_file))
    return tools.vault.rotate()


@dataclass(frozen=True)
class Listening:
    """Where the running desk can be reached."""

    host: str
    port: int


class Service:
    """A running desk: the SMTP door, the worker, the delivery and the scheduler, in one process."""

    def __init__(
        self, config: Config, tools: Tools, clock: Clock | None = None, roles: tuple[str, ...] = ROLES
    ) -> None:
        self._config = config
        self._tools = tools
        self._clock = clock or SystemClock()
        self._roles = roles
        self._loop = asyncio.get_running_loop()
        self._sender = Sender(
            tools.store, relay_of(config), retries_of(config), self._clock, self._delivery_failed, taken_of(config)
        )
        self._sending: asyncio.Task[None] | None = None
        self._worker = Worker(tools, self._clock, handled=self.wake_sender)
        self._scheduler = Scheduler(tools, self._clock, done=self.wake_sender)
        self._intake = inbox.Intake(tools.store, on_commit=self._worker.wake)
        self._imap: ImapDoor | None = None
        if config.imap.enabled and "imap" in roles:
            self._imap = ImapDoor(imap_of(config), tools, self._clock, accepted=self._worker.wake)
        self._web: WebServer | None = None
        if config.web.enabled and "web" in roles:
            https = bool(config.web.tls_cert) or config.desk.base_url.startswith("https://")
            site = Site(tools, self._clock, https=https, sent=self.wake_sender)
            self._web = WebServer(web_of(config), site)
        self.pages: Listening | None = None  # where the web pages are, once started
        self._server: asyncio.Server | None = None
        self._door: Door | None = None

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
            self._scheduler.start()
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
        """No new mail, then finish what is in hand, front to back."""
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
        if "worker" in self._roles:
            await asyncio.to_thread(self._worker.stop)
            await asyncio.to_thread(self._scheduler.stop)
        if self._sending is not None:
            self._sender.stop()
            await self._sending

    def wake_sender(self) -> None:
        """There may be something to deliver.  Callable from any thread."""
        with contextlib.suppress(RuntimeError):  # the loop may have ended meanwhile
            self._loop.call_soon_threadsafe(self._sender.wake)

    async def _listen(self) -> Listening:
        smtp = self._config.smtp
        rules = DoorRules(
            desk_address=self._config.desk.address,
            hostname=smtp.hostname or socket.getfqdn(),
            max_message_bytes=smtp.max_message_bytes,
            max_connections=smtp.max_connections,
            max_recipients=smtp.max_recipients,
            timeout_seconds=smtp.timeout_seconds,
            session_seconds=smtp.session_seconds,
            min_free_bytes=smtp.min_free_bytes,
            token_keys=self._tools.token_keys,
        )
        self._door = Door(rules, self._clock, self._intake.put, self._tools.store.free_bytes, self._log_refusal)
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
            with self._tools.store.transaction():
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

    def _delivery_failed(self, item: OutboxItem, result: DeliveryResult) -> None:
        log.error("delivery-failed", outbox=item.id, code=result.code)
        tell_operators(item, result.reply, self._clock.now(), self._tools)


async def serve(
    config: Config, roles: tuple[str, ...], started: Callable[[Listening | None, Listening | None], None]
) -> None:
    """Run until SIGTERM or SIGINT; `started` is called when all runs: where mail is taken, where the pages are."""
    with open_desk(config) as tools, tools.store.serve_lock():
        service = Service(config, tools, roles=roles)
        stopped = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        started(await service.start(), service.pages)
        await stopped.wait()
        log.info("stopping")
        await service.stop()
