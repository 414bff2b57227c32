"""The worker in a process of its own, so that a mail that crashes it or uses up its memory affects no other part.

The parent wakes it with an octet on its standard input, and reads from its standard output when it begins and ends a
mail.  A process that ended is restarted.  A mail with which it exceeded a limit (CPU time, wall-clock time, memory) is
quarantined by the next process; one with which it ended for another reason is tried at most three times.  When the
parent ends, the end of standard input makes the process finish the current mail and exit.
"""

import math
import os
import select
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import MappingProxyType

from mailbot.logs import get_logger
from mailbot.model.queued_mail import InboxItem
from mailbot.runners.confinement import Limits, confined
from mailbot.runners.worker import Handled, not_counted

MOVED_SECONDS = 5.0  # between two reports of a process that its threads move
HUNG_SECONDS = 60.0  # without a move, outside of a mail, after which the process is killed and started again
_LONGEST_POLL = 3600.0  # seconds; poll(2) takes milliseconds as an int
RESTART_SECONDS = 2.0  # before it is restarted when it ended without a mail being handled
MEMORY_EXIT = 86  # exit status of a process that ran out of memory in a mail
_LIMITS = {-signal.SIGXCPU: "cpu", MEMORY_EXIT: "memory"}  # by the return code of the process
_BEGAN, _ENDED, _WROTE, _READY = b"began ", b"ended\n", b"wrote\n", b"ready\n"
_MOVED, _HANDLED = b"moved ", b"handled "  # since how many seconds not; disposition, milliseconds, reason
_WAKE, _RELOAD = b".", b"h"  # octets on the standard input of the process

log = get_logger("mailbot.worker")


@dataclass(frozen=True)
class WorkerState:
    """How a worker process is.  `still_seconds`: since it has last moved; `mail`: the one in progress, 0 without one;
    `restarts`: how often it was started again."""

    name: str
    pid: int
    still_seconds: float
    mail: int = 0
    restarts: int = 0


class WorkerProcess:
    """The parent's side: starts the process, with the interface of `Worker`.

    After a mail that exceeded a limit, the next process gets `--exceeded MAIL:LIMIT` appended to its command, and
    quarantines that mail at once.  A mail with which the process ended for another reason is tried again.
    """

    def __init__(
        self,
        command: Sequence[str],
        written: Callable[[], None],
        wall_seconds: float,
        ready: Callable[[], None] = lambda: None,
        count: Callable[[Handled], None] = not_counted,
        name: str = "worker",
        descriptors: Sequence[int] = (),
    ) -> None:
        """`command` starts a process that calls `run_until_stdin_closes`.

        `written` is called when it calls `report_written`, `ready` when it calls `report_ready`, `count` with what it
        passes to `report_handled`.  `wall_seconds`: the longest time for one mail; `name`: of the process in texts.
        `descriptors`: that it inherits.
        """
        self._command = list(command)
        self._descriptors = tuple(descriptors)
        self._reports = {_WROTE: written, _READY: ready}
        self._wall_seconds = wall_seconds
        self._count, self._name = count, name
        self._moved_at = self._started_at = time.monotonic()
        self._mail = 0  # that is in progress
        self._starts = 0
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._exceeded: list[str] = []  # options for the next process
        # Guards the standard input of the process: several threads write to it, another one closes it.
        self._stdin_lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        self._moved_at = time.monotonic()
        self._thread.start()

    def wake(self) -> None:
        """There may be a mail to handle.  Callable from any thread."""
        self._send(_WAKE)

    def reload(self) -> None:
        """Have the process read again what may change while it runs."""
        self._send(_RELOAD)

    def states(self) -> list[WorkerState]:
        """The state of this process, as the only one."""
        process, still = self._process, time.monotonic() - self._moved_at
        pid = process.pid if process is not None else 0
        return [WorkerState(self._name, pid, still, self._mail, max(0, self._starts - 1))]

    def end_hung(self) -> None:
        """Kill the process when it has not moved for HUNG_SECONDS, so that it is started again.

        A mail in progress has a time limit of its own.
        """
        process, still = self._process, time.monotonic() - max(self._moved_at, self._started_at)
        if process is not None and not self._mail and still > HUNG_SECONDS and not self._stopping.is_set():
            log.error("worker-hung", process=self._name, pid=process.pid, seconds=round(still))
            process.kill()

    def _send(self, octet: bytes) -> None:
        # OSError, ValueError: the process has just ended; the next one queries the inbox when it starts.
        # BlockingIOError: it has 65,536 octets to read, and will be awake; whoever wakes it must not wait for that.
        with self._stdin_lock, suppress(OSError, ValueError):
            if self._process is not None and self._process.stdin is not None:
                os.write(self._process.stdin.fileno(), octet)

    def received(self) -> None:
        """There are received mails.  Callable from any thread."""
        self.wake()

    def stop(self, seconds: float) -> None:
        """Let it finish the mail that it handles, for so many seconds; a mail that takes longer is handled anew."""
        self._stopping.set()
        self._end_input()
        self._thread.join(seconds)
        process = self._process
        if self._thread.is_alive() and process is not None:
            log.warning("worker-interrupted")
            process.kill()
        self._thread.join()

    def _end_input(self) -> None:
        with self._stdin_lock, suppress(OSError):
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            process = subprocess.Popen(  # noqa: S603 - the command is our own
                [*self._command, *self._exceeded],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                pass_fds=self._descriptors,
            )
            assert process.stdin is not None  # noqa: S101 - stdin=PIPE was passed
            os.set_blocking(process.stdin.fileno(), False)
            with self._stdin_lock:
                self._process = process
            self._started_at = time.monotonic()
            self._starts += 1
            if self._stopping.is_set():  # `stop` was called before there was an input to close
                self._end_input()
            mail, timed_out = self._wait_for_end(process)
            limit = "wall-clock" if timed_out else _LIMITS.get(process.returncode, "")
            self._exceeded = ["--exceeded", f"{mail}:{limit}"] if mail and limit else []
            if not self._stopping.is_set():
                log.error("worker-died", code=process.returncode, mail=mail or None, limit=limit)
                self._stopping.wait(0 if mail else RESTART_SECONDS)

    def _wait_for_end(self, process: "subprocess.Popen[bytes]") -> tuple[int, bool]:
        """Wait until it ends; returns the ID of the mail in progress (0: none), and whether the time limit ended it."""
        mail, deadline, timed_out = 0, math.inf, False
        assert process.stdout is not None  # noqa: S101 - stdout=PIPE was passed
        reports = _Lines(process.stdout.fileno())
        while (lines := reports.read(deadline)) is not None:
            if not lines and time.monotonic() >= deadline:
                deadline, timed_out = math.inf, True
                process.kill()
            for line in lines:
                if not self._is_report(line):
                    mail = self._mail = int(line.removeprefix(_BEGAN)) if line.startswith(_BEGAN) else 0
                    deadline = time.monotonic() + self._wall_seconds if mail else math.inf
        process.stdout.close()
        process.wait()
        self._mail = 0
        self._end_input()
        return mail, timed_out

    def _is_report(self, line: bytes) -> bool:
        """Whether the line reports something else than the begin or end of a mail; it is acted on."""
        if line in self._reports:
            self._reports[line]()
        elif line.startswith(_MOVED):
            self._moved_at = time.monotonic() - float(line.removeprefix(_MOVED))
        elif line.startswith(_HANDLED):
            _, disposition, milliseconds, reason = line.decode().rstrip("\n").split(" ", 3)
            self._count(Handled(disposition, reason, int(milliseconds) / 1000))
        else:
            return False
        return True


