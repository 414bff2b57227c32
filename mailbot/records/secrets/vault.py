"""Issued passwords at rest: sealed with AES-GCM under a key outside the database, gone after the view period."""

import contextlib
import hashlib
import os
import re
import secrets
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mailbot.errors import Permanent
from mailbot.files import make_first, make_folder, replacing
from mailbot.model.passwords import REMEMBERED_GENERATIONS
from mailbot.model.view_period import ViewPeriod
from mailbot.records.database import Store
from mailbot.records.schema.secret_tables import GenerationRow, SecretRow

KEY_BYTES = 32
NONCE_BYTES = 12
_DATED = re.compile(r"\d{8}-")
_SCRYPT = {"n": 2**12, "r": 8, "p": 1}  # about 10 ms: a generation hash guards an 8-character password that was changed


@dataclass(frozen=True)
class Secret:
    """An opened password.  Its `repr` does not show it."""

    user_id: str
    password: str = field(repr=False)
    period: ViewPeriod


class Keyring:
    """The keys in a file of mode 0600, newest first, one `ID HEX` a line.

    What can be seen until a day is sealed with a key of that day (`20261125-…`), which is destroyed afterwards: the
    password is then gone from every backup too.
    """

    def __init__(self, path: Path) -> None:
        """Read the file, or make it with one fresh key.  Raises Permanent when others can read it, or it is damaged."""
        self._path = path
        with self._file_errors():
            if not path.exists():
                make_folder(path.parent, 0o700)
                make_first(path, f"{_fresh_key()}\n".encode())  # a key that has sealed is never overwritten
        self._keys = self._read()

    def _read(self) -> dict[str, bytes]:
        """Newest first.  Raises Permanent."""
        try:
            with self._file_errors():
                shared = self._path.stat().st_mode & 0o077
                lines = [line.split() for line in self._path.read_text("ascii").splitlines()]
            keys = {name: bytes.fromhex(text) for name, text in lines}
        except ValueError:
            keys = {}
        if shared:
            raise Permanent(f"{self._path}: the key of the vault can be read by others; run: chmod 600 {self._path}")
        if not keys or any(len(key) != KEY_BYTES for key in keys.values()):
            raise Permanent(f"{self._path}: not a key file of mailbot; restore it from where you keep a copy")
        return keys

    def of_day(self, last: date) -> str:
        """The key that seals what can be seen until `last`; made, and on disk, when there is none yet."""
        found = next((name for name in self._keys if name.startswith(_day(last))), None)
        return found or self.add_key(last)

    def forget(self, today: date, needed: Collection[str]) -> bool:
        """Destroy the keys of days before `today` but those `needed`; whether there were any.  Raises Permanent."""
        dated = [name for name in self._keys if _DATED.match(name) and name < _day(today)]
        old = [name for name in dated if name not in needed]
        if old:
            kept = {name: key for name, key in self._read().items() if name not in old}
            self._replace([f"{name} {key.hex()}" for name, key in kept.items()])
        return bool(old)

    def cipher(self, name: str) -> AESGCM:
        """Raises Permanent when the key is not in the file, also not since another process has rotated."""
        if name not in self._keys:
            self._keys = self._read()
        if name not in self._keys:
            raise Permanent("A password cannot be opened.", f"key {name} is not in {self._path}")
        return AESGCM(self._keys[name])

    def add_key(self, last: date) -> str:
        """A fresh key of a day, in front; the older ones stay, to open what they have sealed."""
        fresh = _fresh_key(_day(last))
        self._replace([fresh, *(f"{name} {key.hex()}" for name, key in self._read().items())])
        return fresh.partition(" ")[0]

    def _replace(self, lines: list[str]) -> None:
        """The whole file at once; the one before is overwritten, for what was in it may have to be gone."""
        with self._file_errors(), self._path.open("r+b") as before:
            with replacing(self._path) as file:
                file.write("".join(f"{line}\n" for line in lines).encode())
            before.write(b"\0" * os.fstat(before.fileno()).st_size)
            before.flush()
            os.fsync(before.fileno())
        self._keys = self._read()

    @contextlib.contextmanager
    def _file_errors(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            raise Permanent(f"{self._path}: the key of the vault cannot be used ({error.strerror})") from error


def _day(day: date) -> str:
    return f"{day:%Y%m%d}-"


def _fresh_key(day: str = "") -> str:
    return f"{day}{secrets.token_hex(4)} {secrets.token_bytes(KEY_BYTES).hex()}"


class Vault:
    """Seals, opens within the period, forgets afterwards."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring

    def seal(self, application_id: int, user_id: str, password: str, period: ViewPeriod, now: datetime) -> None:
        """Keep a password, in the caller's transaction, and remember its hash as the newest generation."""
        key_id, sealed = self._seal(self._keyring.of_day(period.last), application_id, user_id, password)
        SecretRow.create(
            application_id=application_id,
            user_id=user_id,
            sealed=sealed,
            key_id=key_id,
            view_first=period.first,
            view_last=period.last,
            issued_at=now,
        )
        salt = secrets.token_bytes(16)
        GenerationRow.create(user_id=user_id, salt=salt, hash=_hash(password, salt), issued_at=now)
        old = _generations(user_id)[REMEMBERED_GENERATIONS:]
        GenerationRow.delete().where(GenerationRow.id.in_([row.id for row in old])).execute()

    def open(self, application_id: int, today: date) -> list[Secret]:
        """The passwords of an application on a day of their view period; none before or after it.

        Raises Permanent when the key is missing, or a row was moved or changed.
        """
        with self._store.reading():
            rows = list(SecretRow.select().where(SecretRow.application_id == application_id).order_by(SecretRow.id))
        periods = [(row, ViewPeriod(row.view_first, row.view_last)) for row in rows]
        return [
            Secret(row.user_id, self._open(row.key_id, bytes(row.sealed), application_id, row.user_id), period)
            for row, period in periods
            if period.contains(today)
        ]

    def _seal(self, key_id: str, application_id: int, user_id: str, password: str) -> tuple[str, bytes]:
        nonce = secrets.token_bytes(NONCE_BYTES)
        cipher = self._keyring.cipher(key_id)
        return key_id, nonce + cipher.encrypt(nonce, password.encode(), _about(application_id, user_id))

    def _open(self, key_id: str, sealed: bytes, application_id: int, user_id: str) -> str:
        nonce, ciphertext = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return self._keyring.cipher(key_id).decrypt(nonce, ciphertext, _about(application_id, user_id)).decode()
        except InvalidTag as error:
            raise Permanent("A password cannot be opened.", f"the secret of {user_id} was changed or moved") from error

    def used_before(self, user_id: str, candidate: str) -> bool:
        """Whether `candidate` is one of the last three passwords issued for the ID (S0: R0004)."""
        return any(
            secrets.compare_digest(bytes(row.hash), _hash(candidate, bytes(row.salt))) for row in _generations(user_id)
        )

    def extend(self, application_id: int, period: ViewPeriod) -> int:
        """Let the passwords of an application be seen over a later `period`, in the caller's transaction; how many."""
        rows = list(SecretRow.select().where(SecretRow.application_id == application_id))
        for row in rows:
            password = self._open(row.key_id, bytes(row.sealed), application_id, row.user_id)
            key_id, sealed = self._seal(self._keyring.of_day(period.last), application_id, row.user_id, password)
            changes = {"key_id": key_id, "sealed": sealed, "view_first": period.first, "view_last": period.last}
            SecretRow.update(**changes).where(SecretRow.id == row.id).execute()
        return len(rows)

    def erase_expired(self, today: date, undelivered_ids: Collection[int] = ()) -> int:
        """Delete the passwords whose period ended before `today`, in the caller's transaction; returns how many.

        Not those of the applications `untold`: nobody has been told yet that there is something to see.

        They are overwritten in the database, and with the commit also gone from its write-ahead log.  The keys of those
        days are destroyed the next time, when the rows are gone for certain.
        """
        over = (SecretRow.view_last < today) & SecretRow.application_id.not_in(list(undelivered_ids))
        erased = int(SecretRow.delete().where(over).execute())
        if erased:
            self._store.purge_deleted()
        else:
            self._keyring.forget(today, {row.key_id for row in SecretRow.select(SecretRow.key_id)})
        return erased

    def rotate(self) -> int:
        """Make new keys and seal every password with them; returns how many.

        A key is on disk before the first password needs it, so an interruption leaves nothing that does not open.
        """
        with self._store.transaction():
            rows = list(SecretRow.select().order_by(SecretRow.id))
            fresh = {last: self._keyring.add_key(last) for last in sorted({row.view_last for row in rows})}
            for row in rows:
                password = self._open(row.key_id, bytes(row.sealed), row.application_id, row.user_id)
                key_id, sealed = self._seal(fresh[row.view_last], row.application_id, row.user_id, password)
                SecretRow.update(key_id=key_id, sealed=sealed).where(SecretRow.id == row.id).execute()
            self._store.purge_deleted()
        return len(rows)


def _generations(user_id: str) -> list[GenerationRow]:
    return list(GenerationRow.select().where(GenerationRow.user_id == user_id).order_by(GenerationRow.id.desc()))


def _about(application_id: int, user_id: str) -> bytes:
    """Bound to the ciphertext: a row that was moved to another application or ID does not open."""
    return f"{application_id}:{user_id}".encode()


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT, dklen=32)
