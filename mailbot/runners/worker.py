"""The worker: a thread that handles the mails of the inbox, one at a time, and transfers them to it before if their
senders are not authenticated.

No exception ends it: the mail that caused one is quarantined or postponed, and the next mail is handled.
"""

import traceback
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from datetime import timedelta

from mailbot.clock import Clock
from mailbot.desk import reception
from mailbot.desk.context import DeskContext
from mailbot.desk.unhandled import postpone, quarantine
from mailbot.errors import Temporary
from mailbot.logs import get_logger
from mailbot.model.queued_mail import Disposition, InboxItem
from mailbot.records.queues import inbox, sender_costs
from mailbot.runners.polling import PollingThread, flush_after_work

MAX_ATTEMPTS = 3
# CPU time charged for a mail that exceeded a limit, whose process has to be started again.  A process that ended for
# another reason may have been killed, or the machine lost its power: that is no cost of the mail.
EXCEEDED_COST = timedelta(seconds=10)

LIMITS = {"cpu": "CPU time", "wall-clock": "wall-clock time", "memory": "memory"}  # of one mail

log = get_logger("mailbot.worker")


@dataclass(frozen=True)
class Exceeded:
    """A mail (its inbox ID) with which a process exceeded a limit (a key of LIMITS)."""

    mail: int
    limit: str

    @classmethod
    def parse(cls, text: str) -> "Exceeded | None":
        """`MAIL:LIMIT`; None for any other text."""
        mail, _, limit = text.partition(":")
        return cls(int(mail), limit) if mail.isdecimal() and limit in LIMITS else None


@dataclass(frozen=True)
class Handled:
    """A mail that was handled.  `seconds`: from its reception until then."""

    disposition: str
    reason: str
    seconds: float


def not_counted(handled: Handled) -> None:
    """For a worker whose mails nobody counts."""
    del handled


class Worker(PollingThread):
    """The thread."""

    def __init__(
        self,
        context: DeskContext,
        clock: Clock,
        handled: Callable[[], None],
        around: Callable[[InboxItem], AbstractContextManager[object]] = nullcontext,
        exceeded: Exceeded | None = None,
        count: Callable[[Handled], None] = not_counted,
    ) -> None:
        """`handled` is called after each mail: there may be notices to write.  `around`: a context for each mail.

        `exceeded`: the mail with which the previous process exceeded a limit; it is quarantined.  `count` is called
        with each mail that was handled.
        """
        super().__init__("worker")
        self._context = context
        self._clock = clock
        self._handled = handled
        self._around = around
        self._exceeded = exceeded
        self._count = count
        self._transfers = not context.settings.proof_required  # else the authentication loop does
        self._claimed_at = clock.now()  # the mail that is handled
        self._cost: sender_costs.Cost | None = None  # of the mail before, charged with the next claim

    def poll(self) -> bool:
        """Handle one mail; False when there is none, or after a pause when the store has failed."""
        more = None
        try:
            more = self.handle_one()
        except Temporary as error:
            log.warning("store-unavailable", detail=error.detail)
        except Exception:  # of any kind: it must not end the thread; the mail stays in the inbox
            log.exception("worker-failed")
        flush_after_work(self._context.store)
        if more is None:
            self.pause()
        return bool(more)

    def handle_one(self) -> bool:
        """Handle the next mail that is ready; False when there is none.  Raises Temporary (of the store)."""
        transferred = self._not_transferred() if self._transfers else ()
        self._claimed_at = self._clock.now()
        item = inbox.claim(self._context.store, self._claimed_at, self._cost, transferred)
        self._cost = None
        if item is None:
            return False
        began, exceeded = self._clock.cpu_time(), self._exceeded is not None and self._exceeded.mail == item.id
        with self._around(item):
            self._handle(item)
        used = self._clock.cpu_time() - began + (EXCEEDED_COST if exceeded else timedelta())
        per_hour = self._context.settings.sender_cpu_seconds
        self._cost = sender_costs.Cost.of(item.account, used.total_seconds(), per_hour)
        return True

    def _not_transferred(self) -> Sequence[object]:
        """What is transferred with the next claim.  Mails that cannot be read keep none of the inbox waiting."""
        try:
            return inbox.not_transferred(self._context.store)
        except Temporary as error:
            log.warning("store-unavailable", detail=error.detail)
        except Exception:
            log.exception("transfer-failed")
        return ()

    def _handle(self, item: InboxItem) -> None:
        if self._exceeded is not None and self._exceeded.mail == item.id:
            limit, self._exceeded = self._exceeded.limit, None  # once: an operator may put the mail back in the inbox
            self._quarantine(item, "kept-failing", f"given up: reading it exceeded the limit of {LIMITS[limit]}")
            return
        if item.attempts > MAX_ATTEMPTS:
            self._quarantine(
                item, "kept-failing", f"given up after {MAX_ATTEMPTS} attempts that ended with the process"
            )
            return
        if item.over_budget_until is not None:
            postpone.postpone_over_budget(item, item.over_budget_until, self._clock.now(), self._context)
            log.warning("postponed", mail=item.id, account=item.account, until=str(item.over_budget_until))
            self._handled()
            return
        try:
            outcome = reception.handle(item, self._clock.now(), self._context)
        except reception.DeskFault as fault:
            cause = fault.__cause__ or fault
            where = postpone.postpone_for_fault(item, cause, self._clock.now(), self._context)
            log.error("postponed", mail=item.id, where=where, detail="".join(traceback.format_exception(cause)))
            self._handled()
            return
        except inbox.AlreadyHandled as error:
            log.info("handled-elsewhere", mail=item.id, detail=error.detail)
            return
        except Temporary:
            inbox.release(self._context.store, item.id)
            raise
        except MemoryError:  # the mail exceeds its limit: `around` ends the process, and the next one quarantines it
            raise
        except Exception:  # while reading it: the mail is the cause
            self._quarantine(item, "surprise", traceback.format_exc())
            return
        self._handled()  # before the log: somebody waits for the notices
        self._tell(item, outcome.disposition.value, outcome.reason)

    def _tell(self, item: InboxItem, disposition: str, reason: str, detail: str = "") -> None:
        """The line of the log that tells what became of a mail, and when; of its sender only the domain."""
        now = self._clock.now()
        story = {
            "mail": item.id,
            "source": item.source,
            "sender_domain": item.envelope.sender.rpartition("@")[2],
            "octets": len(item.raw),
            "disposition": disposition,
            "reason": reason,
            "received_at": item.received_at.isoformat(timespec="milliseconds"),
            "waited_ms": _milliseconds(self._claimed_at - item.received_at),
            "handling_ms": _milliseconds(now - self._claimed_at),
            "total_ms": _milliseconds(now - item.received_at),
        }
        if detail:
            log.error("quarantined", **story, detail=detail)
        else:
            log.info("handled", **story)
        self._count(Handled(disposition, reason, max(0.0, (now - item.received_at).total_seconds())))

    def _quarantine(self, item: InboxItem, reason: str, detail: str) -> None:
        with suppress(inbox.AlreadyHandled):
            quarantine.quarantine_mail(item, reason, detail, self._clock.now(), self._context)
        self._tell(item, Disposition.QUARANTINED.value, reason, detail)
        self._handled()


def _milliseconds(time: timedelta) -> int:
    """0 for a negative one, after the clock was set back."""
    return max(0, round(time / timedelta(milliseconds=1)))
