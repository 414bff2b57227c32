"""The power goes, at any moment of a recorded run: what was answered with 250 is there afterwards, and whole (T-90).

`test_sync_order.py` looks at the order of the system calls; here SQLite itself recovers from what they leave on a disk.
"""

import hashlib
import os
import re
import shutil
import signal
import smtplib
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from pathlib import Path

import pytest

from bench.rivals.counting_sink import counting_sink
from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_process import ENVIRONMENT, opened, tally
from tests.testkit.power_loss import (
    FOLDER,
    STRACE,
    Acknowledged,
    Event,
    Left,
    Named,
    Sync,
    Truncate,
    Write,
    events_of,
    replayed,
    simulate,
)
from tests.testkit.servers import needed
from tests.testkit.waiting import until

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("power loss")]  # one recording for all

DATABASE, INTAKE = "mailbot.sqlite3", "mailbot.intake.sqlite3"
WAL = f"{INTAKE}-wal"  # a mail is durable with its sync
MAILS, LONG, REST = 12, 2, 4  # the second is long enough for a checkpoint; the last four are sent when it has happened
IMAGES, FEWER = 1_600, 300
# Checkpoints of the write-ahead logs after 250 pages instead of 8,000, and of the intake store after 2 mails instead of
# 230, so that a short recording has both.
SMALL_CHECKPOINTS = """
from mailbot.records.database import sqlite_connection
from mailbot.runners import inbox_commit
sqlite_connection.PRAGMAS["wal_autocheckpoint"] = 250
inbox_commit.CHECKPOINT_OCTETS = 30_000
from mailbot.cli import main
main()
"""
# Each sync begins 20 ms late, as on a slow disk: mails are committed, and seen by the worker, while others are flushed.
SLOW_DISK = ("-e", "inject=fdatasync:delay_enter=20ms")
QUESTION = "営業時間は何時から何時までですか。\n"


@dataclass
class Recorded:
    """A desk's life from its start to SIGTERM."""

    events: Sequence[Event] = field(repr=False)
    initial: Path  # the main database as it was before, beside its intake store
    final: dict[str, bytes] = field(repr=False)  # both databases as they were afterwards, by name
    sent: dict[int, bytes] = field(repr=False)  # by the number in the 250


def content(number: int) -> bytes:
    text = FORM.replace("失念", f"失念{number}") if number % 3 else QUESTION
    if number == LONG:
        text += "> quoted in every detail, as people do\n" * 25_000
    head = (
        f"From: taro@naxtrade.example\nSubject: x\nMessage-ID: <{number}.power@naxtrade.example>\n"
        "Content-Type: text/plain; charset=utf-8\n\n"
    )
    return (head + text).replace("\n", "\r\n").encode()


def digest(octets: bytes) -> str:
    """What is compared when a difference of megabytes would say nothing."""
    return hashlib.sha256(octets).hexdigest()


def sends(port: int, raw: bytes) -> int:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.ehlo()
        client.mail("taro@naxtrade.example")
        client.rcpt("desk@desk.example")
        code, answer = client.data(raw)
    stored = re.search(rb"Stored safely as #(\d+)", answer)
    assert code == 250
    assert stored
    return int(stored[1])


def port_of(process: "subprocess.Popen[str]") -> int:
    assert process.stderr is not None
    for line in process.stderr:
        if match := re.search(r"listening on 127\.0\.0\.1:(\d+)", line):
            return int(match[1])
        if "ptrace" in line and os.environ.get("CI") != "true":
            pytest.skip(f"strace may not trace here: {line}")
    pytest.fail("the desk does not listen")


@contextmanager
def traced(folder: Path, trace: Path, relay: int, options: Sequence[str]) -> Iterator[tuple[int, threading.Semaphore]]:
    """The port of a desk in `folder` with the port of its relay, and a semaphore with one for each mail that it has
    handled.  `options`: of strace."""
    handled = threading.Semaphore(0)
    desk = (sys.executable, "-c", SMALL_CHECKPOINTS, "serve", "--roles", "smtp,worker,sender")
    command = [*STRACE, str(trace), *options, *desk]
    with (
        subprocess.Popen(
            command,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT | {"MAILBOT_RELAY_HOST": "127.0.0.1", "MAILBOT_RELAY_PORT": str(relay)},
            start_new_session=True,
        ) as process,
        ThreadPoolExecutor(1) as reader,
    ):
        try:
            port = port_of(process)
            reader.submit(count, process, handled)
            yield port, handled
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGTERM)  # strace itself waits for the desk
            process.wait(60)


