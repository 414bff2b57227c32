"""Power loss, simulated: what a disk may hold when the machine stops between two system calls of the desk.

A run that strace has recorded becomes a list of events.  At any cut in it a file is what its last sync made durable,
plus whichever of the later changes the kernel happened to have written out: any selection of them.  A change of size is
durable only with a sync of the file, a new or removed name only with one of the folder; `-shm` is memory, in no image.
From each image SQLite must recover two sound databases, the intake store with every mail in it that was answered with
250, and the main store with no mail that the intake store lacks, and with every notice that has begun to leave, as one
that was claimed for delivery: with it is the decision that it tells.
"""

import random
import re
import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path, PurePath
from typing import Literal, NamedTuple, TypeVar

from mailbot.records.database.opening import intake_path

ENDINGS = ("", "-wal", "-journal")  # of the files of a database that are durable
FOLDER = "."  # the folder of the store, as a thing that is changed and synced
SECTOR = 512  # octets; what a disk writes whole

# Of the unsynced changes; torn: some, one write of them not whole; main: all of the main store, none of the intake store.
Kind = Literal["none", "all", "some", "torn", "main"]
KINDS: tuple[Kind, ...] = ("none", "all", "some", "torn", "main")
_Change = TypeVar("_Change")

_SYNCS, _ANSWERS = ("fsync", "fdatasync"), ("write", "sendto", "sendmsg")
_BY_NAME = ("openat", "unlink", "unlinkat", "rename", "renameat", "renameat2")
_UNDERSTOOD = ("pwrite64", "ftruncate", "openat", "unlink", "unlinkat", *_SYNCS)
_REFUSED = ("writev", "pwritev", "pwritev2", "fallocate", "sync_file_range", "rename", "renameat", "renameat2")
# What to put before the desk's command line, and the file to write behind it.  `?`: some machines have no such call.
_CALLS = ",".join(f"?{name}" for name in (*_UNDERSTOOD, *_ANSWERS, *_REFUSED))
STRACE = ("strace", "-f", "--seccomp-bpf", "-y", "-xx", "-s", "2000000", "-e", f"trace={_CALLS}", "-o")

_LINE = re.compile(r"(\d+) +(?:(\w+)\(|<\.\.\. \w+ resumed>)(.*)", re.S)
_RESULT = re.compile(r".*\) += (-?\d+|\?)", re.S)
_DESCRIPTOR = re.compile(r"\w+<([^>]*)>(?!\(deleted\))")
_STRING = re.compile(r'"((?:\\x[0-9a-f]{2})*)"(\.\.\.)?')
_LAST_NUMBER = re.compile(r".*, (\d+)(?:\)| <).*", re.S)
_STORED = re.compile(rb"250 [^\r\n]*Stored safely as #(\d+)")
_LEAVES = re.compile(rb"MAIL FROM:<([^>]+)>")


class Write(NamedTuple):
    file: str
    offset: int
    data: bytes


class Truncate(NamedTuple):
    file: str
    size: int


class Named(NamedTuple):
    """The name is in the folder (it may have been there before), or it is removed."""

    name: str
    there: bool
    file: str = FOLDER


class Sync(NamedTuple):
    """It has returned.  `covers`: how many of the file's changes were issued before it began."""

    file: str
    covers: int


class Acknowledged(NamedTuple):
    """The 250 for this mail begins to go out."""

    number: int


class Left(NamedTuple):
    """A notice begins to go to the relay; its reverse-path is no other notice's."""

    sender: str


Event = Write | Truncate | Named | Sync | Acknowledged | Left


def durable_files(database: Path) -> list[Path]:
    """The files of the main store and of its intake store."""
    return [part.with_name(part.name + ending) for part in (database, intake_path(database)) for ending in ENDINGS]


class _Call(NamedTuple):
    name: str
    arguments: str  # as they were printed when it began
    file: str  # of the store, or ""
    covers: int


