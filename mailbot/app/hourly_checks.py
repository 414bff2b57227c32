"""The checks of a running desk: before it opens a port, right after, and every hour.

What is found reaches the operators in more than one way, as one of them may be what is broken: a line of the log, a
mail to the operators once a day, and a file (`checks/latest.py`).
"""

import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path

from mailbot.app.checks.kind import Severity
from mailbot.app.checks.kinds import Finding
from mailbot.app.checks.latest import write_latest
from mailbot.app.checks.run import When, run_checks, worst_first
from mailbot.app.checks.surroundings import Surroundings
from mailbot.clock import Clock, tokyo_date
from mailbot.config import Config
from mailbot.desk.context import DeskContext
from mailbot.desk.outgoing.alerts import alert_once
from mailbot.errors import ConfigError, MailbotError
from mailbot.logs import get_logger

EVERY_SECONDS = 3600.0

log = get_logger("mailbot.checks")


def require_no_refusal(findings: Sequence[Finding]) -> None:
    """Raises ConfigError with every finding that must not be served with."""
    refused = [one.line for one in findings if one.severity is Severity.REFUSED]
    if refused:
        raise ConfigError("\n".join(refused))


def surroundings_of_desk(config: Config, path: Path | None, context: DeskContext, clock: Clock) -> Surroundings:
    """Those of a desk that has opened its store."""
    return Surroundings(config, path, clock.now(), os.geteuid(), context.store, running=True)


class HourlyChecks:
    """A thread that makes the checks, first when it is started."""

    def __init__(
        self,
        config: Config,
        path: Path | None,
        context: DeskContext,
        clock: Clock,
        queued: Callable[[], None],
        at_start: Sequence[Finding] | None = None,
    ) -> None:
        """`queued` is called when there is a notice to write; `at_start`: what the checks before the start have just
        found, which are not made again at first."""
        self._at_start = at_start
        self._config, self._path, self._context, self._clock = config, path, context, clock
        self._queued = queued
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread = threading.Thread(target=self._run, name="checks", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """End without waiting for servers that do not answer."""
        self._stop.set()
        self._wake.set()

    def check_soon(self) -> None:
        """Make the checks now, as something begins to fail.  Callable from any thread."""
        self._wake.set()

    def _run(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            try:
                self.check_once()
            except MailbotError as error:
                log.warning("checks-not-made", detail=error.detail)
            except Exception:  # it must not end the thread
                log.exception("checks-failed")
            if not self._stop.is_set():  # set before the flag was cleared
                self._wake.wait(EVERY_SECONDS)

    def check_once(self) -> list[Finding]:
        """Make the checks, and say what they find."""
        about = surroundings_of_desk(self._config, self._path, self._context, self._clock)
        known, self._at_start = self._at_start, None
        occasions = (When.AT_START, When.RUNNING) if known is None else (When.RUNNING,)
        findings = worst_first([*(known or ()), *run_checks(about, occasions)])
        if self._stop.is_set():
            return findings
        for one in findings:
            say = log.error if one.is_broken else log.warning
            say("check", code=one.code, found=one.found, do=one.do)
        try:
            write_latest(self._config, findings, about.now)
        except OSError as error:
            log.error("findings-not-written", detail=str(error))
        self._alert([one for one in findings if one.is_broken])
        return findings

    def _alert(self, broken: Sequence[Finding]) -> None:
        """One mail about what was not said today."""
        if not broken:
            return
        now = self._clock.now()
        key = f"check:{tokyo_date(now)}:{','.join(sorted({one.code for one in broken}))}"
        with self._context.store.transaction():
            params = {"lines": [one.line for one in broken]}
            alert_once(key, "checks_found", now, self._context, params=params)
        self._queued()