class _Lines:
    """The lines that come from a pipe.  poll(2): the parent may have more descriptors than select(2) takes."""

    def __init__(self, pipe: int) -> None:
        self._pipe, self._begun = pipe, b""
        self._poll = select.poll()
        self._poll.register(pipe, select.POLLIN)

    def read(self, deadline: float) -> list[bytes] | None:
        """The next lines; none after some time, or at `deadline` (of the monotonic clock); None at the end."""
        left = min(max(0.0, deadline - time.monotonic()), _LONGEST_POLL)
        if not self._poll.poll(math.ceil(1000 * left)):
            return []
        octets = os.read(self._pipe, 65_536)
        *lines, self._begun = (self._begun + octets).split(b"\n")
        return [line + b"\n" for line in lines] if octets else None


@contextmanager
def limited_and_reported(limits: Limits, item: InboxItem) -> Iterator[None]:
    """In the worker process: a context for one mail, with its limits; reports its begin and end to the parent."""
    _report(_BEGAN + f"{item.id}\n".encode())
    try:
        with confined(limits, len(item.raw)):
            yield
    except MemoryError:  # what was allocated for the mail may not be given back: the next process begins without it
        os._exit(MEMORY_EXIT)
    _report(_ENDED)


def report_written() -> None:
    """In the worker process: report to the parent that there may be something for the next process, or to deliver."""
    _report(_WROTE)


def report_ready() -> None:
    """In the process that writes notices: report to the parent that there may be authenticated mails to handle."""
    _report(_READY)


def report_handled(handled: Handled) -> None:
    """In the worker process: report to the parent what became of a mail."""
    milliseconds = round(handled.seconds * 1000)
    _report(b"%s%s %d %s\n" % (_HANDLED, handled.disposition.encode(), milliseconds, handled.reason.encode()))


def _report(line: bytes) -> None:
    with suppress(OSError):  # the parent has ended: the end of standard input shows it as well
        os.write(sys.stdout.fileno(), line)


def run_until_stdin_closes(
    wake: Callable[[], None],
    still_seconds: Callable[[], float] = lambda: 0.0,
    reload: Callable[[], None] = lambda: None,
    receiving: Mapping[int, Callable[[], None]] = MappingProxyType({}),
) -> None:
    """In the worker process: call `wake`, or `reload`, for what is on standard input; return at its end.

    `receiving`: other descriptors, with what is called when one of them can be read.

    Every MOVED_SECONDS the parent gets `still_seconds`, the time since the slowest thread of the process has moved.
    SIGTERM, SIGINT and SIGHUP are ignored: the parent handles them, and closes the input when this process is to end.
    """
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    stdin = sys.stdin.fileno()
    reported_at = 0.0
    while True:
        left = reported_at + MOVED_SECONDS - time.monotonic()
        if left <= 0:
            _report(_MOVED + b"%.1f\n" % still_seconds())
            reported_at = time.monotonic()
            continue
        readable = select.select([stdin, *receiving], [], [], left)[0]
        for one in receiving:
            if one in readable:
                receiving[one]()
        if stdin not in readable:
            continue
        octets = os.read(stdin, 4096)
        if not octets:
            return
        if _RELOAD in octets:
            reload()
        wake()
