"""The key file of reply tokens: new tokens are made with the newest key, the older keys still verify theirs."""

from pathlib import Path

from mailbot.key_files import KeyFile, new_key

MOST_KEYS = 4  # tokens of the keys before these have expired


def read_token_keys(path: Path) -> tuple[bytes, ...]:
    """The keys, newest first; the file is created when it is missing.

    Raises Permanent when it cannot be used: see `KeyFile.read`.
    """
    file = _key_file(path)
    file.create_if_missing(new_key())
    return tuple(key.octets for key in file.read())


def add_token_key(path: Path) -> None:
    """Put a new key first and remove those beyond MOST_KEYS.  Raises Permanent: see `KeyFile`."""
    file = _key_file(path)
    file.create_if_missing(new_key())
    file.replace((new_key(), *file.read())[:MOST_KEYS])


def _key_file(path: Path) -> KeyFile:
    return KeyFile(path, "the reply tokens")
