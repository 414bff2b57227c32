"""Tests of records.secrets.sealing: what is sealed is opened in its place alone; old stores, new keys, a lost key."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from mailbot.app.context import rotate_keys
from mailbot.errors import Permanent
from mailbot.key_files import KeyFile, new_key
from mailbot.model.queued_mail import OutboxState
from mailbot.records.database import Store, Upgrade, open_store, opening
from mailbot.records.queues import inbox, outbox, received
from mailbot.records.queues.attempts import attempts_of
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow
from mailbot.records.schema.sealed_columns import UNREADABLE
from mailbot.records.schema.tables import INTAKE, MAIN
from mailbot.records.secrets import resealing
from mailbot.records.secrets.sealed_rows import sealing_anew
from mailbot.records.secrets.sealing import KEY_FILE, MARK, PACKED, Sealer, is_packed
from mailbot.runners.worker import Worker
from tests.testkit.at_rest import values_of
from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import SQLITE, URL, arrival, receive

TOKEN = "abcdefgh.abcdefghijklmnopqrstuvwxyz.abcdefghijklmnop"
SECRET = TOKEN.split(".")[1]
COLUMN = "content"


@pytest.fixture
def sealer(tmp_path: Path) -> Sealer:
    return Sealer(tmp_path / "token.key")


def flipped(sealed: bytes, at: int) -> bytes:
    return sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


@pytest.mark.parametrize("octets", [b"token", b"Subject: x\r\n\r\n" + bytes(range(256)) * 9])
def test_what_is_sealed_is_opened(sealer: Sealer, octets: bytes) -> None:
    sealed = sealer.seal(COLUMN, octets)
    assert octets not in sealed and sealer.seal(COLUMN, octets) != sealed
    assert sealer.open(COLUMN, sealed) == octets


def test_what_is_packed_is_opened(sealer: Sealer) -> None:
    """It stays packed under another key; what was not packed stays so, and is opened beside it."""
    mail = b"Subject: x\r\n\r\n" + b"alike " * 99
    packed, short, plain = (sealer.seal(COLUMN, one, packs=packs) for one, packs in ((mail, 1), (b"x", 1), (mail, 0)))
    assert is_packed(packed) and len(packed) < len(plain) / 5 and not is_packed(short) and not is_packed(plain)
    KeyFile(sealer.path, "test").replace([new_key()])
    anew = sealing_anew(sealer)(COLUMN, packed)
    assert sealer.is_newest(anew) and is_packed(anew) and not is_packed(sealing_anew(sealer)(COLUMN, plain))
    for one in (packed, plain, anew):
        assert sealer.open(COLUMN, one) == mail
    assert sealer.open(COLUMN, packed.replace(PACKED, MARK, 1)) is None  # its mark was changed
    assert sealer.open(COLUMN, plain.replace(MARK, PACKED, 1)) is None


def test_nothing_stays_nothing(sealer: Sealer) -> None:
    """Deleted content is empty; that needs no key."""
    assert sealer.seal(COLUMN, b"") == b"" and sealer.open(COLUMN, b"") == b"" and not sealer.path.exists()


@pytest.mark.parametrize(
    "change",
    [partial(flipped, at=at) for at in (0, len(MARK), len(MARK) + 4, 30)]
    + [lambda sealed: sealed[:-1], lambda _: b"Subject: x\r\n\r\nx\r\n", lambda _: MARK],
)
def test_what_was_changed_is_not_opened(sealer: Sealer, change: Callable[[bytes], bytes]) -> None:
    sealed = sealer.seal(COLUMN, b"octets")
    assert sealer.open(COLUMN, sealed) == b"octets"
    assert sealer.open(COLUMN, change(sealed)) is None


def test_what_was_moved_is_not_opened(sealer: Sealer) -> None:
    assert sealer.open("recipients", sealer.seal(COLUMN, b"octets")) is None


def test_keys_that_change_while_the_process_runs(sealer: Sealer) -> None:
    """New values get the newest key at once; what the file no longer has is still decrypted by who has read it."""
    old = sealer.seal(COLUMN, b"old")
    file = KeyFile(sealer.path, "test")
    file.replace([new_key()])
    new = sealer.seal(COLUMN, b"new")
    assert sealer.open(COLUMN, old) == b"old" and not sealer.is_newest(old) and sealer.is_newest(new)
    another = Sealer(sealer.path)
    assert another.open(COLUMN, new) == b"new" and another.open(COLUMN, old) is None
    for spoil in (lambda: sealer.path.write_text("half a ke"), sealer.path.unlink):  # as while it is being copied
        spoil()
        assert sealer.open(COLUMN, sealer.seal(COLUMN, b"later")) == b"later"
    assert not sealer.path.exists()


@pytest.mark.parametrize("content", ["", "half a ke", "00"])
def test_a_key_file_that_cannot_be_used(sealer: Sealer, content: str) -> None:
    sealer.path.write_text(content)
    sealer.path.chmod(0o600)
    with pytest.raises(Permanent, match="not a key file"):
        sealer.seal(COLUMN, b"x")


def in_clear(database: str, folder: Path, monkeypatch: pytest.MonkeyPatch, fill: Callable[[Store], None]) -> None:
    """A store before the migrations that seal, with rows in clear."""
    with monkeypatch.context() as patch:
        for name, schema, last in (("MAIN", MAIN, "0020"), ("INTAKE", INTAKE, "0001")):
            old = folder / name
            old.mkdir()
            for path in schema.migrations.glob("0*.py"):
                if path.name[:4] <= last:
                    (old / path.name).write_text(path.read_text())
            patch.setattr(opening, name, replace(schema, migrations=old))
        patch.setattr(resealing, "missing_key", lambda _: "")
        with closing(open_store(database, folder, create=True)) as store:
            fill(store)


def two_mails(store: Store) -> None:
    mail, to = f"To: <desk+{TOKEN}@desk.example>\r\n\r\nx\r\n".encode(), f'["desk+{TOKEN}@desk.example"]'
    place = store._connection.param
    at = "2026-11-20T01:00:00.000000+00:00"
    with store.intake.transaction():
        store.intake._connection.execute_sql(
            "INSERT INTO received (id, received_at, source, sender, recipients, smtputf8, evidence, content) VALUES"
            f" (1, '{at}', 'smtp', 'x@y.example', {place}, {place}, '{{}}', {place})",
            (to, False, mail),
        )
    with store.transaction():
        store._connection.execute_sql(
            "INSERT INTO inbox (id, received_at, door, sender, recipients, smtputf8, evidence, account, state, attempts,"
            f" reason, detail, dedupe_key, withheld) VALUES (1, '{at}', 'smtp', 'x@y.example', {place}, {place}, '{{}}',"
            f" 'x', 'waiting', 0, '', {place}, '', {place})",
            (to, False, f"ValueError: desk+{TOKEN}@desk.example", False),
        )
        for message_id, state, content, text, notice in (
            ("<a@x>", "waiting", mail, f"text {TOKEN}", None),
            ("<b@x>", "unwritten", b"", "", f'{{"reply_to": "{TOKEN}"}}'),
        ):
            store._connection.execute_sql(
                "INSERT INTO outbox (created_at, message_id, kind, role, recipient, recipient_key, envelope_sender,"
                f" content, subject, text, standing, state, attempts, notice) VALUES ('{at}', {place}, 'received',"
                f" 'contact', 'x@y.example', 'x@y.example', 'b', {place}, 's', {place}, 'proven', {place}, 0, {place})",
                (message_id, content, text, state, notice),
            )


@pytest.fixture
def empty_database(request: pytest.FixtureRequest, database: str) -> str:
    """Without any table."""
    if database.startswith("postgresql"):
        server, _ = request.getfixturevalue("postgres_template")
        return str(server.database())
    return database


def test_an_old_store_is_sealed(empty_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Migration 21: nothing is in clear any more, in the files of SQLite neither, and everything is read as before."""
    in_clear(empty_database, tmp_path, monkeypatch, two_mails)
    with closing(open_store(empty_database, tmp_path, upgrade=Upgrade(backup=False))) as store:
        assert not any(SECRET.encode() in value for value in values_of(store))
        with store.reading():
            sent, unwritten = outbox.listing()
            assert TOKEN in sent.mail.raw.decode() and sent.mail.text == f"text {TOKEN}"
            assert (unwritten.mail.raw, unwritten.mail.text) == (b"", "")
            assert OutboxRow.get_by_id(unwritten.id).notice == {"reply_to": TOKEN}
            assert InboxRow.get_by_id(1).detail == "ValueError: desk+abcdefgh.•••@desk.example"
            item = inbox.get(store, 1)
        assert item is not None and item.envelope.recipients == (f"desk+{TOKEN}@desk.example",)
        assert TOKEN in item.raw.decode()
    if empty_database == URL:
        files = [path.read_bytes() for path in (tmp_path / "store").iterdir() if path.is_file()]
        assert files and not any(SECRET.encode() in content for content in files)


