"""Tests of records.maintenance: backup, restore, copying between databases, retention, consistency check."""

import gzip
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.errors import Permanent
from mailbot.model.read_line import LineKind
from mailbot.records.database import Store, open_store
from mailbot.records.inquiries import inquiries
from mailbot.records.log import audit, mail_log
from mailbot.records.maintenance import backup, consistency, copying, raw_mail_retention
from mailbot.records.queues import inbox, outbox, read_lines
from mailbot.records.queues.attempts import attempts_of
from mailbot.records.schema import tables
from mailbot.records.secrets.sealing import KEY_FILE
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.new_stores import new_store, write_private
from tests.testkit.records import NOW, SQLITE, URL, all_contents, audited, receive


@contextmanager
def empty_store(folder: Path) -> Iterator[Store]:
    """A new store with the key file of the desk in `folder`, if there is one: without it no mail is readable."""
    if (folder / KEY_FILE).exists():
        write_private(folder / "other" / KEY_FILE, (folder / KEY_FILE).read_bytes())
    store = new_store(URL, folder / "other")
    yield store
    store.close()


def everything(store: Store) -> dict[str, list[str]]:
    all_tables = (*tables.MAIN.tables, *tables.INTAKE.tables)
    with store.reading(), store.intake.reading():
        return {table._meta.table_name: sorted(map(repr, copying.rows_of(store, table))) for table in all_tables}


@contextmanager
def writing(*stores: Store) -> Iterator[None]:
    """Transactions of both parts of each store."""
    with ExitStack() as stack:
        for store in stores:
            stack.enter_context(store.intake.transaction())
            stack.enter_context(store.transaction())
        yield


@pytest.fixture
def busy(desk: DeskUnderTest) -> DeskUnderTest:
    """A desk with an approved application, so that it has an encrypted password, and an inquiry."""
    desk.after(approve_and_ask)
    return desk


def approve_and_ask(desk: DeskUnderTest) -> None:
    taro, ichiro = desk.person("通関 太郎", "taro@naxtrade.example"), desk.person("審査 一郎", "ichiro@desk.example")
    taro.sends(FORM, subject="パスワード初期化の申込")
    ichiro.replies(ichiro.mails[-1], "承認")
    taro.sends("申込はどうなりましたか。", subject="質問")


def test_a_backup_is_the_whole_store_whichever_database(busy: DeskUnderTest, tmp_path: Path) -> None:
    file = tmp_path / "backup.jsonl.gz"
    rows = backup.write(busy.store, file, NOW)
    kept = everything(busy.store)
    assert rows == sum(map(len, kept.values()))
    assert file.stat().st_mode & 0o777 == 0o600
    with empty_store(tmp_path) as other:
        done = backup.restore(other, file, NOW)
        again = everything(other)
        assert mail_log.verify()[1] is None
        assert consistency.check_consistency(other).faults == ()
    assert (done.rows, done.made_at) == (rows, NOW.isoformat())
    changed = {"audit", "reply_token", "session", "receipt_sequence", "outbox", "delivery"}
    assert {name: rows for name, rows in again.items() if name not in changed} == {
        name: rows for name, rows in kept.items() if name not in changed
    }


def test_what_people_wrote_survives_a_restore(busy: DeskUnderTest, taro: Person, tmp_path: Path) -> None:
    """How each line was read, the inquiries, the audit log and the items of the daily list; its token is void."""
    file = tmp_path / "backup.jsonl.gz"
    taro.sends("費用はいくらですか。\n\n-- \n通関 太郎", subject="質問")
    busy.passes(days=4)
    busy.run_due_tasks()

    def kept() -> tuple[object, ...]:
        read = {number: read_lines.lines_of(number) for number in range(1, 9)}
        items = [tuple(row) for row in tables.DailyListItemRow.select().order_by(tables.DailyListItemRow.id).tuples()]
        return read, inquiries.listing(), items, audited()[:1]

    with busy.store.transaction():
        audit.append(NOW, "ops", "looked")
    backup.write(busy.store, file, NOW)
    with busy.store.reading():
        before = kept()
        numbers = [number for number, lines in before[0].items() if lines]  # type: ignore[attr-defined]
    assert len(numbers) == 4 and len(before[1]) == 2 and before[2]  # type: ignore[arg-type]
    with empty_store(tmp_path) as other:
        write_private(tmp_path / "other" / KEY_FILE, (busy.config.base / KEY_FILE).read_bytes())
        backup.restore(other, file, NOW)
        with other.reading():
            assert kept() == before
            assert any(line.kind is LineKind.SIGNATURE for line in read_lines.lines_of(numbers[-1]))
        assert _readings(other) == _readings(busy.store) > 0
        raw_mail_retention.delete_raw_mail(other, NOW + timedelta(days=400), 30)
        assert _readings(other) == 0
        with other.reading():
            assert not any(read_lines.lines_of(number) for number in numbers)
            assert (inquiries.listing(), audited()[:1]) == (before[1], before[3])