def count(process: "subprocess.Popen[str]", handled: threading.Semaphore) -> None:
    assert process.stderr is not None
    for line in process.stderr:
        if " handled " in line:
            handled.release()


@pytest.fixture(scope="module")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    """Recorded once: the tests differ in what they make of it."""
    return record(tmp_path_factory.mktemp("recorded"))


@pytest.fixture(scope="module")
def recorded_on_slow_disk(tmp_path_factory: pytest.TempPathFactory) -> Recorded:
    return record(tmp_path_factory.mktemp("slow"), 3 * MAILS, clients=6, options=SLOW_DISK)


def record(folder: Path, amount: int = MAILS, clients: int = 1, options: Sequence[str] = ()) -> Recorded:
    """Run a desk in `folder` under strace with `options`, send it mails from so many clients at once, and read the
    trace."""
    needed("strace", "strace")
    mailbot(folder, "init", "desk", "--sample")
    shutil.copytree(folder / "desk", folder / "before")
    sent: dict[int, bytes] = {}
    with (
        counting_sink() as sink,
        traced(folder / "desk", folder / "trace", sink.port, options) as (port, handled),
        ThreadPoolExecutor(clients) as senders,
    ):
        for begin, end in pairwise((1, 2, amount - REST + 1, amount + 1)):  # the worker has started after the first
            raws = [content(number) for number in range(begin, end)]
            sent |= dict(zip(senders.map(partial(sends, port), raws), raws, strict=True))
            assert all(handled.acquire(timeout=60) for _ in raws)
        unsent = "SELECT count(*) FROM outbox WHERE state <> 'sent'"
        until(lambda: tally(folder / "desk", unsent) == [0], "every notice has left")
    database = folder / "desk" / "store" / DATABASE
    with (folder / "trace").open(encoding="ascii", errors="replace") as trace:
        events = list(events_of(trace, database))
    final = {name: database.with_name(name).read_bytes() for name in (DATABASE, INTAKE)}
    return Recorded(events, folder / "before" / "store" / DATABASE, final, sent)


@pytest.fixture(params=["recorded", "recorded_on_slow_disk"])
def each(request: pytest.FixtureRequest) -> Recorded:
    found: Recorded = request.getfixturevalue(request.param)
    return found


def test_the_recording_is_whole_and_has_in_it_what_is_to_be_tried(each: Recorded, tmp_path: Path) -> None:
    kept = opened(each.initial.parent, replayed(each.events, each.initial, tmp_path))
    assert {number: digest(raw) for number, raw in kept.items()} == {
        number: digest(raw) for number, raw in each.sent.items()
    }
    for name, octets in each.final.items():
        assert digest((tmp_path / name).read_bytes()) == digest(octets)
    answers = [event.number for event in each.events if isinstance(event, Acknowledged)]
    assert sorted(answers) == sorted(each.sent)
    kinds = [type(event) for event in each.events]
    begun_anew = [
        place
        for place, event in enumerate(each.events)
        if isinstance(event, Write) and event.file == WAL and event.offset == 0
    ]
    assert len(begun_anew) > 1, "no checkpoint while mail was coming in"
    assert Acknowledged in kinds[: begun_anew[1]]
    assert Acknowledged in kinds[begun_anew[1] :]


def test_no_acknowledged_mail_is_lost_wherever_the_power_goes(each: Recorded, tmp_path: Path) -> None:
    """T-90: every image that the disk may hold is a sound store, with all that was promised and with nothing half."""
    found = simulate(each.events, each.initial, tmp_path, IMAGES, seed=90)
    assert (found.lost, found.damaged, found.halves, found.unknown) == (0, 0, 0, 0), found.findings
    assert found.images >= IMAGES
    assert found.checked > IMAGES
    assert found.left > IMAGES


def test_a_notice_that_leaves_before_its_sync_is_found(recorded: Recorded, tmp_path: Path) -> None:
    """Its decision would be made anew: the applicant would have two receipt numbers."""
    without = [event for event in recorded.events if not is_sync(event, f"{DATABASE}-wal")]
    found = simulate(without, recorded.initial, tmp_path, FEWER, seed=90)
    assert found.unknown > 0, found