@pytest.fixture
def sealed(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> DeskUnderTest:
    """A desk with an application, whose notices wait, and a mail that waits."""
    desk.relay_is_down = True
    taro.sends(FORM)
    receive(desk.store, [arrival(b"Subject: later\r\n\r\nx\r\n")])
    return desk


def key_of(desk: DeskUnderTest) -> Path:
    return desk.config.base / KEY_FILE


def contents(store: Store) -> list[bytes]:
    with store.reading():
        return [received.content(store, 1), received.content(store, 2), *(item.mail.raw for item in outbox.listing())]


def test_new_keys(sealed: DeskUnderTest) -> None:
    """Everything is sealed with the newest key; the oldest one is of no use any more."""
    before = contents(sealed.store)
    old = key_of(sealed).read_bytes()
    rotate_keys(sealed.config, sealed.context)
    key_of(sealed).write_bytes(key_of(sealed).read_bytes().removesuffix(old))
    sealed.store.close()
    with closing(open_store(sealed.config.store.url, sealed.config.base)) as store:
        assert contents(store) == before and UNREADABLE not in before


def test_new_keys_between_sealing_and_storing(sealed: DeskUnderTest) -> None:
    """What was sealed ahead of the transaction with a key that is gone since is sealed anew in it."""
    sealer = sealed.store.sealer
    assert "secret" not in repr(OutboxRow.text.ahead("secret", sealer))
    ahead = OutboxRow.content.ahead(b"ahead", sealer), OutboxRow.text.ahead("ahead", sealer)
    old = key_of(sealed).read_bytes()
    rotate_keys(sealed.config, sealed.context)
    key_of(sealed).write_bytes(key_of(sealed).read_bytes().removesuffix(old))
    with sealed.store.transaction():
        OutboxRow.update(content=ahead[0], text=ahead[1]).where(OutboxRow.id == 1).execute()
    sealed.store.close()
    with closing(open_store(sealed.config.store.url, sealed.config.base)) as store, store.reading():
        item = outbox.get(1)
    assert item is not None and (item.mail.raw, item.mail.text) == (b"ahead", "ahead")


def test_a_store_without_its_key_is_not_opened(sealed: DeskUnderTest) -> None:
    """No other key is made meanwhile, and nothing is taken for unreadable."""
    sealed.store.close()
    kept = key_of(sealed).read_bytes()
    key_of(sealed).unlink()
    with pytest.raises(Permanent, match="put back the copy"):
        open_store(sealed.config.store.url, sealed.config.base)
    assert not key_of(sealed).exists()
    KeyFile(key_of(sealed), "test").create_if_missing(new_key())  # of another desk
    with pytest.raises(Permanent, match="mailbot keys lost"):
        open_store(sealed.config.store.url, sealed.config.base)
    key_of(sealed).write_bytes(kept)
    with closing(open_store(sealed.config.store.url, sealed.config.base)) as store:
        assert UNREADABLE not in contents(store)


@SQLITE
def test_a_key_that_is_lost_for_good(sealed: DeskUnderTest) -> None:
    """The desk goes on: what cannot be read is said, the notices fail, applications and log are there."""
    sealed.store.close()
    key_of(sealed).unlink()
    assert "cannot be decrypted" in mailbot(sealed.config.base, "keys", "lost")
    with closing(open_store(URL, sealed.config.base)) as store:
        assert set(contents(store)) == {UNREADABLE}
        assert outbox.claim(store, sealed.clock.now(), 9) == []
        with store.reading():
            assert {item.state for item in outbox.listing()} == {OutboxState.FAILED}
            assert inbox.get(store, 2) is not None
    assert "2600001C" in mailbot(sealed.config.base, "applications", "list")


@SQLITE
@pytest.mark.parametrize("with_key", [True, False])
def test_a_restore_says_whether_the_key_is_there(sealed: DeskUnderTest, tmp_path: Path, with_key: bool) -> None:
    sealed.store.close()
    mailbot(sealed.config.base, "backup", str(tmp_path / "backup.gz"))
    mailbot(tmp_path, "init", "other")
    if with_key:
        (tmp_path / "other" / KEY_FILE).write_bytes(key_of(sealed).read_bytes())
    said = mailbot(tmp_path / "other", "restore", str(tmp_path / "backup.gz"))
    assert "restored" in said and ("put back the copy" in said) is not with_key


def test_one_mail_that_cannot_be_decrypted_stops_nothing(sealed: DeskUnderTest) -> None:
    """It fails or is quarantined, and the others go on."""
    first = outbox.listing()[0]
    damage(sealed.store, "outbox", first.id)
    damage(sealed.store.intake, "received", 2)
    claimed = outbox.claim(sealed.store, sealed.clock.now(), 9)
    assert claimed and first.id not in [item.id for item in claimed]
    with sealed.store.reading():
        assert attempts_of(first.id)[-1].reply == outbox.NOT_DECRYPTED
    Worker(sealed.context, sealed.clock, handled=lambda: None).handle_one()
    with sealed.store.reading():
        assert InboxRow.get_by_id(2).state == "done"
        assert InboxRow.get_by_id(2).disposition == "quarantined"


def damage(part: Store, table: str, number: int) -> None:
    """The content of a row is sealed with a key that nobody has."""
    with part.transaction():
        place = part._connection.param
        sql = f"UPDATE {table} SET content = {place} WHERE id = {place}"
        part._connection.execute_sql(sql, (MARK + b"?" * 60, number))