def _readings(store: Store) -> int:
    """Of how many mails it is kept how they were read."""
    with store.reading():
        return len(list(inbox.readings(store, NOW - timedelta(days=400))))


def test_no_password_is_in_a_backup(busy: DeskUnderTest, tmp_path: Path) -> None:
    file = tmp_path / "backup.jsonl.gz"
    backup.write(busy.store, file, NOW)
    text = gzip.decompress(file.read_bytes()).decode()
    with busy.store.reading():
        (application,) = {row.application_id for row in tables.SecretRow.select()}
    secrets = busy.context.vault.open(application, busy.clock.now().date())
    assert secrets
    assert not any(secret.password in text for secret in secrets)


def test_after_a_restore_nothing_is_done_twice(busy: DeskUnderTest, tmp_path: Path) -> None:
    """T-97."""
    file = tmp_path / "backup.jsonl.gz"
    with busy.store.transaction():
        item = outbox.listing()[-1]
        tables.OutboxRow.update(state="waiting", next_attempt_at=NOW).where(tables.OutboxRow.id == item.id).execute()
        last = tables.ReceiptSequenceRow.get_by_id(2026).last
    backup.write(busy.store, file, NOW)
    with empty_store(tmp_path) as other:
        done = backup.restore(other, file, NOW)
        assert done.not_sent == 1
        assert outbox.claim(other, NOW + timedelta(days=400), 10) == []
        assert "not sent again" in attempts_of(item.id)[-1].reply
        live = tables.GrantRow.select().where(tables.GrantRow.void_at.is_null()).count()
        assert (live, done.tokens_ended > 0) == (0, True)
        assert tables.ReceiptSequenceRow.get_by_id(2026).last == last + backup.RECEIPTS_SKIPPED
        assert tables.SessionRow.select().count() == 0
        assert audited()[-1][1] == "restore"
        assert outbox.retry(other, item.id, NOW) == 1  # an operator may send it all the same
    with busy.store.reading():  # the desk that goes on is not touched
        assert tables.GrantRow.select().where(tables.GrantRow.void_at.is_null()).count() > 0


def test_only_an_empty_store_is_filled(busy: DeskUnderTest, tmp_path: Path) -> None:
    file = tmp_path / "backup.jsonl.gz"
    backup.write(busy.store, file, NOW)
    before = everything(busy.store)
    with pytest.raises(Permanent, match="not empty"):
        backup.restore(busy.store, file, NOW)
    assert everything(busy.store) == before


@pytest.mark.parametrize("cut", [0, 1, 100, 5_000, -1, -9])
def test_a_file_that_was_cut_off_fills_nothing(busy: DeskUnderTest, tmp_path: Path, cut: int) -> None:
    file = tmp_path / "backup.jsonl.gz"
    backup.write(busy.store, file, NOW)
    file.write_bytes(file.read_bytes()[:cut])
    with empty_store(tmp_path) as other:
        with pytest.raises(Permanent):
            backup.restore(other, file, NOW)
        with other.reading():
            assert copying.is_empty(other)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        (b'"end":', b'"end":1', "damaged"),
        (b'"mailbot_backup":1', b'"mailbot_backup":2', "not a backup"),
        (b'"0001_initial",', b"", "another version"),
        (b'{"table":"audit"', b'{"table":"nobody"', "no table nobody"),
        (b'"columns":["id","at","who","what"', b'"columns":["id","who","what"', "columns of audit"),
    ],
)
def test_a_file_that_was_changed_fills_nothing(
    busy: DeskUnderTest, tmp_path: Path, old: bytes, new: bytes, words: str
) -> None:
    file = tmp_path / "backup.jsonl.gz"
    backup.write(busy.store, file, NOW)
    text = gzip.decompress(file.read_bytes())
    assert old in text
    file.write_bytes(gzip.compress(text.replace(old, new)))
    with empty_store(tmp_path) as other:
        with pytest.raises(Permanent, match=words):
            backup.restore(other, file, NOW)
        with other.reading():
            assert copying.is_empty(other)


