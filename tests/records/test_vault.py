"""Tests of records.secrets.vault: encryption, deletion, key rotation, key files."""

import secrets
from datetime import timedelta
from pathlib import Path

import pytest

from mailbot.errors import Permanent
from mailbot.model.view_period import ViewPeriod
from mailbot.records.database import Store
from mailbot.records.schema.secret_tables import GenerationRow, SecretRow
from mailbot.records.secrets import vault as vault_module
from mailbot.records.secrets.keyring import Keyring
from mailbot.records.secrets.vault import Secret, Vault, generations, hashed, used_before
from tests.testkit.records import NOW, SQLITE

FIRST = NOW.date()
PERIOD = ViewPeriod(FIRST, FIRST + timedelta(days=5))
DAY = timedelta(days=1)
ID = "1ANACA0A"


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "vault.key"


@pytest.fixture
def vault(store: Store, keys: Path) -> Vault:
    return Vault(store, Keyring(keys))


def seal(store: Store, vault: Vault, password: str = "ABCD2345", application_id: int = 1, user_id: str = ID) -> None:
    with store.transaction():
        vault.seal(application_id, user_id, hashed(password), PERIOD, NOW)


def everything_on_disk(store: Store) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(store.path.parent.glob("mailbot*")))


def test_open_within_the_period_only(store: Store, vault: Vault) -> None:
    seal(store, vault)
    seal(store, vault, "WXYZ6789", user_id="1ANACA0B")
    seal(store, vault, "QQQQ9999", application_id=2)
    expected = [Secret(ID, "ABCD2345", PERIOD), Secret("1ANACA0B", "WXYZ6789", PERIOD)]
    for day in (PERIOD.first, PERIOD.first + DAY, PERIOD.last):
        assert vault.open(1, day) == expected
    for day in (PERIOD.first - DAY, PERIOD.last + DAY):
        assert vault.open(1, day) == []
    assert vault.open(3, FIRST) == []


@SQLITE
def test_nothing_in_clear(store: Store, vault: Vault) -> None:
    seal(store, vault)
    assert "ABCD2345" not in repr(vault.open(1, FIRST))
    assert b"ABCD2345" not in everything_on_disk(store)


@SQLITE
def test_gone_and_not_only_hidden(store: Store, vault: Vault) -> None:
    seal(store, vault)
    sealed = bytes(SecretRow.get().sealed)
    assert sealed in everything_on_disk(store)
    with store.transaction():
        assert vault.erase_expired(PERIOD.last) == 0
    assert sealed in everything_on_disk(store)
    with store.transaction():
        assert vault.erase_expired(PERIOD.last + DAY) == 1
    assert sealed not in everything_on_disk(store)
    assert vault.open(1, FIRST) == []


def test_gone_from_the_backups_too(store: Store, vault: Vault, keys: Path, tmp_path: Path) -> None:
    """T-55: an earlier copy of the database cannot be decrypted, because the key of that day is destroyed."""
    seal(store, vault)
    row = SecretRow.get()
    backup = (row.key_id, bytes(row.sealed))
    for day in (PERIOD.last, PERIOD.last + DAY, PERIOD.last + DAY):
        assert backup[0] in keys.read_text()
        with store.transaction():
            vault.erase_expired(day)
    assert backup[0] not in keys.read_text()
    with store.transaction():
        SecretRow.create(
            application_id=1, user_id=ID, sealed=backup[1], key_id=backup[0],
            view_first=PERIOD.first, view_last=PERIOD.last, issued_at=NOW,
        )  # fmt: skip
    with pytest.raises(Permanent):
        vault.open(1, FIRST)
    later = ViewPeriod(PERIOD.last + DAY, PERIOD.last + 5 * DAY)
    with store.transaction():
        vault.seal(2, ID, hashed("WXYZ6789"), later, NOW)
    assert [secret.password for secret in vault.open(2, later.last)] == ["WXYZ6789"]


def test_an_erasure_that_is_rolled_back(store: Store, vault: Vault) -> None:
    seal(store, vault)
    with pytest.raises(KeyError), store.transaction():
        vault.erase_expired(PERIOD.last + DAY)
        raise KeyError
    assert len(vault.open(1, FIRST)) == 1


def test_the_last_three_are_not_issued_again(store: Store, vault: Vault) -> None:
    passwords = ["AAAA1111", "BBBB2222", "CCCC3333", "DDDD4444"]
    assert not used_before(generations(ID), passwords[0])
    for number, password in enumerate(passwords, 1):
        seal(store, vault, password)
        assert [used_before(generations(ID), p) for p in passwords] == [
            max(0, number - 3) <= n < number for n in range(4)
        ]
    assert not used_before(generations("1ANACA0B"), "DDDD4444")
    assert GenerationRow.select().count() == 3
    with store.transaction():
        vault.erase_expired(PERIOD.last + DAY)
    assert used_before(generations(ID), "DDDD4444")


