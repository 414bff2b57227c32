"""Values of the store that contain authority (mails, their recipients, notices): encrypted, with the key outside.

A reply address authorises whoever it was sent to, and a log-in link too; so mails, and what becomes mails, are in the
database as AES-256-GCM ciphertexts (RFC 5116).  Their keys are derived (HKDF, RFC 5869) from those of the reply tokens,
in `store.token_key_file`: without that file there is no token in a copy of the database, and a token is genuine only
with it.  The associated data name table, column and row, so that a value moved to another place is not decrypted.

Stored: MARK, identifier of the key (4 octets), nonce (12), ciphertext with tag.  Text columns hold that in base64.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any

import structlog
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mailbot.key_files import KEY_OCTETS, KeyFile, new_key
from mailbot.records.schema.columns import storable

KEY_FILE = Path("store/keys/token.key")  # the default of store.token_key_file
MARK = b"\0s1\0"  # no mail and no text that can be stored begins with it
UNREADABLE = b"\r\n[This mail cannot be decrypted: its key is missing, or the stored octets were changed.]\r\n"
_PURPOSE = b"mailbot: mails in the store"
_ID_OCTETS = 4
_NONCE_OCTETS = 12  # NIST SP 800-38D §8.2.2: a random nonce of 96 bits
_NONCE = len(MARK) + _ID_OCTETS
_CIPHERTEXT = _NONCE + _NONCE_OCTETS

log = structlog.get_logger("mailbot.store")


class Sealer:
    """Encrypts with the newest key of the key file, and decrypts with any.  The file is read when it is needed."""

    def __init__(self, key_file: Path) -> None:
        self.path = key_file
        self._file = KeyFile(key_file, "the reply tokens")
        self._ciphers: Mapping[bytes, AESGCM] = {}
        self._newest = b""

    def _read(self) -> None:
        """Raises Permanent."""
        keys = [_derived(key.octets) for key in self._file.read()]
        self._ciphers = {_identifier(key): AESGCM(key) for key in keys}
        self._newest = next(iter(self._ciphers))

    def use_newest(self) -> None:
        """Read the key file again: another key may be the first.  Raises Permanent."""
        self._file.create_if_missing(new_key())
        self._read()

    def seal(self, place: str, octets: bytes) -> bytes:
        """`octets` encrypted for a place (`place_of`); b"" stays b"".  Raises Permanent without a usable key file."""
        if not octets:
            return b""
        if not self._newest:
            self.use_newest()
        nonce = token_bytes(_NONCE_OCTETS)
        ciphertext = self._ciphers[self._newest].encrypt(nonce, octets, place.encode())
        return b"".join((MARK, self._newest, nonce, ciphertext))

    def open(self, place: str, sealed: bytes) -> bytes | None:
        """What was sealed for this place; None, with a line on stderr, when it cannot be decrypted."""
        if not sealed:
            return b""
        if not self.knows(sealed):
            log.critical("not-decrypted", place=place, note=f"its key is not in {self.path}")
            return None
        cipher = self._ciphers[sealed[len(MARK) : _NONCE]]
        try:
            return cipher.decrypt(sealed[_NONCE:_CIPHERTEXT], sealed[_CIPHERTEXT:], place.encode())
        except InvalidTag:
            log.critical("not-decrypted", place=place, note="it was changed, or moved from another place")
            return None

    def knows(self, sealed: bytes) -> bool:
        """Whether the key of a sealed value is in the key file, which is read again for a key that is new here."""
        identifier = sealed[len(MARK) : _NONCE]
        if not sealed.startswith(MARK):
            return False
        if identifier not in self._ciphers and self.path.exists():
            self._read()
        return identifier in self._ciphers

    def is_newest(self, sealed: bytes) -> bool:
        """Whether a value is sealed with the newest key."""
        return sealed.startswith(MARK + self._newest)


def _derived(key: bytes) -> bytes:
    return HKDF(SHA256(), KEY_OCTETS, salt=None, info=_PURPOSE).derive(key)


def _identifier(key: bytes) -> bytes:
    return sha256(key).digest()[:_ID_OCTETS]


def place_of(table: str, column: str, row: object) -> str:
    """Where a value is.  `row`: what names the row for good, before it is inserted too."""
    return f"{table}.{column}:{row}"


def seal(field: Any, row: object, octets: bytes) -> bytes:
    """`octets` for a column (a peewee field) of the open store.  Raises Permanent without a usable key file."""
    return _sealer(field).seal(_place(field, row), octets)


def seal_text(field: Any, row: object, text: str) -> str:
    """The same for a text column."""
    return base64.b64encode(seal(field, row, storable(text).encode())).decode("ascii")


def seal_json(field: Any, row: object, value: Any) -> str:
    """The same for a JSON column, which then holds a string."""
    return seal_text(field, row, json.dumps(value, ensure_ascii=False))


def opened(field: Any, row: object, stored: bytes) -> bytes | None:
    """What `seal` has made `stored` of; None when it cannot be decrypted."""
    return _sealer(field).open(_place(field, row), bytes(stored))


def opened_text(field: Any, row: object, stored: str) -> str | None:
    """What `seal_text` has made `stored` of; None when it cannot be decrypted."""
    octets = opened(field, row, octets_of(stored))
    return octets.decode() if octets is not None else None


def opened_json(field: Any, row: object, stored: str) -> Any:
    """What `seal_json` has made `stored` of; None when it cannot be decrypted."""
    text = opened_text(field, row, stored)
    return json.loads(text) if text else None


def octets_of(text: str) -> bytes:
    """The octets of a text column; text that is not sealed gives b"?", which is not either."""
    try:
        return binascii.a2b_base64(text, strict_mode=True) if isinstance(text, str) else b"?"
    except ValueError:
        return b"?"


def _sealer(field: Any) -> Sealer:
    sealer: Sealer = field.model._meta.database.obj.sealer
    return sealer


def _place(field: Any, row: object) -> str:
    return place_of(field.model._meta.table_name, field.column_name, row)