def events_of(trace: Iterable[str], database: Path) -> Iterator[Event]:
    """The events on the store at `database`, in order, from the lines of a trace.

    A write counts from where it begins, a sync from where it has returned.  Raises ValueError for a call on a file of
    the store that is not understood: a wrong model would find nothing.
    """
    folder = database.parent.resolve()
    names = {f"{folder}/{path.name}": path.name for path in durable_files(database)} | {str(folder): FOLDER}
    issued: Counter[str] = Counter()
    running: dict[str, _Call] = {}
    for match in filter(None, map(_LINE.match, trace)):  # the other lines are signals and ends of processes
        pid, name, rest = match.groups()
        found: list[Event] = []
        if name is not None:
            file = next((names[path] for path in _paths(name, rest) if path in names), "")
            running[pid] = _Call(name, rest, file, issued[file])
            found += _begun(running[pid])
        if result := _RESULT.match(rest):
            found += _ended(running.pop(pid), result[1])
        for event in found:
            if not isinstance(event, Sync | Acknowledged | Left):
                issued[event.file] += 1
            yield event


def _begun(call: _Call) -> Iterator[Event]:
    if not call.file:
        octets = _octets(call.arguments) if call.name in _ANSWERS else b""
        if stored := _STORED.match(octets):
            yield Acknowledged(int(stored[1]))
        if leaves := _LEAVES.match(octets):
            yield Left(leaves[1].decode())
    elif call.name not in _UNDERSTOOD or "O_TRUNC" in call.arguments:
        raise ValueError(f"{call.name} on {call.file}: the model does not know it")
    elif call.name == "pwrite64":
        yield Write(call.file, int(_LAST_NUMBER.sub(r"\1", call.arguments)), _octets(call.arguments))
    elif call.name == "ftruncate":
        yield Truncate(call.file, int(_LAST_NUMBER.sub(r"\1", call.arguments)))


def _ended(call: _Call, result: str) -> Iterator[Event]:
    if call.file and call.name in ("pwrite64", "ftruncate") and result not in ("?", str(len(_octets(call.arguments)))):
        raise ValueError(f"{call.name} on {call.file} returned {result}: the model does not know it")
    if call.file and result.isdecimal():
        if call.name in _SYNCS:
            yield Sync(call.file, call.covers)
        elif "unlink" in call.name or "O_CREAT" in call.arguments:
            yield Named(call.file, there="unlink" not in call.name)


def _paths(name: str, arguments: str) -> list[str]:
    """That of the descriptor, or those that the call names; a removed file has none."""
    match = _DESCRIPTOR.match(arguments)
    path = _plain(match[1]) if match else "/"
    return [str(PurePath(path, _plain(text[0]))) for text in _STRING.findall(arguments)] if name in _BY_NAME else [path]


def _plain(text: str) -> str:
    return bytes.fromhex(text.replace("\\x", "")).decode(errors="replace") if text.startswith("\\x") else text


def _octets(arguments: str) -> bytes:
    """The first string.  Raises ValueError when strace has cut it short."""
    if (match := _STRING.search(arguments)) and match[2]:
        raise ValueError("strace has cut a string short: it needs a greater -s")
    return bytes.fromhex(match[1].replace("\\x", "")) if match else b""


@dataclass
class _File:
    """What is durable of it, and the changes since, each with its place among all changes of that name."""

    durable: bytearray = field(default_factory=bytearray)
    changes: list[tuple[int, Write | Truncate]] = field(default_factory=list)

    def take(self, event: Write | Truncate | Sync, place: int) -> None:
        if isinstance(event, Sync):
            _apply(self.durable, (change for place, change in self.changes if place < event.covers))
            self.changes = [(place, change) for place, change in self.changes if place >= event.covers]
        else:
            self.changes.append((place, event))

    def image(self, kind: Kind, chance: random.Random) -> bytearray:
        chosen = _chosen([change for _, change in self.changes], kind, chance)
        writes = [change for change in chosen if isinstance(change, Write)]
        if kind == "torn" and writes:
            place = chosen.index(torn := chance.choice(writes))
            chosen[place : place + 1] = [part for part in _sectors(torn) if chance.random() < 0.5]
        return _apply(bytearray(self.durable), chosen)


