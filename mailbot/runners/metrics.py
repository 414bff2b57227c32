"""The metrics of a running desk in Prometheus' text format.  No label has an address or a receipt number in it.

Counters begin at 0 when the desk starts; what is in the store is counted by whoever sets the gauges, at each scrape.
"""

import os
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)

from mailbot.model.queued_mail import DeliveryResult
from mailbot.runners.smtp.replies import REPLIES
from mailbot.runners.worker import Handled
from mailbot.runners.worker_process import WorkerState

disable_created_metrics()  # type: ignore[no-untyped-call]  # a series for each counter that says when it was made

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_HANDLING = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3600)  # seconds
_HOUR = 3600
_DECISION = (_HOUR, 4 * _HOUR, 8 * _HOUR, 24 * _HOUR, 48 * _HOUR, 72 * _HOUR, 120 * _HOUR, 240 * _HOUR, 480 * _HOUR)


class Metrics:
    """Every metric of one desk.  The counting methods are callable from any thread."""

    def __init__(self) -> None:
        self._registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._replies = Counter(
            "mailbot_smtp_replies",
            "Replies of the SMTP server to a mail, a recipient or a connection: stored, or why it was refused.",
            ("reply", "status_class"),
            registry=registry,
        )
        for name, text in REPLIES.items():  # from 0 on: the first one would not be seen by rate()
            self._replies.labels(_label(name), text[0])
        self._mails = Counter(
            "mailbot_mails_handled", "Mails that were handled.", ("disposition", "reason"), registry=registry
        )
        self._handling = Histogram(
            "mailbot_mail_handling_seconds",
            "From the reception of a mail until it was handled.",
            buckets=_HANDLING,
            registry=registry,
        )
        self._decision = Histogram(
            "mailbot_application_decision_seconds",
            "From an application's submission until its decision.",
            buckets=_DECISION,
            registry=registry,
        )
        self._notices = Counter(
            "mailbot_notice_deliveries",
            "Attempts to deliver a notice: delivered, deferred (it is tried again), failed (it is not).",
            ("result",),
            registry=registry,
        )
        for result in ("delivered", "deferred", "failed"):
            self._notices.labels(result)
        self._gauges: dict[str, Gauge] = {}

    def smtp_replied(self, name: str) -> None:
        """Count a reply, a key of `REPLIES`."""
        self._replies.labels(_label(name), REPLIES[name][0]).inc()

    def handled(self, one: Handled) -> None:
        """Count a mail that was handled."""
        self._mails.labels(one.disposition, one.reason).inc()
        self._handling.observe(one.seconds)

    def decided(self, seconds: float) -> None:
        """Count an application that was decided so long after its submission."""
        self._decision.observe(seconds)

    def delivered(self, result: DeliveryResult, *, final: bool) -> None:
        """Count an attempt; `final`: there will be no other."""
        self._notices.labels("delivered" if result.accepted else "failed" if final else "deferred").inc()

    def gauge(self, name: str, help_text: str, values: Mapping[str, float], label: str = "") -> None:
        """Set a gauge to `values`, by the values of its label; without a label the key is ""."""
        gauge = self._gauges.get(name)
        if gauge is None:
            gauge = self._gauges[name] = Gauge(name, help_text, (label,) if label else (), registry=self._registry)
        if not label:
            gauge.set(values[""])
            return
        gauge.clear()
        for key, value in values.items():
            gauge.labels(key).set(value)

    def workers(self, states: Iterable[WorkerState]) -> None:
        """The gauges of the worker processes."""
        found, gauge = list(states), self.gauge
        text = "Since the worker process has last moved."
        gauge("mailbot_worker_still_seconds", text, {one.name: one.still_seconds for one in found}, "process")
        text = "How often the worker process was started again."
        gauge("mailbot_worker_restarts", text, {one.name: one.restarts for one in found}, "process")
        text = "Resident memory of the worker process."
        gauge("mailbot_worker_resident_memory_bytes", text, {one.name: _memory(one.pid) for one in found}, "process")

    def text(self) -> bytes:
        """All metrics, for the answer to a scrape."""
        return generate_latest(self._registry)


def _label(name: str) -> str:
    return name.replace("_", "-")


def _memory(pid: int) -> float:
    """Octets; 0 for a process that has ended, and where there is no procfs."""
    try:
        words: Sequence[str] = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()
        return int(words[1]) * float(os.sysconf("SC_PAGE_SIZE"))
    except (OSError, ValueError, IndexError):
        return 0.0
