"""`mailbot serve`: from the start to the end of the process, with its signals and its service manager."""

import asyncio
import contextlib
import gc
import os
import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from mailbot.app.checks.kinds import Finding, in_words
from mailbot.app.checks.run import When, run_checks
from mailbot.app.checks.templates import templates
from mailbot.app.context import open_desk
from mailbot.app.hourly_checks import HourlyChecks, require_no_refusal, surroundings_of_desk
from mailbot.app.privileges import become, bind, require_user
from mailbot.app.server import DeskServer, ListenAddress
from mailbot.app.worker_processes import worker_command
from mailbot.clock import SystemClock
from mailbot.config import Config, load
from mailbot.desk.context import DeskContext
from mailbot.errors import MailbotError
from mailbot.logs import get_logger, set_up_logging
from mailbot.records.database import Upgrade
from mailbot.runners.confinement import forbid_core_dumps
from mailbot.runners.service_manager import ServiceManager

WATCH_SECONDS = 5.0
# After SIGTERM the process ends within 20 seconds.  `DeskServer.stop` needs 15 at most; a thread that waits for a name
# server or a disk may not let the interpreter end.  Whatever was not finished is in the store.
LONGEST_STOP_SECONDS = 18.0

log = get_logger("mailbot")


@dataclass(frozen=True)
class Told:
    """What the command line says besides the configuration.

    `path`: the file that the configuration was read from; `user`: whom to run as, when root starts it.  `found` is
    called with what the checks before the start have found; one that would lose mail or give away secrets is raised as
    ConfigError instead.  `started` is called once everything runs, with the addresses of SMTP server and web server.
    """

    path: Path | None
    roles: tuple[str, ...]
    found: Callable[[Sequence[Finding]], None]
    started: Callable[[ListenAddress | None, ListenAddress | None], None]
    user: str = ""
    as_root: bool = False


async def serve(config: Config, told: Told) -> None:
    """Run until SIGTERM or SIGINT; SIGHUP reads certificates, log level and templates again.

    Raises Permanent or Temporary when the desk cannot be started.
    """
    manager, user = ServiceManager(os.environ), told.user or config.smtp.user
    require_user(config, user, as_root=told.as_root, user_id=os.geteuid())
    bound = bind(config.smtp.host, config.smtp.port) if user and "smtp" in told.roles else None
    if user and os.geteuid() == 0:
        become(user)
    forbid_core_dumps()
    with open_desk(config, upgrade=Upgrade()) as context, context.store.serve_lock():
        if (done := context.store.upgraded) is not None:
            backup = ", ".join(map(str, done.backups)) or f"no backup: {done.note}"
            log.warning("store-upgraded", before=done.before, after=done.after, backup=backup)
        log.info("store-opened", store=context.store.describe())
        findings = run_checks(surroundings_of_desk(config, told.path, context, SystemClock()), (When.AT_START,))
        require_no_refusal(findings)
        told.found(findings)
        server = DeskServer(
            config, context, roles=told.roles, worker_command=worker_command(told.path), smtp_socket=bound
        )
        stopped, loop = asyncio.Event(), asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stopped.set)
        told.started(await server.start(), server.pages)
        gc.collect()
        gc.freeze()  # a full collection of all that is loaded would stop the SMTP sessions for 15 ms and more
        reloader = Reloader(config, told.path, context, server, manager)
        loop.add_signal_handler(signal.SIGHUP, reloader.reload)
        checks = HourlyChecks(config, told.path, context, SystemClock(), server.wake_worker, findings)
        checks.start()
        server.renew_tokens(failed=checks.check_soon)
        manager.ready()
        watching = asyncio.create_task(_watch(server, manager))
        await stopped.wait()
        log.info("stopping")
        manager.stopping()
        _end_in_time()
        watching.cancel()
        checks.stop()
        await server.stop()


async def _watch(server: DeskServer, manager: ServiceManager) -> None:
    """Feed the watchdog while the worker processes and the delivery move, and say in words when they do not."""
    pause = min(WATCH_SECONDS, manager.watchdog_seconds / 3 or WATCH_SECONDS)
    while True:
        server.end_hung()
        if not server.not_moving():
            manager.moving()
        manager.status("; ".join(server.problems()) or "mail is taken, handled and sent")
        await asyncio.sleep(pause)


def _end_in_time() -> None:
    def end() -> None:
        log.warning("stop-cut-short", seconds=LONGEST_STOP_SECONDS)
        os._exit(0)

    timer = threading.Timer(LONGEST_STOP_SECONDS, end)
    timer.daemon = True
    timer.start()


class Reloader:
    """Reads again, without ending a connection, what may change while the desk runs."""

    def __init__(
        self, config: Config, path: Path | None, context: DeskContext, server: DeskServer, manager: ServiceManager
    ) -> None:
        self._config, self._path, self._context = config, path, context
        self._server, self._manager = server, manager
        self._in_turn = asyncio.Lock()
        self._tasks: set[asyncio.Task[None]] = set()

    def reload(self) -> None:
        """Certificates, log level and templates.  What cannot be used is logged, and what was before stays.

        Call it on the thread of the event loop; it returns at once.
        """
        task = asyncio.get_running_loop().create_task(self._reload_in_turn())
        self._tasks.add(task)  # the loop itself keeps no reference
        task.add_done_callback(self._tasks.discard)

    async def _reload_in_turn(self) -> None:
        async with self._in_turn:
            self._manager.reloading()
            with contextlib.suppress(MailbotError):
                await self._reload()
            self._manager.ready()

    async def _reload(self) -> None:
        try:
            config = load(self._path, os.environ)
            self._server.reload_certificates(config)
        except MailbotError as error:
            log.error("not-reloaded", detail=error.public)
            raise
        set_up_logging(config.log.level, config.log.format)
        self._server.reload_workers()
        about = surroundings_of_desk(config, self._path, self._context, SystemClock())
        # In another thread: rendering every wording takes seconds, in which no SMTP session would be answered.
        for one in await asyncio.to_thread(lambda: [*map(in_words, templates(about))]):
            log.error("check", code=one.code, found=one.found, do=one.do)  # a changed template is read when it is used
        for key in _changed(self._config, config):
            log.warning("restart-needed", key=key)
        log.info("reloaded", level=config.log.level)


def _changed(before: Config, now: Config) -> list[str]:
    """The keys whose new values are used only after a restart."""
    old, new = before.model_dump(), now.model_dump()
    used = {"log.level", "log.format", *(f"{one}.{key}" for one in ("smtp", "web") for key in ("tls_cert", "tls_key"))}
    changed = [f"{one}.{key}" for one, keys in new.items() for key, value in keys.items() if old[one][key] != value]
    return [key for key in changed if key not in used]
