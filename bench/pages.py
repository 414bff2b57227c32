"""How long the desk's lists and searches take with a long mail log, on SQLite and on PostgreSQL.

    python -m bench.pages [--rows 100000] [--rounds 20] [--store sqlite postgresql] [--plans]

Fills a store by copying the mails of real applications (`stored_history`) until the mail log has that many rows;
1,000,000 rows take some minutes and gigabytes.  Prints for each page the 95th percentile of the whole answer
(session, queries, HTML; in milliseconds) and what CPU time it took in this process; `--plans`: the queries that read a
table from one end to the other.
"""

import argparse
import asyncio
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

from bench import stored_history
from mailbot.model.desk_login import DeskRole
from mailbot.records.database import Store
from mailbot.records.schema.log_tables import MailLogRow
from tests.testkit.desk import DeskUnderTest, open_desk_under_test
from tests.testkit.desk_browser import ICHIRO, logged_in
from tests.testkit.postgres import Postgres
from tests.testkit.records import URL
from tests.testkit.servers import server_folder

LIMIT = 200  # milliseconds
PAGES = {
    "the newest": "/desk/log",
    "a middle part": "/desk/log?after={middle}",
    "of an office": "/desk/log?office=G7",
    "of an application": "/desk/log?receipt={receipt}",
    "of an address, found": "/desk/log?address=taro@g7.example",
    "of an address, nowhere": "/desk/log?address=nobody@",
    "of a procedure": "/desk/log?procedure=mailbox",
    "of a procedure, nowhere": "/desk/log?procedure=ids",
    "carried out": "/desk/log?state=carried_out",
    "delivered": "/desk/log?state=sent",
    "not delivered": "/desk/log?state=failed",
    "quarantined": "/desk/log?state=quarantined",
    "refused, nowhere": "/desk/log?state=refused",
    "of a frequent reason": "/desk/log?reason=submitted",
    "of a rare reason": "/desk/log?reason=duplicate",
    "two filters": "/desk/log?direction=in&state=carried_out&reason=withdrawn",
    "the first days": "/desk/log?until={first_day}",
    "a day in the middle, nowhere": "/desk/log?since=2026-11-01&until=2026-11-02",
    "search: frequent": "/desk/log?q=受付完了",
    "search: frequent, two words": "/desk/log?q=申込 taro",
    "search: number": "/desk/log?q={receipt}",
    "search: nowhere": "/desk/log?q=貨物ひきとり",
    "search: one letter, nowhere": "/desk/log?q=〆",
    "search with filters": "/desk/log?q=受付完了&state=quarantined",
    "a mail": "/desk/mails/1",
    "quarantine": "/desk/quarantine",
    "quarantine: sender": "/desk/quarantine?sender=g7.example",
    "outbox: failed": "/desk/outbox",
    "outbox: office": "/desk/outbox?office=G7",
    "outbox: waiting": "/desk/outbox?undone=waiting",
    "inquiries": "/desk/inquiries",
    "inquiries: done": "/desk/inquiries?state=done",
    "register": "/desk/register",
    "register: search": "/desk/register?q=taro",
    "today": "/desk/today",
    "queue": "/desk/queue",
    "audit log": "/desk/audit",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--store", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--page", default="", help="only those whose name contains this")
    given = parser.parse_args()
    for kind in given.store:
        with tempfile.TemporaryDirectory() as folder, _url(kind) as url:
            desk = open_desk_under_test(Path(folder), url=url)
            fill(desk, given.rows)
            asyncio.run(measure(desk, kind, given.rounds, plans=given.plans, only=given.page))
            desk.store.close()


@contextmanager
def _url(kind: str) -> Iterator[str]:
    if kind == "sqlite":
        yield URL
        return
    with server_folder() as root:
        server = Postgres(root / "postgres").make().start()
        try:
            yield server.database()
        finally:
            server.stop()


