"""Searching the mail log: 50,000 mails of some 900 characters, in the index and without it.

`python -m bench.log_search [--rows N]`
"""

import argparse
import random
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

from mailbot.records.database import Store, open_store
from mailbot.records.log import mail_list, mail_log, search_index
from mailbot.records.log.mail_list import Filters

WORDS = [
    "申込",
    "受付",
    "通関",
    "利用者",
    "識別番号",
    "初期化",
    "管理責任者",
    "担当",
    "変更",
    "廃止",
    "追加",
    "確認",
    "内容",
    "審査",
    "開始日",
    "株式会社",
    "営業所",
    "承認",
    "お世話になっております",
    "よろしくお願いいたします",
    "ご確認ください",
    "メールボックス",
    "password",
    "desk@desk.example",
    "1ANAC",
    "A0A",
]
RARE = 100  # rows that contain what is searched
SEARCHES = ("髙橋", "承認", "髙橋 承認", "貨物ひきとり")


def fill(store: Store, rows: int) -> None:
    chance = random.Random(1)
    at = datetime(2026, 11, 20, tzinfo=UTC)
    rare = set(chance.sample(range(rows), RARE))
    for start in range(0, rows, 1000):
        with store.transaction():
            for number in range(start, min(start + 1000, rows)):
                text = "".join(chance.choices(WORDS, k=180)) + ("\n髙橋です" if number in rare else "")
                mail_log.append(at=at, direction="in", sender=f"{number}@x.example", subject="申込", text=text)


def measure(store: Store, title: str) -> None:
    for words in SEARCHES:
        start = time.perf_counter()
        with store.reading():
            found = mail_list.select(store, Filters(words=words), 50)
        print(f"{title:<14} {words:<14} {len(found):>3} found  {(time.perf_counter() - start) * 1000:8.1f} ms")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--rows", type=int, default=50_000)
    rows = parser.parse_args().rows
    with tempfile.TemporaryDirectory() as folder:
        store = open_store("sqlite:///store/mailbot.sqlite3", Path(folder), create=True)
        fill(store, rows)
        measure(store, "without index")
        size, start = store.path.stat().st_size, time.perf_counter()  # type: ignore[attr-defined]
        search_index.update(store, rows)
        spent = (time.perf_counter() - start) / rows * 1000
        print(f"indexing       {spent:.2f} ms a row, {(store.path.stat().st_size - size) / rows:.0f} octets a row")  # type: ignore[attr-defined]
        measure(store, "with index")
        store.close()


if __name__ == "__main__":
    main()