class Disk:
    """The files of the store while the events go by: as the desk sees them, and what is safe of them."""

    def __init__(self, database: Path) -> None:  # all that is there now is durable
        files = durable_files(database)
        self._intake = intake_path(database).name
        self._seen = {path.name: _File(bytearray(path.read_bytes())) if path.exists() else None for path in files}
        self._safe = dict(self._seen)  # as the last sync of the folder has left it
        self._names: list[tuple[int, tuple[str, _File | None]]] = []  # changes of the folder since
        self._issued: Counter[str] = Counter()

    def take(self, event: Write | Truncate | Named | Sync) -> None:
        if isinstance(event, Sync) and event.file == FOLDER:
            self._safe.update(change for place, change in self._names if place < event.covers)
            self._names = [(place, change) for place, change in self._names if place >= event.covers]
        elif isinstance(event, Named):
            if event.there != (self._seen[event.name] is not None):
                self._seen[event.name] = _File() if event.there else None
                self._names.append((self._issued[FOLDER], (event.name, self._seen[event.name])))
        else:
            file = self._seen[event.file]
            assert file is not None, f"{event.file} is changed but was never made: the trace is not whole"
            file.take(event, self._issued[event.file])
        self._issued[event.file] += not isinstance(event, Sync)

    def image(self, kind: Kind, chance: random.Random) -> dict[str, bytearray]:
        """What a machine that starts again may find, by file name."""
        files = self._safe | dict(_chosen([change for _, change in self._names], kind, chance))
        return {name: file.image(self._kind_of(name, kind), chance) for name, file in files.items() if file is not None}

    def _kind_of(self, name: str, kind: Kind) -> Kind:
        if kind == "main":
            return "none" if name.startswith(self._intake) else "all"
        return kind


def _apply(content: bytearray, changes: Iterable[Write | Truncate]) -> bytearray:
    for change in changes:
        end = change.size if isinstance(change, Truncate) else change.offset + len(change.data)
        content.extend(bytes(max(0, end - len(content))))
        if isinstance(change, Write):
            content[change.offset : end] = change.data
        else:
            del content[end:]
    return content


def _chosen(changes: list[_Change], kind: Kind, chance: random.Random) -> list[_Change]:
    share = {"none": 0.0, "all": 1.0, "main": 1.0}.get(kind, chance.random())
    return [change for change in changes if chance.random() < share]


def _sectors(write: Write) -> list[Write]:
    end = write.offset + len(write.data)
    edges = [write.offset, *range(write.offset - write.offset % SECTOR + SECTOR, end, SECTOR), end]
    return [Write(write.file, a, write.data[a - write.offset : b - write.offset]) for a, b in pairwise(edges)]


@dataclass
class Tally:
    """What was looked at, and what was wrong; a store that cannot be read has lost all mails too."""

    images: int = 0
    checked: int = 0  # acknowledged mails, over all images
    lost: int = 0  # of these, missing or changed
    damaged: int = 0  # images with a database that is not sound
    halves: int = 0  # mails that are done without their row in the mail log, or in the inbox but not received
    left: int = 0  # notices that had begun to leave, over all images
    unknown: int = 0  # of these, missing or not claimed
    findings: list[str] = field(default_factory=list)  # the first of them, in words