def test_what_takes_time_is_made_ready(store: Store, vault: Vault, keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the transaction; in it only if the ID has got another password since."""
    other = "1ANACA0B"
    seal(store, vault)
    computed: list[bool] = []
    real = vault_module._hash

    def noted(password: str, salt: bytes) -> bytes:
        computed.append(store._connection.writing)
        return real(password, salt)

    monkeypatch.setattr(vault_module, "_hash", noted)
    vault.make_ready({ID: PERIOD.last + DAY, other: PERIOD.last}, secrets.choice)
    content = keys.read_bytes()
    with store.transaction():
        vault.issue(1, ID, secrets.choice, ViewPeriod(PERIOD.first, PERIOD.last + DAY), NOW)
    assert True not in computed and len(computed) == 3  # the earlier password of ID was compared
    seal(store, vault, user_id=other)
    computed.clear()
    with store.transaction():
        vault.issue(2, other, secrets.choice, PERIOD, NOW)
    assert computed == [True, True] and keys.read_bytes() == content
    issued = vault.open(1, FIRST)[-1].password
    assert used_before(generations(ID), issued)


@pytest.mark.parametrize("change", [{"application_id": 2}, {"user_id": "1ANACA0B"}, {"sealed": b"x" * 40}])
def test_a_row_that_was_moved_or_changed_does_not_open(store: Store, vault: Vault, change: dict[str, object]) -> None:
    seal(store, vault)
    with store.transaction():
        SecretRow.update(**change).execute()
    with pytest.raises(Permanent) as caught:
        vault.open(int(str(change.get("application_id", 1))), FIRST)
    assert caught.value.public == "A password cannot be opened."


@SQLITE
def test_rotation(store: Store, vault: Vault, keys: Path) -> None:
    seal(store, vault)
    before = SecretRow.get()
    running = Vault(store, Keyring(keys))  # another process that has read the keys already
    assert vault.rotate() == 1
    after = SecretRow.get()
    assert (after.key_id != before.key_id, after.sealed != before.sealed) == (True, True)
    assert bytes(before.sealed) not in everything_on_disk(store)
    names = [line.split()[0] for line in keys.read_text().splitlines()]
    assert names[:2] == [after.key_id, before.key_id]
    for one in (vault, running, Vault(store, Keyring(keys))):
        assert [secret.password for secret in one.open(1, FIRST)] == ["ABCD2345"]
    with store.transaction():
        running.seal(2, ID, hashed("WXYZ6789"), PERIOD, NOW)
    assert [secret.password for secret in vault.open(2, FIRST)] == ["WXYZ6789"]


def test_rotation_that_fails_changes_nothing(store: Store, vault: Vault) -> None:
    seal(store, vault)
    seal(store, vault, application_id=2)
    with store.transaction():
        SecretRow.update(sealed=b"x" * 40).where(SecretRow.application_id == 2).execute()
    with pytest.raises(Permanent):
        vault.rotate()
    assert [secret.password for secret in vault.open(1, FIRST)] == ["ABCD2345"]


def test_a_key_that_is_gone(store: Store, vault: Vault, keys: Path) -> None:
    seal(store, vault)
    keys.unlink()
    other = Vault(store, Keyring(keys))
    with pytest.raises(Permanent) as caught:
        other.open(1, FIRST)
    assert "is not in" in caught.value.detail


def test_a_key_file_is_made_once_and_for_its_owner(keys: Path) -> None:
    Keyring(keys)
    assert not keys.exists(), "who only reads makes none"
    Keyring(keys).of_day(FIRST)
    made = keys.read_bytes()
    assert (keys.stat().st_mode & 0o777, keys.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    Keyring(keys).of_day(FIRST)
    assert keys.read_bytes() == made
    assert [path.name for path in keys.parent.iterdir()] == ["vault.key"]


def test_of_two_that_make_the_key_at_once_one_does(keys: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Keyring(keys).of_day(FIRST)
    made = keys.read_bytes()
    monkeypatch.setattr(Path, "exists", lambda _: False)  # as the slower one saw it
    Keyring(keys).of_day(FIRST)
    assert keys.read_bytes().endswith(made), "and adds its own"


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660])
def test_a_key_that_others_can_read_is_refused(keys: Path, mode: int) -> None:
    Keyring(keys).of_day(FIRST)
    keys.chmod(mode)
    with pytest.raises(Permanent, match="chmod 600"):
        Keyring(keys)


@pytest.mark.parametrize("content", ["", "one\n", "a b c\n", "id zz\n", "id 00ff\n", "あ\n"])
def test_a_damaged_key_file_is_refused(keys: Path, content: str) -> None:
    Keyring(keys).of_day(FIRST)
    keys.write_text(content)
    with pytest.raises(Permanent, match="not a key file"):
        Keyring(keys)


def test_a_key_file_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Permanent, match="cannot be used"):
        Keyring(tmp_path / "file" / "vault.key").of_day(FIRST)
