"""Whether mail is taken, handled and sent at this moment, in words for `/readyz`; and the metrics of the store."""

import asyncio
import sys
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mailbot.app.checks.certificates import certificate_ends
from mailbot.app.checks.latest import read_latest
from mailbot.clock import Clock
from mailbot.config import Config
from mailbot.errors import MailbotError
from mailbot.logs import get_logger
from mailbot.records.applications.decision_times import decided_since
from mailbot.records.database import Store
from mailbot.records.maintenance.stages import Waiting, waiting_stages
from mailbot.runners.metrics import Metrics
from mailbot.runners.worker_process import WorkerState

# A thread that has nothing to do moves every 5 seconds, and its process reports it every 5 seconds.
STILL_SECONDS = 20.0
STORE_SECONDS = 15.0  # that the store may take; it waits 10 for a lock

log = get_logger("mailbot.web")


@dataclass(frozen=True)
class Moving:
    """What the roles of this process say of themselves; a role that is not run says nothing.

    `workers`: of the worker processes; `problems`: of these, the SMTP server and the delivery, in words.
    """

    workers: Callable[[], list[WorkerState]]
    problems: Callable[[], list[str]]


class Readiness:
    """Answers `/readyz` and `/metrics`.  Nothing is written to the store, and nothing reads its history."""

    def __init__(self, config: Config, store: Store, clock: Clock, moving: Moving, metrics: Metrics) -> None:
        self._config, self._store, self._clock = config, store, clock
        self._moving, self._metrics = moving, metrics
        self._decided_until = clock.now()
        self._looking: asyncio.Task[list[str]] | None = None
        self._measuring: asyncio.Task[None] | None = None

    async def problems(self) -> list[str]:
        """Why mail is not taken, handled or sent now, one problem a line; [] when it is."""
        found = self._moving.problems()
        if self._looking is None or self._looking.done():  # requests at the same time ask the store once
            self._looking = asyncio.create_task(asyncio.to_thread(self._of_store))
        try:
            found += await asyncio.wait_for(asyncio.shield(self._looking), STORE_SECONDS)
        except TimeoutError:
            found.append(f"the store does not answer within {STORE_SECONDS:.0f} seconds")
        return found

    def findings(self) -> list[str]:
        """What the last hourly checks have found broken."""
        latest = read_latest(self._config)
        broken = [] if latest is None else [one for one in latest.findings if one.is_broken]
        return [f"{one.code}: {one.line}" for one in broken]

    async def metrics(self) -> bytes:
        """The metrics of this moment; those of the store are left as they were while it does not answer."""
        self._metrics.workers(self._moving.workers())
        if self._measuring is None or self._measuring.done():
            self._measuring = asyncio.create_task(asyncio.to_thread(self._measure))
        up = 1.0
        try:
            await asyncio.wait_for(asyncio.shield(self._measuring), STORE_SECONDS)
        except (TimeoutError, MailbotError, OSError) as error:
            log.warning("metrics-without-store", detail=str(error))
            up = 0.0
        self._metrics.gauge("mailbot_store_up", "Whether the store could be read for this scrape.", {"": up})
        return self._metrics.text()

    def _of_store(self) -> list[str]:
        found = []
        try:
            with self._store.queue_transaction():  # takes the writer lock, and changes nothing
                pass
            with self._store.intake.reading():
                pass
        except MailbotError as error:
            log.warning("health-store-unavailable", detail=error.detail)
            found.append("the store cannot be written")
        try:
            free = min(self._store.free_bytes(), self._store.intake.free_bytes())
        except OSError as error:
            log.warning("health-disk-unknown", detail=str(error))
            free = 0
        if free < self._config.smtp.min_free_bytes:
            found.append("the disk is full: less than smtp.min_free_bytes are free")
        return found

    def _measure(self) -> None:
        """Read the store; indexes lead to the rows that are read."""
        now, gauge = self._clock.now(), self._metrics.gauge
        with self._store.reading():
            stages = waiting_stages(self._store)
            decided = decided_since(self._decided_until)
        for one in decided:
            self._metrics.decided(one.seconds)
            self._decided_until = max(self._decided_until, one.at)
        gauge("mailbot_queue_length", "What waits in a stage.", {one.stage: one.count for one in stages}, "stage")
        ages = {one.stage: _age(one, now) for one in stages}
        gauge("mailbot_queue_age_seconds", "The age of the oldest that waits in a stage, 0 without one.", ages, "stage")
        free = {"store": self._store.free_bytes(), "intake": self._store.intake.free_bytes()}
        free = {part: octets for part, octets in free.items() if octets != sys.maxsize}  # not to be known from here
        gauge("mailbot_disk_free_bytes", "Free disk space of a part of the store.", free, "part")
        floor = {"": float(self._config.smtp.min_free_bytes)}
        gauge("mailbot_disk_floor_bytes", "smtp.min_free_bytes: below it all mail is refused.", floor)
        ends = {name: end.timestamp() for name, end in certificate_ends(self._config).items()}
        gauge("mailbot_certificate_end_seconds", "When a certificate expires, in Unix time.", ends, "section")
        self._measure_findings(now)

    def _measure_findings(self, now: datetime) -> None:
        latest = read_latest(self._config)
        counted: Mapping[str, int] = {}
        if latest is not None:
            counted = Counter(one.code for one in latest.findings if one.is_broken)
            age = {"": max(0.0, (now - latest.at).total_seconds())}
            self._metrics.gauge("mailbot_checks_age_seconds", "Since the last hourly checks.", age)
        text = "What the last hourly checks found broken, by the code of `mailbot doctor`."
        self._metrics.gauge("mailbot_findings", text, counted, "code")


def still(state: WorkerState) -> str:
    """What is wrong with a worker process in words; "" when it moves."""
    if state.still_seconds <= STILL_SECONDS:
        return ""
    seconds = round(state.still_seconds)
    if state.mail:
        return f"the {state.name} process has been at mail {state.mail} for {seconds} seconds; other mails wait"
    return f"the {state.name} process (PID {state.pid}) has not moved for {seconds} seconds: no mail is handled"


def _age(one: Waiting, now: datetime) -> float:
    return max(timedelta(), now - one.since).total_seconds() if one.since is not None else 0.0
