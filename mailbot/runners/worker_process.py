"""The worker in a process of its own: what a mail does to it, it does to nobody else.

The parent wakes it by an octet on its standard input, and learns from its standard output when it begins and ends a
mail.  When it dies it is started again; the inbox counts how often a mail was begun, and the fourth time it is set
aside.  When the parent dies, the end of its input tells it to finish the mail in hand and go.
"""

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress

import structlog

from mailbot.runners.confinement import confine_memory, confined_cpu

WALL_SECONDS = 120.0  # for one mail, name servers that do not answer included
RESTART_SECONDS = 2.0  # after a death that no mail was the cause of
_BEGAN, _ENDED, _WROTE = b"began\n", b"ended\n", b"wrote\n"

log = structlog.get_logger("mailbot.worker")


class WorkerProcess:
    """The parent's side; stands in for `Worker`."""

    def __init__(self, command: Sequence[str], written: Callable[[], None], wall_seconds: float = WALL_SECONDS) -> None:
        """`command` starts a process that calls `obey`; `written` is called when there may be mails to deliver."""
        self._command = list(command)
        self._written = written
        self._wall_seconds = wall_seconds
        self._stopping = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None
        self._guard = threading.Lock()  # of the process's input: woken by several threads, closed by another
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def wake(self) -> None:
        """There is a mail."""
        with self._guard, suppress(OSError, ValueError):  # it is just dying: the next one looks for itself
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.write(b".")
                self._process.stdin.flush()

    def stop(self) -> None:
        """Let it finish the mail in hand and end."""
        self._stopping.set()
        self._end_input()
        self._thread.join()

    def _end_input(self) -> None:
        with self._guard, suppress(OSError):
            if self._process is not None and self._process.stdin is not None:
                self._process.stdin.close()

    def _run(self) -> None:
        while not self._stopping.is_set():
            process = subprocess.Popen(  # noqa: S603 - the command is our own
                self._command, stdin=subprocess.PIPE, stdout=subprocess.PIPE
            )
            with self._guard:
                self._process = process
            if self._stopping.is_set():  # it was asked to stop just before there was an input to close
                self._end_input()
            in_a_mail = self._follow(process)
            if not self._stopping.is_set():
                log.error("worker-died", code=process.returncode, in_a_mail=in_a_mail)
                self._stopping.wait(0 if in_a_mail else RESTART_SECONDS)

    def _follow(self, process: "subprocess.Popen[bytes]") -> bool:
        """Until it has ended; whether it was in a mail then."""
        in_a_mail = False
        timer: threading.Timer | None = None
        assert process.stdout is not None  # noqa: S101 - it was made with a pipe
        for line in process.stdout:
            if line == _WROTE:
                self._written()
                continue
            if timer is not None:
                timer.cancel()
            in_a_mail = line == _BEGAN
            if in_a_mail:
                timer = threading.Timer(self._wall_seconds, process.kill)
                timer.start()
        if timer is not None:
            timer.cancel()
        process.stdout.close()
        process.wait()
        self._end_input()
        return in_a_mail


@contextmanager
def limited_and_reported() -> Iterator[None]:
    """Around one mail, in the process itself: within the limits, and the parent knows."""
    _tell(_BEGAN)
    with confined_cpu():
        yield
    _tell(_ENDED)


def report_written() -> None:
    """In the process itself: the parent is to deliver what was written."""
    _tell(_WROTE)


def _tell(line: bytes) -> None:
    with suppress(OSError):  # the parent is gone: the end of the input says so too
        os.write(sys.stdout.fileno(), line)


def run_until_stdin_closes(wake: Callable[[], None]) -> None:
    """In the process itself: call `wake` whenever the parent says so; return when it is to end.

    Signals are the parent's business: it lets this process finish.
    """
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    confine_memory()
    while os.read(sys.stdin.fileno(), 4096):
        wake()
