"""The processes that `mailbot serve` starts: one for all stages from authentication to writing, or two that share them.

With two cores the notices of one mail are written while the next mail is decided on.  The parent passes on what one
process reports to the other: notices to write, authenticated mails to handle.
"""

import gc
import os
import socket
import sys
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Protocol

from mailbot.app.context import open_desk
from mailbot.app.in_process_worker import DecidingStages, InProcessWorker, WritingStages
from mailbot.app.wiring import limits_of
from mailbot.clock import SystemClock
from mailbot.config import Config
from mailbot.runners.confinement import forbid_core_dumps
from mailbot.runners.notices_ahead import announcing, receiving, socket_pair
from mailbot.runners.worker import Exceeded, Handled, not_counted
from mailbot.runners.worker_process import (
    WorkerProcess,
    WorkerState,
    limited_and_reported,
    report_handled,
    report_ready,
    report_written,
    run_until_stdin_closes,
)

# The scheduling priority of the worker processes (nice(2)) is lower: where they compete with the SMTP server for a
# core, a client waits for its 250 while nobody waits for the decision.
WORKER_NICE = 10
# What each process has to finish when the desk stops, one after the other: together with the rest 20 seconds.
DECIDING_STOP_SECONDS, WRITING_STOP_SECONDS = 9.0, 5.0


class Stages(StrEnum):
    """What a worker process does."""

    ALL = "all"
    DECIDE = "decide"  # decisions, due tasks
    WRITE = "write"  # authentication of senders, writing of notices


class InboxWorker(Protocol):
    """What handles the mails of the inbox: `InProcessWorker`, `OneProcess` or `TwoProcesses`."""

    def start(self) -> None: ...
    def wake(self) -> None: ...
    def received(self) -> None: ...
    def states(self) -> list[WorkerState]: ...
    def reload(self) -> None: ...
    def end_hung(self) -> None: ...
    def stop(self) -> None: ...


class OneProcess(WorkerProcess):
    """A process that does everything."""

    def stop(self, seconds: float = DECIDING_STOP_SECONDS + WRITING_STOP_SECONDS) -> None:
        """Let it finish what it does."""
        super().stop(seconds)


class TwoProcesses:
    """A process that decides, and one that authenticates and writes."""

    def __init__(
        self,
        command: Sequence[str],
        written: Callable[[], None],
        wall_seconds: float,
        count: Callable[[Handled], None] = not_counted,
        *,
        authenticates: bool = False,
    ) -> None:
        """`command` starts a worker process; `written` is called when there may be mails to deliver, `count` with each
        mail that was handled.  `authenticates`: whether the senders of received mails are authenticated first."""
        self._sockets = socket_pair()
        ends = [one.fileno() for one in self._sockets]
        decide, write = (
            [*command, "--stages", stages, "--announcements", str(end)]
            for stages, end in zip((Stages.DECIDE, Stages.WRITE), ends, strict=True)
        )
        self._deciding = WorkerProcess(
            decide, self._wake_writing, wall_seconds, count=count, name="deciding", descriptors=ends[:1]
        )
        self._writing = WorkerProcess(
            write, written, wall_seconds, ready=self._deciding.wake, name="writing", descriptors=ends[1:]
        )
        self._receiving = self._writing if authenticates else self._deciding

    def start(self) -> None:
        self._writing.start()
        self._deciding.start()

    def wake(self) -> None:
        """There may be a received mail, or a notice to write.  Callable from any thread."""
        self._deciding.wake()
        self._writing.wake()

    def received(self) -> None:
        """There are received mails.  Callable from any thread."""
        self._receiving.wake()

    def stop(self) -> None:
        """Let both finish what they do, for a limited time; the notices are written last."""
        self._deciding.stop(DECIDING_STOP_SECONDS)
        self._writing.stop(WRITING_STOP_SECONDS)
        for one in self._sockets:
            one.close()

    def states(self) -> list[WorkerState]:
        """How each of the processes is."""
        return [*self._deciding.states(), *self._writing.states()]

    def reload(self) -> None:
        """Have both read again what may change while they run."""
        self._deciding.reload()
        self._writing.reload()

    def end_hung(self) -> None:
        """Kill a process that does not move any more; it is started again."""
        self._deciding.end_hung()
        self._writing.end_hung()

    def _wake_writing(self) -> None:
        self._writing.wake()


def process_count(config: Config) -> int:
    """How many worker processes `mailbot serve` starts: `worker.processes`, or as many as there are cores, at most 2.

    Cores are those that this process may run on (sched_setaffinity(2)).
    """
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return config.worker.processes or min(cores, 2)


def make_processes(
    config: Config,
    command: Sequence[str],
    written: Callable[[], None],
    count: Callable[[Handled], None] = not_counted,
) -> InboxWorker:
    """The worker processes, not started yet.  `written` is called when there may be mails to deliver, `count` with each
    mail that was handled."""
    if process_count(config) > 1:
        wall_seconds, authenticates = config.worker.wall_seconds, config.auth.proof_required
        return TwoProcesses(command, written, wall_seconds, count, authenticates=authenticates)
    return OneProcess(command, written, config.worker.wall_seconds, count=count)


def worker_command(path: Path | None) -> list[str]:
    """The command of a worker process with the configuration in `path`; None for the defaults."""
    return [sys.executable, "-m", "mailbot", *(["--config", str(path)] if path is not None else []), "worker"]


def work(
    config: Config,
    stages: Stages = Stages.ALL,
    exceeded: str = "",
    reload: Callable[[], None] = lambda: None,
    announcements: int = -1,
) -> None:
    """The main function of a worker process: runs until its standard input ends.

    `exceeded`: `MAIL:LIMIT` when the previous process exceeded a limit with a mail, else "".  `reload` is called when
    the parent has been told to read its configuration again.  `announcements`: the descriptor of a socket over which
    the process that decides announces notices to the one that writes them; -1: there is none.
    """
    forbid_core_dumps()
    os.nice(WORKER_NICE)
    with open_desk(config) as context, ExitStack() as held:
        clock, limited = SystemClock(), partial(limited_and_reported, limits_of(config))
        end = held.enter_context(socket.socket(fileno=announcements)) if announcements >= 0 else None
        receivers: dict[int, Callable[[], None]] = {}
        worker: InProcessWorker | DecidingStages | WritingStages
        match stages:
            case Stages.ALL:
                worker = InProcessWorker(
                    context, clock, report_written, limited, Exceeded.parse(exceeded), report_handled
                )
            case Stages.DECIDE:
                announce = announcing(end) if end is not None else context.announce
                worker = DecidingStages(
                    replace(context, announce=announce),
                    clock,
                    report_written,
                    limited,
                    Exceeded.parse(exceeded),
                    report_handled,
                )
            case Stages.WRITE:
                worker = WritingStages(context, clock, report_ready, report_written)
                if end is not None:
                    receivers[announcements] = receiving(end, worker.announce, worker.wants_announcements)
        worker.start()
        gc.collect()
        gc.freeze()  # as in `serve`
        run_until_stdin_closes(worker.wake, worker.still_seconds, reload, receivers)
        worker.stop()
