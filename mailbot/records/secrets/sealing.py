"""Values of the store that contain authority (mails, their recipients, notices): encrypted, with the key outside.

A reply address authorises whoever it was sent to, and a log-in link too; so mails, and what becomes mails, are in the
database as AES-256-GCM ciphertexts (RFC 5116).  Their keys are derived (HKDF, RFC 5869) from those of the reply tokens,
in `store.token_key_file`: without that file there is no token in a copy of the database, and a token is genuine only
with it.  The associated data are the name of the column.

Stored: MARK, or PACKED when the plaintext is packed (`records.packing`), identifier of the key (4 octets),
nonce (12), ciphertext with tag.  Text columns hold that in base64.

Who has a copy of the database sees how long each value is.  Packing a secret together with words that an attacker chose
makes the length depend on both (CRIME, BREACH), and the secret can be guessed when the same one is packed again and
again with other words.  Here that is acceptable: a reply token or link is in one notice alone, made with it and
stored twice or three times within seconds; the words in it are fixed by then, and the secret has 128 random bits.
What is stored of a received mail besides its recipients is as long as its sender has made it, and is not packed.
"""

import base64
import binascii
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from secrets import token_bytes
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mailbot.errors import Permanent
from mailbot.key_files import KEY_OCTETS, KeyFile, new_key
from mailbot.logs import get_logger
from mailbot.records.packing import pack, unpack

KEY_FILE = Path("store/keys/token.key")  # the default of store.token_key_file
MARK = b"\0s1"  # no mail and no text that can be stored begins with it, nor with its base64
PACKED = b"\0s2"  # as long as MARK
_MARKS = (MARK, PACKED)
_TEXT_MARKS = tuple(base64.b64encode(mark).decode("ascii") for mark in _MARKS)
_PURPOSE = b"mailbot: mails in the store"
_ID_OCTETS = 4
_NONCE_OCTETS = 12  # NIST SP 800-38D §8.2.2: a random nonce of 96 bits, for 2³² values of a key
_NONCE = len(MARK) + _ID_OCTETS
_CIPHERTEXT = _NONCE + _NONCE_OCTETS

log = get_logger("mailbot.store")


class Sealer:
    """Encrypts with the newest key of the key file, and decrypts with any.

    The file is read when it is needed, and again when it has changed: a process that runs while keys are rotated uses
    the new one.  Keys that were read once stay in memory, so that a rotation decrypts what it drops from the file.
    """

    def __init__(self, key_file: Path) -> None:
        self.path = key_file
        self._file = KeyFile(key_file, "the reply tokens")
        self._ciphers: dict[bytes, AESGCM] = {}
        self._newest = b""
        self._seen: tuple[int, ...] = ()  # of the file

    def seal(self, column: str, octets: bytes, *, packs: bool = False) -> bytes:
        """`octets` encrypted for a column; b"" stays b"".  Raises Permanent without a usable key file.

        `packs`: whether they are packed before, where that makes them smaller.
        """
        if not octets:
            return b""
        self._refresh()
        if not self._newest:
            self._file.create_if_missing(new_key())
            self._read()
        newest, nonce = self._newest, token_bytes(_NONCE_OCTETS)  # another thread may read a new key file meanwhile
        packed = pack(octets) if packs else None
        mark, plaintext = (MARK, octets) if packed is None else (PACKED, packed)
        ciphertext = self._ciphers[newest].encrypt(nonce, plaintext, _associated(column, mark))
        return b"".join((mark, newest, nonce, ciphertext))

    def open(self, column: str, sealed: bytes) -> bytes | None:
        """What was sealed for this column; None, with a line on stderr, when it cannot be decrypted."""
        if not sealed:
            return b""
        if not self.knows(sealed):
            log.critical("not-decrypted", column=column, note=f"its key is not in {self.path}")
            return None
        mark, cipher = sealed[: len(MARK)], self._ciphers[_key_of(sealed)]
        try:
            plaintext = cipher.decrypt(sealed[_NONCE:_CIPHERTEXT], sealed[_CIPHERTEXT:], _associated(column, mark))
        except InvalidTag:
            log.critical("not-decrypted", column=column, note="the stored octets were changed")
            return None
        return unpack(plaintext) if mark == PACKED else plaintext

    def knows(self, sealed: bytes) -> bool:
        """Whether the key of a sealed value is in the key file."""
        if not sealed.startswith(_MARKS):
            return False
        if _key_of(sealed) not in self._ciphers:
            self._refresh()
        return _key_of(sealed) in self._ciphers

    def is_newest(self, sealed: bytes) -> bool:
        """Whether a value is sealed with the newest key."""
        self._refresh()
        return sealed.startswith(tuple(mark + self._newest for mark in _MARKS))

    def _refresh(self) -> None:
        """Read the file when it has changed.  One that cannot be used is not taken as long as there is a key."""
        with suppress(OSError):  # there is none, or it was removed: `missing_key` says so at the next start
            status = self.path.stat()
            seen = (status.st_ino, status.st_mtime_ns, status.st_size)
            if seen != self._seen:
                try:
                    self._read()
                except Permanent as error:
                    if not self._newest:
                        raise
                    log.critical("key-file-unusable", note=error.detail)
                self._seen = seen

    def _read(self) -> None:
        """Raises Permanent."""
        keys = [HKDF(SHA256(), KEY_OCTETS, salt=None, info=_PURPOSE).derive(key.octets) for key in self._file.read()]
        self._ciphers |= {_identifier(key): AESGCM(key) for key in keys}
        self._newest = _identifier(keys[0])


def _identifier(key: bytes) -> bytes:
    return sha256(key).digest()[:_ID_OCTETS]


def _associated(column: str, mark: bytes) -> bytes:
    """The associated data: a mark that was changed is not opened either."""
    return column.encode() + (b"\0packed" if mark == PACKED else b"")


def _key_of(sealed: bytes) -> bytes:
    return sealed[len(MARK) : _NONCE]


def as_text(sealed: bytes) -> str:
    """A sealed value as a text column has it."""
    return base64.b64encode(sealed).decode("ascii")


def stored_like(stored: Any, sealed: bytes) -> str | bytes:
    """A sealed value as the column of `stored` has it."""
    return as_text(sealed) if isinstance(stored, str) else sealed


def is_sealed(stored: Any) -> bool:
    """Whether a value of a column of text or octets is sealed."""
    if isinstance(stored, str):
        return stored.startswith(_TEXT_MARKS)
    return isinstance(stored, bytes | bytearray | memoryview) and bytes(stored[: len(MARK)]) in _MARKS


def is_packed(sealed: bytes) -> bool:
    """Whether a sealed value was packed before."""
    return sealed.startswith(PACKED)


def sealed_octets(stored: Any) -> bytes:
    """The sealed value in a column of text or octets; of what is not sealed, octets that do not begin with MARK."""
    if not isinstance(stored, str):
        return bytes(stored)
    with suppress(ValueError):  # no base64, which was changed
        return binascii.a2b_base64(stored) if stored.startswith(_TEXT_MARKS) or not stored else b"?"
    return b"?"
