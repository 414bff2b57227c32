"""What is at rest: every value of every table, and every file, unpacked; and the forms of a secret."""

import base64
import contextlib
import gzip
import json
import quopri
import re
import sys
import zlib
from collections.abc import Iterator
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

from mailbot.records.database import Store
from mailbot.records.maintenance import backup
from mailbot.records.schema.columns import unpacked_text
from tests.testkit.records import NOW

_TABLES = {
    "sqlite": "SELECT name FROM sqlite_master WHERE type = 'table'",
    "postgresql": "SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()",
}


def values_of(store: Store) -> set[bytes]:
    """Every value in every table of both parts, whether the program knows the table or not."""
    found: set[bytes] = set()
    for part in (store, store.intake):
        with part.reading():
            for (table,) in part._connection.execute_sql(_TABLES[part.kind]).fetchall():
                for row in part._connection.execute_sql(f'SELECT * FROM "{table}"').fetchall():
                    found.update(map(_octets, row))
    return found


def _octets(value: Any) -> bytes:
    """Packed text, which is not encrypted, unpacked."""
    if isinstance(value, bytes | memoryview):
        return bytes(value)
    return unpacked_text(str(value)).encode("utf-8", "surrogateescape")


def files_of(folder: Path) -> set[bytes]:
    """The content of every file but those of the keys, also of a database's free pages and write-ahead log."""
    files = (path for path in folder.rglob("*") if path.is_file() and "keys" not in path.parts)
    return {path.read_bytes() for path in files}


def backup_of(store: Store, file: Path) -> set[bytes]:
    """The lines of a backup, and each value in them."""
    backup.write(store, file, NOW)
    lines = gzip.decompress(file.read_bytes()).splitlines()
    return {_octets(value) for line in lines for value in _values(json.loads(line))}


def _values(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from _values(one)
    else:
        yield value


def unpacked(value: bytes) -> Iterator[bytes]:
    """The octets themselves, and what is in them: base64, JSON, zlib and gzip streams, the parts of a mail."""
    inner = list(_inner(value))
    if not inner:
        yield value
    for one in inner:
        yield from unpacked(one)
    if b"\0" in value:
        return
    if re.search(rb"^content-transfer-encoding:", value, re.I | re.M):
        parts = message_from_bytes(value, policy=policy.default).walk()
        yield from (bytes(part.get_payload(decode=True) or b"") for part in parts if not part.is_multipart())
    if b"=\r\n" in value or b"=\n" in value:
        yield quopri.decodestring(value)
    if b"\n" in value:
        yield re.sub(rb"\r?\n[>|\s]*", b"", value)  # as a mail client wraps a long line


def _inner(value: bytes) -> Iterator[bytes]:
    with contextlib.suppress(ValueError):
        if value.startswith((b"{", b"[", b'"')):
            yield from (_octets(one) for one in _values(json.loads(value)))
    with contextlib.suppress(zlib.error):
        if value.startswith((b"\x78", b"\x1f\x8b")):
            yield zlib.decompressobj(47).decompress(value)
    with contextlib.suppress(ValueError):
        if len(value) > 40 and re.fullmatch(rb"[A-Za-z0-9+/\s]+={0,2}\s*", value):
            yield base64.b64decode(value)


def forms_of(secret: str) -> set[bytes]:
    """How a secret may stand in octets: as it is, in capitals, in UTF-16, in hexadecimal digits, in base64."""
    plain = {secret.encode(), secret.upper().encode()}
    wide = {secret.encode("utf-16-le"), secret.encode("utf-16-be")}
    in_hex = {secret.encode().hex().encode(), secret.encode().hex().upper().encode()}
    in_base64 = set()
    for before in range(3):  # whatever octets stand before and after it
        encoded = base64.b64encode(b"x" * before + secret.encode() + b"xxx")
        in_base64.add(encoded[4 if before else 0 : (before + len(secret)) // 3 * 4])
    return plain | wide | in_hex | in_base64


_BLOCK = 8  # octets


def found_in(secrets: dict[str, str], kept: set[bytes]) -> set[str]:
    """What of `secrets` (secret → what it is) can be read in `kept`, in words."""
    everything = b"\0\n\0".join({one for value in kept for one in unpacked(value)})
    whole = len(everything) // _BLOCK * _BLOCK
    blocks = set(memoryview(everything)[:whole].cast("Q"))  # so that few forms are searched for, of hundreds
    found = set()
    for secret, what in secrets.items():
        for form in forms_of(secret):
            if _may_contain(blocks, form) and (at := everything.find(form)) >= 0:
                found.add(f"{what}: …{everything[max(0, at - 60) : at + 4]!r}")
    return found


def _may_contain(blocks: set[int], form: bytes) -> bool:
    """Whether one of the blocks in `form`, at whatever place it begins, is among the aligned `blocks`."""
    if len(form) < 2 * _BLOCK - 1:
        return True
    return any(int.from_bytes(form[at : at + _BLOCK], sys.byteorder) in blocks for at in range(_BLOCK))
