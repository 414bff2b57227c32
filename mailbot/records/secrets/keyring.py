"""The keys that encrypt issued passwords, each for one last day of a view period."""

import re
import secrets
from collections.abc import Collection
from datetime import date
from pathlib import Path

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from mailbot.errors import Permanent
from mailbot.key_files import KEY_OCTETS, Key, KeyFile, new_key

_DATED = re.compile(r"\d{8}-")


class Keyring:
    """Named AES-256 keys in a key file, newest first.

    What may be seen until a day is encrypted with a key of that day (`20261125-1f0a2b3c`), which is destroyed
    afterwards: the password can then not be decrypted from any backup of the database either.
    """

    def __init__(self, path: Path) -> None:
        """Read the key file; one that is missing is created with the first key.  Raises Permanent: see `KeyFile`."""
        self._file = KeyFile(path, "the vault", named=True)
        self._keys = self._read() if path.exists() else {}

    def _read(self) -> dict[str, bytes]:
        """Name → key, newest first.  Raises Permanent."""
        keys = {key.name: key.octets for key in self._file.read()}
        if any(len(octets) != KEY_OCTETS for octets in keys.values()):
            raise Permanent(f"{self._file.path}: not a key file of mailbot; a key of the vault has 32 octets")
        return keys

    def has_key(self, last: date) -> bool:
        """Whether there is a key for what may be seen until `last`."""
        return self._name(last) is not None

    def of_day(self, last: date) -> str:
        """The name of the key for what may be seen until `last`; created, and on disk, when there is none.

        Like whatever changes the file, in a transaction of the store: of two that do so at once, one key would be lost.
        """
        return self._name(last) or self.add_key(last)

    def _name(self, last: date) -> str | None:
        return next((name for name in self._keys if name.startswith(_prefix(last))), None)

    def destroy_expired(self, today: date, needed: Collection[str]) -> bool:
        """Destroy the keys of days before `today` except those `needed`; whether there were any.  Raises Permanent."""
        dated = [name for name in self._keys if _DATED.match(name) and name < _prefix(today)]
        expired = [name for name in dated if name not in needed]
        if expired:
            self._replace({name: octets for name, octets in self._read().items() if name not in expired})
        return bool(expired)

    def cipher(self, name: str) -> AESGCM:
        """The cipher of a key.  Raises Permanent when the file, read again, does not have the key."""
        if name not in self._keys:
            self._keys = self._read() if self._file.path.exists() else {}  # another process may have added it
        if name not in self._keys:
            raise Permanent("A password cannot be opened.", f"key {name} is not in {self._file.path}")
        return AESGCM(self._keys[name])

    def add_key(self, last: date) -> str:
        """Put a new key for a day first; returns its name.  The older keys stay, to decrypt.  Raises Permanent."""
        key = _new_key(_prefix(last))
        # Never overwrites: a key may have encrypted something.  A key without a day, so that the file never gets empty.
        self._file.create_if_missing(_new_key())
        self._replace({key.name: key.octets, **self._read()})
        return key.name

    def _replace(self, keys: dict[str, bytes]) -> None:
        self._file.replace(Key(octets, name) for name, octets in keys.items())
        self._keys = self._read()


def _prefix(day: date) -> str:
    return f"{day:%Y%m%d}-"


def _new_key(prefix: str = "") -> Key:
    return new_key(prefix + secrets.token_hex(4))
