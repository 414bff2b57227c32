"""A primary that dies under load, and its synchronous standby that takes over: nothing acknowledged is lost (T-88).

A dead machine is every process of the server killed at one instant, its disk never seen again.
"""

import asyncio
import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import IO

import pytest

from mailbot.records.database import open_store
from tests.testkit.kills import SENDERS, Tally, Trial
from tests.testkit.postgres import Postgres, available
from tests.testkit.servers import server_folder

pytestmark = pytest.mark.slow

STANDBY = "synchronous_standby_names = 'second'\nsynchronous_commit = on\n"
ACKNOWLEDGED_BEFORE, ACKNOWLEDGED_AFTER = 25, 25


class Failover(Trial):
    """One desk during the failover of its database."""

    def __init__(self, folder: Path, url: str, primary: Postgres, standby: Postgres) -> None:
        super().__init__(folder, url, 5, "failover")
        self._primary, self._standby = primary, standby
        self._left = 10**6  # applications: it ends when enough are acknowledged

    async def _one_life(self, orders: IO[str], answers: IO[str], point: str) -> None:
        pid, port = await self._start(orders, answers, point)
        assert port
        senders = [asyncio.create_task(self._send_all(port)) for _ in range(SENDERS)]
        await self._until(ACKNOWLEDGED_BEFORE)
        await asyncio.to_thread(self._primary.kill)
        self._tally.kills += 1
        reached = len(self._acknowledged)
        await asyncio.to_thread(self._standby.promote)
        await self._until(reached + ACKNOWLEDGED_AFTER)
        for sender in senders:
            sender.cancel()
        await asyncio.gather(*senders, return_exceptions=True)
        with suppress(ProcessLookupError):
            os.kill(pid, 15)
        assert (await asyncio.to_thread(answers.readline)).strip() == "ended"

    async def _until(self, acknowledged: int) -> None:
        while len(self._acknowledged) < acknowledged:
            await asyncio.sleep(0.02)  # the senders are at it


@pytest.fixture
def pair() -> Iterator[tuple[Postgres, Postgres]]:
    if missing := available():
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(f"{missing}; not tried against the real server")
    with server_folder() as root:
        primary = Postgres(root / "primary", settings="fsync = off\n").make().start()
        standby = primary.standby(root / "standby", "second").start()
        with (primary.data / "postgresql.conf").open("a") as file:
            file.write(STANDBY)
        primary.run("pg_ctl", "-D", str(primary.data), "reload")
        yield primary, standby


@pytest.mark.timeout(240)
def test_the_standby_has_all_that_was_acknowledged(tmp_path: Path, pair: tuple[Postgres, Postgres]) -> None:
    primary, standby = pair
    try:
        name = primary.database().rpartition("/")[2]
        url = f"postgresql://mailbot@127.0.0.1:{primary.port},127.0.0.1:{standby.port}/{name}"
        tally: Tally = asyncio.run(Failover(tmp_path / "desk", url, primary, standby).run(1))
        assert (tally.lost, tally.doubled, tally.changed, tally.faults) == (0, 0, 0, []), tally
        assert tally.acknowledged >= ACKNOWLEDGED_BEFORE + ACKNOWLEDGED_AFTER
        store = open_store(url, tmp_path / "desk")  # the second host is the one that takes writes now
        assert store._connection.execute_sql("SHOW port").fetchone()[0] == str(standby.port)
        store.close()
    finally:
        primary.stop()
        standby.stop()