def fill(desk: DeskUnderTest, rows: int) -> None:
    """The history, with one mail of 500 quarantined and one notice of 300 not delivered."""
    begin = time.perf_counter()
    stored_history.originals(desk)
    with desk.store.reading():
        each = MailLogRow.select().count() / stored_history.stored()
    stored_history.copy(desk.store, int(rows / each))
    mod = "%" if desk.store.kind == "sqlite" else "%%"
    run = desk.store._connection.execute_sql
    quarantined = "disposition = 'quarantined', reason = 'precedence'"
    with desk.store.transaction():
        run(f"UPDATE inbox SET {quarantined} WHERE id {mod} 500 = 0")
        run(f"UPDATE mail_log SET {quarantined} WHERE direction = 'in' AND inbox_id {mod} 500 = 0")
        run(f"UPDATE outbox SET state = 'failed' WHERE id {mod} 300 = 0")
        if desk.store.kind == "postgresql":
            for table in ("outbox", "delivery", "mail_log", "application", "step"):
                if run(f"SELECT to_regclass('{table}')").fetchone()[0]:
                    run(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")
            run("ANALYZE")  # as its autovacuum does; SQLite is not analysed
    with desk.store.reading():
        print(
            f"{desk.store.kind}: {MailLogRow.select().count()} rows in {time.perf_counter() - begin:.0f} s", flush=True
        )


async def measure(desk: DeskUnderTest, kind: str, rounds: int, *, plans: bool, only: str) -> None:
    with desk.store.reading():
        newest = MailLogRow.select(MailLogRow.id, MailLogRow.receipt).where(MailLogRow.receipt != "")
        last = newest.order_by(MailLogRow.id.desc()).first()
    values = {"middle": last.id // 2, "receipt": last.receipt, "first_day": "2026-11-20"}
    async with logged_in(desk, ICHIRO, *DeskRole) as browser:
        for name, path in PAGES.items():
            if only not in name:
                continue
            url = quote(path.format(**values), safe="/?=&@")
            spent, cpu = [], []
            with watched(desk.store) as statements:
                assert (await browser.get(url)).status_code == 200, name  # the first compiles templates
            for _ in range(rounds):
                begin, began = time.perf_counter(), time.process_time()
                await browser.get(url)
                spent.append((time.perf_counter() - begin) * 1000)
                cpu.append((time.process_time() - began) * 1000)
            p95 = quantiles(spent, n=20)[-1]
            print(f"{kind:<11}{name:<32}{p95:>9.1f}{min(cpu):>9.1f} CPU{'   ABOVE' if p95 > LIMIT else ''}", flush=True)
            if plans:
                for line in scans(desk.store, statements):
                    print(f"            {line}")


@contextmanager
def watched(store: Store) -> Iterator[list[tuple[str, object]]]:
    """The statements that are executed meanwhile, with their values."""
    connection, found = store._connection, []
    execute = connection.execute_sql

    def noted(sql: str, params: object = None, *rest: object, **named: object) -> object:
        found.append((sql, params))
        return execute(sql, params, *rest, **named)

    connection.execute_sql = noted
    try:
        yield found
    finally:
        connection.execute_sql = execute


def scans(store: Store, statements: list[tuple[str, object]]) -> Iterator[str]:
    """What the plans of the queries read without an index."""
    explain, mark = ("EXPLAIN QUERY PLAN ", "SCAN ") if store.kind == "sqlite" else ("EXPLAIN ", "Seq Scan")
    seen = set()
    with store.transaction():  # EXPLAIN is none of the statements that reading allows
        for sql, params in statements:
            if sql.lstrip().upper().startswith("SELECT"):
                rows = store._connection.execute_sql(explain + sql, params).fetchall()
                for line in (str(row[-1]).strip() for row in rows):
                    if mark in line and "USING" not in line and line not in seen:
                        seen.add(line)
                        yield f"{line}   of {' '.join(sql.split())[:60]}…"


if __name__ == "__main__":
    main()
