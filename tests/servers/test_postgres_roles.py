"""Several processes with different roles on one PostgreSQL, as on several machines."""

import json
from pathlib import Path

import pytest

from tests.durability.test_io_faults import send
from tests.testkit.command_line import mailbot
from tests.testkit.desk_process import Desk
from tests.testkit.postgres import Postgres
from tests.testkit.waiting import until

pytestmark = pytest.mark.slow

MAILS = 4


@pytest.mark.timeout(180)
def test_doors_workers_and_senders_apart(
    tmp_path: Path, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_server.database()
    monkeypatch.setenv("MAILBOT_STORE_URL", url)
    mailbot(tmp_path, "init", "--sample")
    where = {"MAILBOT_STORE_URL": url}
    doors = [Desk(tmp_path, where, roles="smtp"), Desk(tmp_path, where, roles="smtp")]
    others = [Desk(tmp_path, where, roles=roles, listens=False) for roles in ("worker", "worker", "sender")]
    assert [send(doors[number % 2].port, number) for number in range(MAILS)] == ["250"] * MAILS
    database = url.rpartition("/")[2]

    def left() -> int:
        inbox = postgres_server.sql(
            "SELECT (SELECT count(*) FROM received) - (SELECT count(*) FROM inbox WHERE state = 'done')", database
        )
        outbox = postgres_server.sql("SELECT count(*) FROM outbox WHERE state <> 'sent'", database)
        return int(str(inbox[0][0])) + int(str(outbox[0][0]))

    until(lambda: left() == 0, "everything is handled and sent")
    for desk in (*doors, *others):
        desk.end("terminate")
    handled = [desk.said.count("handled ") for desk in others]
    assert sum(handled) == MAILS and handled[2] == 0
    assert json.loads(mailbot(tmp_path, "log", "balance", "--json"))["faults"] == []
    assert json.loads(mailbot(tmp_path, "log", "verify", "--json"))["first_wrong"] is None


def test_a_desk_moves_from_sqlite_to_postgresql(
    tmp_path: Path, postgres_server: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    mailbot(tmp_path, "init", "--sample")
    desk = Desk(tmp_path)
    assert send(desk.port, 1) == "250"
    assert desk.handled.acquire(timeout=60)
    desk.end("terminate")
    before = json.loads(mailbot(tmp_path, "log", "list", "--json"))
    url = postgres_server.database()
    moved = json.loads(mailbot(tmp_path, "migrate", url, "--json"))
    assert moved["rows"]["inbox"] == 1 and moved["log_rows"] == len(before)
    monkeypatch.setenv("MAILBOT_STORE_URL", url)
    assert json.loads(mailbot(tmp_path, "log", "list", "--json")) == before
    assert json.loads(mailbot(tmp_path, "log", "verify", "--json"))["first_wrong"] is None
    again = Desk(tmp_path, {"MAILBOT_STORE_URL": url})
    assert send(again.port, 2) == "250"
    assert again.handled.acquire(timeout=60)
    again.end("terminate")
    assert len(json.loads(mailbot(tmp_path, "log", "list", "--json"))) > len(before)