def test_a_backup_that_fails_leaves_no_file_of_that_name(
    busy: DeskUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        backup.write(busy.store, tmp_path / "backup.jsonl.gz", NOW)
    assert not (tmp_path / "backup.jsonl.gz").exists()


def test_a_store_moves_with_everything_kept(busy: DeskUnderTest, tmp_path: Path) -> None:
    kept = everything(busy.store)
    with empty_store(tmp_path) as other:
        with writing(busy.store, other):
            counts = copying.copy(busy.store, other)
        assert everything(other) == kept
        assert mail_log.verify() == (counts["mail_log"], None)
        with other.transaction():  # what is made from now on is numbered behind it
            audit.append(NOW, "tester", "goes on")
            assert mail_log.append(at=NOW, direction="in") > counts["mail_log"]
        assert mail_log.verify() == (counts["mail_log"] + 1, None)


@SQLITE
@pytest.mark.slow
def test_from_sqlite_to_postgresql_and_back(
    busy: DeskUnderTest, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    server, template = request.getfixturevalue("postgres_template")
    kept = everything(busy.store)
    url = server.database(template)
    there = open_store(url, tmp_path)
    with writing(busy.store, there):
        copying.copy(busy.store, there)
    assert everything(there) == kept
    with empty_store(tmp_path) as back:
        with writing(there, back):
            copying.copy(there, back)
        assert everything(back) == kept
    receive(there, [])
    with there.transaction():
        assert mail_log.append(at=NOW, direction="in") == len(kept["mail_log"]) + 1
    there.close()
    server.drop(url)


def test_a_copy_that_is_not_the_same_is_refused(
    busy: DeskUnderTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = copying._from_json
    monkeypatch.setattr(
        copying, "_from_json", lambda field, value: "x" if field.column_name == "who" else real(field, value)
    )
    with busy.store.transaction():
        audit.append(NOW, "tester", "one row")
    wrong = pytest.raises(Permanent, match="audit did not come out the same")
    with empty_store(tmp_path) as other, wrong, writing(busy.store, other):
        copying.copy(busy.store, other)


def test_raw_mail_is_deleted_by_its_age(busy: DeskUnderTest) -> None:
    receive(busy.store, busy_arrivals())
    assert raw_mail_retention.delete_raw_mail(busy.store, busy.clock.now(), 1) == 0
    later = busy.clock.now() + timedelta(days=2)
    done = tables.InboxRow.select().where(tables.InboxRow.state == "done").count()
    assert raw_mail_retention.delete_raw_mail(busy.store, later, 1) == done + len(outbox.listing())
    assert raw_mail_retention.delete_raw_mail(busy.store, later, 1) == 0
    assert [raw for _, raw in all_contents(busy.store) if raw] == [b"waits"]
    assert all(item.mail.text for item in outbox.listing())
    assert mail_log.verify()[1] is None
    assert consistency.check_consistency(busy.store).faults == ()


def busy_arrivals() -> list:  # type: ignore[type-arg]
    from tests.testkit.records import arrival

    return [arrival(b"waits")]


def test_a_consistent_store(busy: DeskUnderTest) -> None:
    found = consistency.check_consistency(busy.store)
    assert found.faults == ()
    assert found.counts["applications"] == 1
    assert found.counts["mails done"] == 3
    assert found.counts["notices sent"] == len(outbox.listing())


@pytest.mark.parametrize(
    ("amiss", "words"),
    [
        (
            lambda: tables.MailLogRow.delete().where(tables.MailLogRow.inbox_id == 1).execute(),
            "done but not in the log",
        ),
        (lambda: tables.MailLogRow.update(inbox_id=1).where(tables.MailLogRow.inbox_id == 2).execute(), "twice"),
        (lambda: tables.MailLogRow.delete().where(tables.MailLogRow.outbox_id == 1).execute(), "not in the log"),
        (lambda: tables.DeliveryRow.delete().where(tables.DeliveryRow.outbox == 1).execute(), "without a relay"),
        (lambda: tables.ApplicationRow.update(state="withdrawn").execute(), "not that of their last step"),
    ],
)
def test_an_inconsistent_store(busy: DeskUnderTest, amiss, words: str) -> None:  # type: ignore[no-untyped-def]
    with busy.store.transaction():
        amiss()
    assert words in " ".join(consistency.check_consistency(busy.store).faults)
