"""How long the desk's lists and searches take with a long mail log, on SQLite and on PostgreSQL.

    python -m bench.pages [--rows 100000] [--rounds 20] [--store sqlite postgresql] [--folder DIR] [--plans]

Fills a store (`stored_desk`) until the mail log has that many rows; 1,000,000 rows take some minutes and gigabytes.
With `--folder` the stores stay there, and the next run measures them again.  Prints for each page the 95th percentile
of the whole answer (session, queries, HTML; in milliseconds), the least, and the mean CPU time in this process and in
PostgreSQL's together; `--plans`: the queries that read a table from one end to the other.
"""

import argparse
import asyncio
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import timedelta
from pathlib import Path
from statistics import quantiles
from urllib.parse import quote

from bench.stored_desk import Size, stored_desk
from mailbot.desk.pages import log_ins
from mailbot.errors import UsageError
from mailbot.model.desk_login import DeskRole
from mailbot.records.database import Store
from mailbot.records.schema.inquiry_tables import InquiryRow
from mailbot.records.schema.log_tables import MailLogRow
from tests.testkit.desk import DeskUnderTest
from tests.testkit.desk_browser import ICHIRO, logged_in
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
    "a day in the middle": "/desk/log?since={middle_day}&until={middle_day}",
    "a month of an office": "/desk/log?office=G7&since={middle_day}&until={month_later}",
    "a day, of a state, nowhere": "/desk/log?since={middle_day}&until={middle_day}&state=refused",
    "a day, of a state": "/desk/log?since={middle_day}&until={middle_day}&state=failed",
    "a day, of a reason": "/desk/log?since={middle_day}&until={middle_day}&reason=withdrawn",
    "a day, of a procedure": "/desk/log?since={middle_day}&until={middle_day}&procedure=mailbox",
    "before all days, nowhere": "/desk/log?until=2026-11-01",
    "search: frequent": "/desk/log?q=受付完了",
    "search: frequent, two words": "/desk/log?q=申込 taro",
    "search: number": "/desk/log?q={receipt}",
    "search: nowhere": "/desk/log?q=貨物ひきとり",
    "search: one letter, nowhere": "/desk/log?q=〆",
    "search: both frequent, never together": "/desk/log?q=受付完了 担当者交代",
    "search with filters": "/desk/log?q=受付完了&state=quarantined",
    "search in a day": "/desk/log?q=受付完了&since={middle_day}&until={middle_day}",
    "search, of an office": "/desk/log?q=受付完了&office=G7",
    "search, of an office, nowhere": "/desk/log?q=貨物&office=G7",
    "a mail": "/desk/mails/1",
    "quarantine": "/desk/quarantine",
    "quarantine: sender": "/desk/quarantine?sender=g7.example",
    "outbox: failed": "/desk/outbox",
    "outbox: office": "/desk/outbox?office=G7",
    "outbox: waiting": "/desk/outbox?undone=waiting",
    "inquiries": "/desk/inquiries",
    "inquiries: done": "/desk/inquiries?state=done",
    "an inquiry": "/desk/inquiries/{inquiry}",
    "register": "/desk/register",
    "register: search": "/desk/register?q=taro",
    "register: search, nowhere": "/desk/register?q=nobody@",
    "an office": "/desk/register/offices/G7",
    "imports": "/desk/register/imports",
    "today": "/desk/today",
    "queue": "/desk/queue",
    "queue: of nobody": "/desk/queue?who=nobody",
    "queue: mine": "/desk/queue?who=mine",
    "queue: late": "/desk/queue?who=late",
    "queue: procedure": "/desk/queue?procedure=mailbox",
    "queue: office": "/desk/queue?office=G7",
    "an application": "/desk/applications/{receipt}",
    "audit log": "/desk/audit",
    "audit log: a person": "/desk/audit?who=person7@desk.example",
    "audit log: a person's actions": "/desk/audit?who=person7@desk.example&kind=act",
    "audit log: subject": "/desk/audit?subject=mail 100",
    "audit log: nobody": "/desk/audit?who=nobody&kind=act",
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--store", nargs="+", choices=["sqlite", "postgresql"], default=["sqlite", "postgresql"])
    parser.add_argument("--folder", type=Path, help="where the stores stay")
    parser.add_argument("--plans", action="store_true")
    parser.add_argument("--page", default="", help="only those whose name contains this")
    given = parser.parse_args()
    for kind in given.store:
        with server_folder() if given.folder is None else nullcontext(given.folder) as root:
            begin, folder = time.perf_counter(), root / f"{kind}-{given.rows}"
            folder.mkdir(exist_ok=True, mode=0o755)
            with stored_desk(folder, kind, Size(rows=given.rows)) as desk:
                with desk.store.reading():
                    rows = MailLogRow.select().count()
                print(f"{kind}: {rows} rows in {time.perf_counter() - begin:.0f} s", flush=True)
                asyncio.run(measure(desk, kind, given.rounds, plans=given.plans, only=given.page))


async def measure(desk: DeskUnderTest, kind: str, rounds: int, *, plans: bool, only: str) -> None:
    with desk.store.reading():
        newest = MailLogRow.select(MailLogRow.id, MailLogRow.receipt).where(MailLogRow.receipt != "")
        last = newest.order_by(MailLogRow.id.desc()).first()
        middle = MailLogRow.get_by_id(last.id // 2).at.date()
        inquiry = InquiryRow.select().order_by(InquiryRow.mail_id.desc()).first().mail_id
    values = {
        "middle": last.id // 2,
        "receipt": last.receipt,
        "inquiry": inquiry,
        "first_day": "2026-11-20",
        "middle_day": middle,
        "month_later": middle + timedelta(days=30),
    }
    with suppress(UsageError):  # of an earlier run
        log_ins.remove_login(ICHIRO, "bench", desk.clock.now(), desk.context)
    server = backend(desk.store)
    async with logged_in(desk, ICHIRO, *DeskRole) as browser:
        for name, path in PAGES.items():
            if only not in name:
                continue
            url = quote(path.format(**values), safe="/?=&@")
            spent = []
            with watched(desk.store) as statements:
                assert (await browser.get(url)).status_code == 200, name  # the first compiles templates
            began = cpu_seconds(server)
            for _ in range(rounds):
                begin = time.perf_counter()
                await browser.get(url)
                spent.append((time.perf_counter() - begin) * 1000)
            cpu = (cpu_seconds(server) - began) / rounds * 1000  # the mean: PostgreSQL's is known in steps of 10 ms
            p95 = quantiles(spent, n=20)[-1]
            above = f"   ABOVE{'' if cpu > LIMIT else ' by the clock'}" if p95 > LIMIT else ""
            print(f"{kind:<11}{name:<40}{p95:>9.1f}{min(spent):>9.1f}{cpu:>9.1f} CPU{above}", flush=True)
            if plans:
                for line in scans(desk.store, statements):
                    print(f"            {line}")


def backend(store: Store) -> int:
    """The process of PostgreSQL that serves this one, 0 for SQLite."""
    if store.kind == "sqlite":
        return 0
    with store.reading():
        return int(store._connection.execute_sql("SELECT pg_backend_pid()").fetchone()[0])


def cpu_seconds(server: int) -> float:
    """CPU time of this process, and of the process `server` of PostgreSQL (/proc/PID/stat: hundredths of a second)."""
    own = time.process_time()
    if not server:
        return own
    fields = Path(f"/proc/{server}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return own + (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


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
