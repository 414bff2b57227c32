"""Notices per second to a relay on loopback, over one connection and over several, in turn; commits for each notice."""

import asyncio
import statistics
import tempfile
import time
from contextlib import AbstractContextManager, closing
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from mailbot.clock import SystemClock
from mailbot.logs import set_up_logging
from mailbot.records.database import Store, open_store
from mailbot.runners.delivery import DeliveryLoop, Retries
from mailbot.runners.relays import RelayAddress, SmtpRelay
from mailbot.runners.sink import Sink
from tests.testkit.records import mail, put_mail

NOTICES = 300
ROUNDS = 5
CONNECTIONS = (1, 4)
RAW = b"Subject: x\r\n\r\n" + (b"x" * 74 + b"\r\n") * 450  # 34 kB, as a notice with HTML


def count_commits(store: Store) -> list[bool]:
    """One entry for each write transaction from now on."""
    begun: list[bool] = []
    real = store._write_transaction

    def counted(*, exclusive: bool, durable: bool, waits: bool) -> AbstractContextManager[None]:
        begun.append(exclusive)
        return real(exclusive=exclusive, durable=durable, waits=waits)

    store._write_transaction = counted  # type: ignore[method-assign]
    return begun


async def measure(store: Store, port: int, connections: int, begun: list[bool]) -> tuple[float, float]:
    """(notices per second, commits for each notice)."""
    now = datetime.now(UTC)
    with store.transaction():
        for number in range(NOTICES):
            put_mail(replace(mail(number), raw=RAW, recipient=f"{number}@naxtrade.example"), now)
    relays = [SmtpRelay(RelayAddress("127.0.0.1", port, hostname="desk.example")) for _ in range(connections)]
    loop = DeliveryLoop(store, relays, Retries(), SystemClock(), lambda *_: None)
    begun.clear()
    start = time.perf_counter()
    running = asyncio.create_task(loop.run())
    while store_left(store):
        await asyncio.sleep(0.02)
    rate = NOTICES / (time.perf_counter() - start)
    loop.stop()
    await running
    return rate, len(begun) / NOTICES


def store_left(store: Store) -> int:
    with store.reading():
        (count,) = store._connection.execute_sql("SELECT count(*) FROM outbox WHERE state <> 'sent'").fetchone()
    return int(count)


async def main() -> None:
    set_up_logging("error")
    sink = Sink()
    port = await sink.start()
    results: dict[int, list[tuple[float, float]]] = {connections: [] for connections in CONNECTIONS}
    with (
        tempfile.TemporaryDirectory() as folder,
        closing(open_store("sqlite:///bench.sqlite3", Path(folder), create=True)) as store,
    ):
        begun = count_commits(store)
        for _ in range(ROUNDS):
            for connections, measured in results.items():
                measured.append(await measure(store, port, connections, begun))
    await sink.stop()
    print(f"{NOTICES} notices of {len(RAW) // 1000} kB, {ROUNDS} rounds of both in turn; medians")
    base = statistics.median(rate for rate, _ in results[CONNECTIONS[0]])
    for connections, measured in results.items():
        rate = statistics.median(rate for rate, _ in measured)
        commits = statistics.median(commits for _, commits in measured)
        print(
            f"{connections} connections  ratio {rate / base:.2f}  {rate:6.0f}/s  {commits:.2f} commits for each notice"
        )


if __name__ == "__main__":
    asyncio.run(main())
