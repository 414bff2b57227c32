"""Issued passwords in the database: encrypted with AES-GCM, keys outside of it, erased after the view period."""

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from peewee import fn

from mailbot.errors import Permanent
from mailbot.model.lifecycle import Event
from mailbot.model.passwords import REMEMBERED_GENERATIONS, generate
from mailbot.model.view_period import ViewPeriod
from mailbot.records.database import Store
from mailbot.records.database.prepared import Prepared
from mailbot.records.schema.application_tables import StepRow
from mailbot.records.schema.secret_tables import GenerationRow, SecretRow
from mailbot.records.secrets.keyring import Keyring

# The hashes of the passwords of an ID that are remembered, newest first.
_GENERATIONS = Prepared(
    lambda user_id: GenerationRow.select().where(GenerationRow.user_id == user_id).order_by(GenerationRow.id.desc())
)

Choose = Callable[[str], str]  # one character of a string at random (`secrets.choice`)
NONCE_OCTETS = 12  # NIST SP 800-38D §8.2.2: a random nonce of 96 bits
_SCRYPT = {"n": 2**12, "r": 8, "p": 1}  # RFC 7914; about 10 ms: these are hashes of passwords that were replaced


@dataclass(frozen=True)
class Secret:
    """A decrypted password.  Its `repr` does not show it."""

    user_id: str
    password: str = field(repr=False)
    period: ViewPeriod


@dataclass(frozen=True)
class NewPassword:
    """A new password with its hash.  `compared_with`: the rows of the earlier passwords of its ID, newest first."""

    password: str = field(repr=False)
    salt: bytes
    hash: bytes = field(repr=False)
    compared_with: tuple[int, ...]


