"""`mailbot register import` of 5,000 offices while mails arrive at 20 a second: the longest time to the replies."""

import asyncio
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from bench.probe import probe
from mailbot.app.context import sample_register
from mailbot.model.register import Register
from mailbot.register_files.register_file import read_register, write_register
from tests.testkit.command_line import mailbot
from tests.testkit.desk_process import Desk

OFFICES = 5_000
RATE = 20  # mails a second
ALONE_SECONDS = 5


def register() -> Register:
    """OFFICES copies of the first office of the sample, each with codes of its own."""
    sample = read_register(sample_register())
    office = sample.offices[0]
    offices = []
    for number in range(OFFICES):
        code = f"{number:04}X"
        codes = (
            replace(
                office.user_codes[0],
                code=code,
                shared_with=(),
                user_ids=tuple(replace(one, code=code) for one in office.user_codes[0].user_ids),
            ),
        )
        offices.append(replace(office, code=f"X{number:05}", user_codes=codes, mailboxes=()))
    return Register(tuple(offices), sample.reviewers)


async def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        mailbot(folder, "init", "--sample")
        await asyncio.to_thread(write_register, register(), folder / "register.toml")
        desk = Desk(folder)
        try:
            await measure(desk, folder)
        finally:
            desk.end("terminate")


async def measure(desk: Desk, folder: Path) -> None:
    end = asyncio.Event()
    alone = asyncio.create_task(probe(desk.port, RATE, end))
    await asyncio.sleep(ALONE_SECONDS)
    end.set()
    print(f"no import      at most {(await alone).show()}", flush=True)
    end = asyncio.Event()
    during = asyncio.create_task(probe(desk.port, RATE, end))
    begin = time.perf_counter()
    command = ("-m", "mailbot", "register", "import", "register.toml", "--yes")
    importer = await asyncio.create_subprocess_exec(sys.executable, *command, cwd=folder)
    code = await importer.wait()
    seconds = time.perf_counter() - begin
    end.set()
    print(f"{OFFICES} offices   at most {(await during).show()}; import {seconds:.1f} s, exit {code}")


if __name__ == "__main__":
    asyncio.run(main())