def is_sync(event: Event, file: str) -> bool:
    return isinstance(event, Sync) and event.file == file


def synced_after_the_answer(events: Sequence[Event]) -> list[Event]:
    """Each sync of the write-ahead log comes behind the next 250; those after the last of them, never."""
    changed: list[Event] = []
    held: list[Event] = []
    for event in events:
        if is_sync(event, WAL):
            held.append(event)
            continue
        changed.append(event)
        if isinstance(event, Acknowledged):
            changed += held
            held.clear()
    return changed


def test_a_log_that_is_synced_after_the_answer_is_found(recorded: Recorded, tmp_path: Path) -> None:
    found = simulate(synced_after_the_answer(recorded.events), recorded.initial, tmp_path, FEWER, seed=90)
    assert found.lost >= MAILS, found  # each of them, when the power goes right after its 250


@pytest.mark.parametrize("file", [WAL, INTAKE, FOLDER])
def test_a_missing_sync_is_found(recorded: Recorded, tmp_path: Path, file: str) -> None:
    """Of the log, of the database before the log is begun anew, of the folder in which the log is new."""
    without = [event for event in recorded.events if not is_sync(event, file)]
    found = simulate(without, recorded.initial, tmp_path, FEWER, seed=90)
    assert found.lost >= MAILS, found
    assert found.damaged or found.halves, found


def test_half_a_transaction_is_found(recorded: Recorded, tmp_path: Path) -> None:
    database = tmp_path / DATABASE
    for name, octets in recorded.final.items():
        (tmp_path / name).write_bytes(octets)
    (work := tmp_path / "work").mkdir()
    assert simulate([], database, work, 1, seed=90).halves == 0
    with closing(sqlite3.connect(database)) as store, store:
        store.execute("DELETE FROM mail_log WHERE inbox_id IN (3, 5)")
    assert simulate([], database, work, 1, seed=90).halves == 2


def printed(text: str) -> str:
    """As `strace -xx` does it."""
    return "".join(f"\\x{octet:02x}" for octet in text.encode())


def test_a_sync_covers_what_was_written_before_it_began() -> None:
    """Two threads are in their calls at once; a file that was removed is none of the store any more."""
    wal, folder, other = printed("/s/m-wal"), printed("/s"), printed("/other")
    trace = f"""\
1  openat(AT_FDCWD<{other}>, "{wal}", O_RDWR|O_CREAT|O_CLOEXEC, 0600) = 5<{wal}>
1  pwrite64(5<{wal}>, "{printed("ab")}", 2, 512) = 2
1  fdatasync(5<{wal}> <unfinished ...>
20 pwrite64(6<{wal}>, "{printed("c")}", 1, 0 <unfinished ...>
1  <... fdatasync resumed>)         = 0
20 <... pwrite64 resumed>)          = 1
20 fdatasync(6<{wal}>)              = -1 EIO (Input/output error)
1  fdatasync(7<{folder}>)           = 0
1  ftruncate(5<{wal}>, 10)          = 0
1  pwrite64(5<{other}>, "{printed("ab")}", 2, 0) = 2
1  --- SIGTERM (si_signo=SIGTERM) ---
20 sendto(8<{other}>, "{printed("MAIL FROM:<b+1@desk.example> SIZE=1")}", 36, 0, NULL, 0) = 36
1  sendto(9<{other}>, "{printed("250 2.0.0 Stored safely as #7")}", 29, 0, NULL, 0 <unfinished ...>
20 unlink("{wal}")                  = 0
20 pwrite64(6<{wal}>(deleted), "{printed("c")}", 1, 0) = 1
1  <... sendto resumed>)            = 29
"""
    assert list(events_of(trace.splitlines(), Path("/s/m"))) == [
        Named("m-wal", there=True),
        Write("m-wal", 512, b"ab"),
        Write("m-wal", 0, b"c"),
        Sync("m-wal", covers=1),
        Sync(FOLDER, covers=1),
        Truncate("m-wal", 10),
        Left("b+1@desk.example"),
        Acknowledged(7),
        Named("m-wal", there=False),
    ]
    with pytest.raises(ValueError, match="the model does not know it"):
        list(events_of([f'1  write(5<{wal}>, "{printed("ab")}", 2) = 2'], Path("/s/m")))