class Vault:
    """Encrypts passwords, decrypts them within their view period, and erases them afterwards."""

    def __init__(self, store: Store, keyring: Keyring) -> None:
        self._store = store
        self._keyring = keyring
        self._ready: dict[str, NewPassword] = {}  # by the ID

    def make_ready(self, last_days: Mapping[str, date], choose: Choose) -> None:
        """Before a transaction: what `issue` needs in it, for these IDs and the last days of their view periods.

        A hash takes some 10 ms, a new key file several syncs.  What was made ready before is forgotten.
        Raises Permanent: see `KeyFile`.
        """
        with self._store.reading():
            earlier = {user_id: generations(user_id) for user_id in last_days}
        self._ready = {user_id: _chosen(rows, choose) for user_id, rows in earlier.items()}
        without_key = [last for last in sorted(set(last_days.values())) if not self._keyring.has_key(last)]
        if without_key:
            with self._store.transaction(durable=False):  # nobody else adds a key to the file, or destroys one
                for last in without_key:
                    self._keyring.of_day(last)

    def issue(self, application_id: int, user_id: str, choose: Choose, period: ViewPeriod, now: datetime) -> None:
        """Store a new password of an ID, in the caller's transaction.

        It is that of `make_ready`, unless the ID has got another one since.
        """
        earlier, ready = generations(user_id), self._ready.pop(user_id, None)
        if ready is None or ready.compared_with != _numbers(earlier):
            ready = _chosen(earlier, choose)
        self.seal(application_id, user_id, ready, period, now)

    def seal(self, application_id: int, user_id: str, new: NewPassword, period: ViewPeriod, now: datetime) -> None:
        """Store a password encrypted, and its hash as the newest generation of the ID, in the caller's transaction."""
        key_id = self._keyring.of_day(period.last)
        SecretRow.create(
            application_id=application_id,
            user_id=user_id,
            sealed=self._seal(key_id, application_id, user_id, new.password),
            key_id=key_id,
            view_first=period.first,
            view_last=period.last,
            issued_at=now,
        )
        GenerationRow.create(user_id=user_id, salt=new.salt, hash=new.hash, issued_at=now)
        if old := generations(user_id)[REMEMBERED_GENERATIONS:]:
            GenerationRow.delete().where(GenerationRow.id.in_([row.id for row in old])).execute()

    def ids(self, application_id: int) -> list[str]:
        """The IDs of an application whose passwords are stored, in the order of their issue."""
        with self._store.reading():
            rows = SecretRow.select(SecretRow.user_id).where(SecretRow.application_id == application_id)
            return [row.user_id for row in rows.order_by(SecretRow.id)]

    def not_seen(self, today: date, last: date) -> list[int]:
        """The ids of applications with a password that nobody has looked at, and that can be seen until `last` at most.

        `today` is in its view period.
        """
        looked = StepRow.select().where(
            (StepRow.application == SecretRow.application_id)
            & (StepRow.event == Event.LOOK.value)
            & (StepRow.words == SecretRow.user_id)
            & (StepRow.at >= SecretRow.issued_at)
        )
        ends = (SecretRow.view_first <= today) & SecretRow.view_last.between(today, last)
        rows: Any = SecretRow.select(SecretRow.application_id).where(ends & ~fn.EXISTS(looked)).distinct().tuples()
        with self._store.reading():
            return sorted(int(number) for (number,) in rows)

    def open(self, application_id: int, today: date) -> list[Secret]:
        """The passwords of an application whose view period contains `today`.

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

    def _seal(self, key_id: str, application_id: int, user_id: str, password: str) -> bytes:
        nonce = secrets.token_bytes(NONCE_OCTETS)
        cipher = self._keyring.cipher(key_id)
        return nonce + cipher.encrypt(nonce, password.encode(), _associated_data(application_id, user_id))

    def _open(self, key_id: str, sealed: bytes, application_id: int, user_id: str) -> str:
        nonce, ciphertext = sealed[:NONCE_OCTETS], sealed[NONCE_OCTETS:]
        try:
            return (
                self._keyring.cipher(key_id)
                .decrypt(nonce, ciphertext, _associated_data(application_id, user_id))
                .decode()
            )
        except InvalidTag as error:
            raise Permanent("A password cannot be opened.", f"the secret of {user_id} was changed or moved") from error

    def extend(self, application_id: int, period: ViewPeriod) -> int:
        """Give the passwords of an application a later view period, in the caller's transaction; returns how many."""
        rows = list(SecretRow.select().where(SecretRow.application_id == application_id))
        for row in rows:
            key_id = self._keyring.of_day(period.last)
            self._seal_again(row, key_id, view_first=period.first, view_last=period.last)
        return len(rows)

    def _seal_again(self, row: Any, key_id: str, **changes: object) -> None:
        """Encrypt the password of `row` with another key, and set the columns `changes`."""
        password = self._open(row.key_id, bytes(row.sealed), row.application_id, row.user_id)
        sealed = self._seal(key_id, row.application_id, row.user_id, password)
        SecretRow.update(key_id=key_id, sealed=sealed, **changes).where(SecretRow.id == row.id).execute()

    def erase_expired(self, today: date, undelivered_ids: Collection[int] = ()) -> int:
        """Delete the passwords whose period ended before `today`, in the caller's transaction; returns how many.

        Those of the applications `undelivered_ids` stay: their notice, which says where to see them, is not delivered.

        The rows are overwritten in the database and, with the commit, in its write-ahead log.  The keys of those days
        are destroyed by the next call, when the deletion has been committed.
        """
        expired = (SecretRow.view_last < today) & SecretRow.application_id.not_in(list(undelivered_ids))
        erased = int(SecretRow.delete().where(expired).execute())
        if erased:
            self._store.purge_deleted()
        else:
            kept: Any = SecretRow.select(SecretRow.key_id).distinct().tuples()
            self._keyring.destroy_expired(today, {key_id for (key_id,) in kept})
        return erased

    def erase(self, application_id: int) -> list[str]:
        """Delete the passwords of an application at once, in the caller's transaction; returns the IDs they were of.

        The rows are overwritten as in `erase_expired`; their hashes stay, so that none of them is issued again.
        """
        ids = self.ids(application_id)
        SecretRow.delete().where(SecretRow.application_id == application_id).execute()
        self._store.purge_deleted()
        return ids

    def rotate(self) -> int:
        """Create new keys and encrypt every password with them; returns how many.

        A key is on disk before the first password is encrypted with it: after an interruption every row can be
        decrypted.
        """
        with self._store.transaction():
            rows = list(SecretRow.select().order_by(SecretRow.id))
            new_keys = {last: self._keyring.add_key(last) for last in sorted({row.view_last for row in rows})}
            for row in rows:
                self._seal_again(row, new_keys[row.view_last])
            self._store.purge_deleted()
        return len(rows)


def generations(user_id: str) -> list[Any]:
    """The rows of the hashes of the passwords of an ID that are remembered, newest first."""
    return _GENERATIONS.rows(user_id=user_id)


def _numbers(rows: Sequence[Any]) -> tuple[int, ...]:
    return tuple(row.id for row in rows)


def _chosen(earlier: Sequence[Any], choose: Choose) -> NewPassword:
    """A new password that is none of `earlier` (S0: R0004)."""
    return hashed(generate(choose, lambda candidate: used_before(earlier, candidate)), _numbers(earlier))


def hashed(password: str, compared_with: tuple[int, ...] = ()) -> NewPassword:
    """`password` with its hash."""
    salt = secrets.token_bytes(16)
    return NewPassword(password, salt, _hash(password, salt), compared_with)


def used_before(earlier: Sequence[Any], candidate: str) -> bool:
    """Whether `candidate` is one of the last REMEMBERED_GENERATIONS passwords of an ID, which are `earlier`."""
    return any(secrets.compare_digest(bytes(row.hash), _hash(candidate, bytes(row.salt))) for row in earlier)


def _associated_data(application_id: int, user_id: str) -> bytes:
    """Authenticated with the ciphertext (RFC 5116): a row moved to another application or ID is not decrypted."""
    return f"{application_id}:{user_id}".encode()


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, **_SCRYPT, dklen=32)
