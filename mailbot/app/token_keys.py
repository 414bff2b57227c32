"""The keys that make reply tokens: in a file of mode 0600, newest first; the first makes, all are believed."""

import secrets
from pathlib import Path

from mailbot.errors import Permanent
from mailbot.files import make_first, make_folder, replacing

KEY_BYTES = 32
MOST_KEYS = 4  # older ones go: what they have made is expired long since


def read_token_keys(path: Path) -> tuple[bytes, ...]:
    """The keys; the file is made at the first start.

    Raises Permanent when it can be read by others, or holds a line that is no key.
    """
    if not path.exists():
        make_folder(path.parent, 0o700)
        make_first(path, f"{secrets.token_hex(KEY_BYTES)}\n".encode())
    if path.stat().st_mode & 0o077:
        raise Permanent(f"{path}: the key of the reply tokens can be read by others; run: chmod 600 {path}")
    try:
        keys = tuple(bytes.fromhex(line) for line in path.read_text().split())
    except ValueError:
        keys = ()
    if not keys or any(len(key) < KEY_BYTES for key in keys):
        raise Permanent(f"{path}: a key of the reply tokens is no key (32 bytes as 64 hexadecimal digits a line)")
    return keys


def add_token_key(path: Path) -> None:
    """A fresh key in front, the whole file replaced at once.  Raises Permanent."""
    keys = (secrets.token_bytes(KEY_BYTES), *read_token_keys(path))[:MOST_KEYS]
    with replacing(path) as file:
        file.write("".join(f"{key.hex()}\n" for key in keys).encode())