def simulate(events: Sequence[Event], initial: Path, work: Path, images: int, seed: int) -> Tally:
    """Cut the power at least `images` times and look at what SQLite makes of the rest.

    `initial` is the main database as it was before the run, beside its intake store; `work` an empty folder to recover in.  A mail must be as it
    is after all events: one from which the desk withholds a secret would count as lost until that is done.
    """
    chance = random.Random(seed)
    tally, disk, kept = Tally(), Disk(initial), replayed(events, initial, work)
    cuts = _cuts(events, images, chance)
    acknowledged: list[int] = []
    left: set[str] = set()
    for passed, event in enumerate((Sync(FOLDER, 0), *events)):  # the first says nothing: a cut may be before them all
        if isinstance(event, Acknowledged):
            acknowledged.append(event.number)
        elif isinstance(event, Left):
            left.add(event.sender)
        else:
            disk.take(event)
        for kind in cuts.get(passed, ()):
            damage, found, halves, claimed = _recovered(disk.image(kind, chance), work / initial.name)
            lost = [number for number in acknowledged if number not in kept or found.get(number) != kept[number]]
            unknown = left - claimed
            tally.images += 1
            tally.checked += len(acknowledged)
            tally.lost += len(lost)
            tally.damaged += bool(damage)
            tally.halves += len(halves)
            tally.left += len(left)
            tally.unknown += len(unknown)
            if (damage or lost or halves or unknown) and len(tally.findings) < 20:
                tally.findings.append(f"after {passed} events, {kind}: {damage=} {lost=} {halves=} {unknown=}")
    return tally


def replayed(events: Iterable[Event], initial: Path, work: Path) -> dict[int, bytes]:
    """The content of each mail after all events, by its number; the store in `work` is then as the desk left it."""
    disk = Disk(initial)
    for event in events:
        if not isinstance(event, Acknowledged | Left):
            disk.take(event)
    return _recovered(disk.image("all", random.Random(0)), work / initial.name)[1]


def _cuts(events: Sequence[Event], images: int, chance: random.Random) -> dict[int, list[Kind]]:
    """By the number of events before it: each kind once before each sync, after each 250, and when a notice leaves; the
    others evenly."""
    cuts: dict[int, list[Kind]] = defaultdict(list)
    for place, event in enumerate(events):
        if isinstance(event, Acknowledged | Left | Sync):
            cuts[place + (not isinstance(event, Sync))] += KINDS
    for number in range(others := max(0, images - sum(map(len, cuts.values())))):
        cuts[number * (len(events) + 1) // others].append(chance.choice(KINDS))
    return cuts


def _recovered(image: dict[str, bytearray], database: Path) -> tuple[list[str], dict[int, bytes], list[int], set[str]]:
    """What a start finds: unsound places, the mails, those that are half done, and the reverse-paths of the notices that
    were claimed for delivery."""
    for file in durable_files(database):
        file.unlink(missing_ok=True)
    for part in (database, intake_path(database)):
        part.with_name(part.name + "-shm").unlink(missing_ok=True)
    for name, content in image.items():
        database.with_name(name).write_bytes(content)
    try:
        with closing(sqlite3.connect(intake_path(database))) as intake:
            damage = _unsound(intake)
            received = dict(intake.execute("SELECT id, content FROM received"))
        with closing(sqlite3.connect(database)) as store:
            damage += _unsound(store)
            logged = "SELECT 1 FROM mail_log WHERE inbox_id = inbox.id AND direction = 'in'"
            halves = store.execute(f"SELECT id FROM inbox WHERE state = 'done' AND NOT EXISTS ({logged})").fetchall()
            transferred = {row[0] for row in store.execute("SELECT id FROM inbox")}
            claimed = store.execute("SELECT envelope_sender FROM outbox WHERE state IN ('sending', 'sent')").fetchall()
            half = [*(row[0] for row in halves), *sorted(transferred - set(received))]
            return damage, received, half, {row[0] for row in claimed}
    except sqlite3.DatabaseError as error:
        return [str(error)], {}, [], set()


def _unsound(database: sqlite3.Connection) -> list[str]:
    database.execute("PRAGMA synchronous = OFF")  # the image itself need not survive
    return [str(row[0])[:80] for row in database.execute("PRAGMA integrity_check(1)") if row[0] != "ok"]
