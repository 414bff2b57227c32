"""`mailbot register import` of 10,000 offices while mails arrive at 20 a second: time, memory, and who waits meanwhile.

    python -m bench.register_import [--offices 10000] [--format toml] [--alone]

The file is imported into an empty register, once more as it is, and once with one office of a hundred changed.
Prints for each import the time, its CPU time and peak memory, how long at a time the writer lock of the store was not
free, and the longest times to the replies to the mails; `--alone`: no desk runs meanwhile.
"""

import argparse
import asyncio
import fcntl
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from dataclasses import replace
from pathlib import Path

from bench.command_usage import mailbot_usage
from bench.probe import probe
from mailbot.app.context import sample_register
from mailbot.model.contract import Office
from mailbot.model.register import Register
from mailbot.register_files.register_file import read_register, write_register
from tests.testkit.command_line import mailbot
from tests.testkit.desk_process import Desk

RATE = 20  # mails a second
ALONE_SECONDS = 5
CHANGED = 100  # one office of so many
LOCK_SECONDS = 0.001  # between two looks at the lock


def register(offices: int) -> Register:
    """Copies of the first office of the sample, each with codes and addresses of its own."""
    sample = read_register(sample_register())
    return Register(tuple(_office(sample.offices[0], number) for number in range(offices)), sample.reviewers)


def _office(office: Office, number: int) -> Office:
    code = f"X{number:05}"
    user_codes = []
    for place, one in enumerate(office.user_codes, 1):
        own = f"{place}{number:04X}"
        ids = tuple(replace(i, code=own) for i in one.user_ids)
        user_codes.append(replace(one, code=own, shared_with=(), user_ids=ids))
    return replace(
        office,
        code=code,
        administrator=replace(office.administrator, email=f"hanako@x{number}.example"),
        contacts=tuple(replace(one, email=one.email.replace("naxtrade", f"x{number}")) for one in office.contacts),
        user_codes=tuple(user_codes),
        mailboxes=tuple(replace(one, id=f"{code}{place:02}") for place, one in enumerate(office.mailboxes, 1)),
    )


def changed(given: Register) -> Register:
    """One office of a hundred with another telephone number, and another 識別番号."""
    return replace(
        given, offices=tuple(one if place % CHANGED else _changed(one) for place, one in enumerate(given.offices))
    )


def _changed(office: Office) -> Office:
    first, *others = office.contacts
    code, *codes = office.user_codes
    more = replace(code, user_ids=(*code.user_ids, replace(code.user_ids[-1], number="A77")))
    return replace(office, contacts=(replace(first, phone="0301239999"), *others), user_codes=(more, *codes))


async def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--offices", type=int, default=10_000)
    parser.add_argument("--format", choices=["toml", "csv", "xlsx"], default="toml")
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mailbot(folder, "init", "--sample")
        first, later = f"first.{given.format}", f"later.{given.format}"
        whole = register(given.offices)
        await asyncio.to_thread(write_register, whole, folder / first)
        await asyncio.to_thread(write_register, changed(whole), folder / later)
        print(f"{given.offices} offices, {(folder / first).stat().st_size / 1e6:.0f} MB", flush=True)
        desk = None if given.alone else Desk(folder)
        try:
            if desk is not None:
                async with measured(desk, folder, "no import"):
                    await asyncio.sleep(ALONE_SECONDS)
            for what, file in (("first", first), ("the same again", first), ("1 % changed", later)):
                async with measured(desk, folder, what) if desk is not None else nullcontext():
                    used = await asyncio.to_thread(mailbot_usage, folder, "register", "import", file, "--yes")
                print(f"{what:<16}{used.show()}", flush=True)
        finally:
            if desk is not None:
                desk.end("terminate")


@asynccontextmanager
async def measured(desk: Desk, folder: Path, what: str) -> AsyncIterator[None]:
    """Mails arrive meanwhile; prints how long they, and the writer lock, had to wait."""
    end = asyncio.Event()
    mails = asyncio.create_task(probe(desk.port, RATE, end))
    lock = asyncio.create_task(longest_lock(folder / "store" / "mailbot.sqlite3.lock", end))
    yield
    end.set()
    print(f"{what:<16}at most {(await mails).show()}, writer lock {await lock * 1e3:.0f} ms", flush=True)


async def longest_lock(path: Path, end: asyncio.Event) -> float:
    """Seconds during which the lock was not free for the longest time at a stretch."""
    longest, free = 0.0, time.perf_counter()
    with path.open() as file:
        while not end.is_set():
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
                fcntl.flock(file, fcntl.LOCK_UN)
                free = time.perf_counter()
            except BlockingIOError:
                longest = max(longest, time.perf_counter() - free)
            await asyncio.sleep(LOCK_SECONDS)
    return longest


if __name__ == "__main__":
    asyncio.run(main())
