"""Key files: secret keys as hexadecimal digits, one key a line, newest first, readable by the owner alone.

A line is `HEX`, or `NAME HEX` in a file of named keys.  Keys have at least 256 bits, from the random number generator
of the operating system.
"""

import contextlib
import os
import secrets
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from mailbot.errors import Permanent
from mailbot.files import create_once, make_folder, not_permitted, replacing

KEY_OCTETS = 32


@dataclass(frozen=True)
class Key:
    """A secret key.  Its `repr` does not show the octets."""

    octets: bytes = field(repr=False)
    name: str = ""  # without white space; "" in a file of unnamed keys

    @property
    def line(self) -> str:
        return f"{self.name} {self.octets.hex()}\n" if self.name else f"{self.octets.hex()}\n"


def new_key(name: str = "") -> Key:
    """A random key."""
    return Key(secrets.token_bytes(KEY_OCTETS), name)


class KeyFile:
    """One key file.  Every method raises Permanent when the file cannot be used, with a text for the operators."""

    def __init__(self, path: Path, purpose: str, *, named: bool = False) -> None:
        """`purpose`: what the keys are for, in error texts; `named`: whether each line begins with a name."""
        self.path = path
        self._purpose = purpose
        self._named = named

    def create_if_missing(self, first: Key) -> None:
        """Create the file, and its folder with mode 0700.  An existing file, also one just created, is kept."""
        with self._os_errors():
            if not self.path.exists():
                make_folder(self.path.parent, 0o700)
                create_once(self.path, first.line.encode("ascii"))

    def read(self) -> tuple[Key, ...]:
        """The keys, newest first; at least one.

        Raises Permanent when the file is missing, readable by group or others, or has a line that is not a key.
        """
        with self._os_errors(), self.path.open("rb") as file:
            shared = os.fstat(file.fileno()).st_mode & 0o077
            content = file.read()
        if shared:
            raise Permanent(
                f"{self.path}: the key of {self._purpose} can be read by others; run: chmod 600 {self.path}"
            )
        try:
            keys = tuple(self._parse(content.decode("ascii")))
        except ValueError:
            keys = ()
        if not keys or any(len(key.octets) < KEY_OCTETS for key in keys):
            raise Permanent(f"{self.path}: not a key file of mailbot; restore it from where you keep a copy")
        return keys

    def _parse(self, text: str) -> Iterator[Key]:
        """Raises ValueError."""
        if not self._named:
            yield from (Key(bytes.fromhex(digits)) for digits in text.split())
            return
        for line in text.splitlines():
            name, digits = line.split()
            yield Key(bytes.fromhex(digits), name)

    def replace(self, keys: Iterable[Key]) -> None:
        """Replace the content atomically, then overwrite the previous file with zeros: removed keys must be gone.

        A file system that does not write in place (copy on write), and flash memory, may still keep the old octets.
        """
        with self._os_errors(), self.path.open("r+b") as previous:
            with replacing(self.path) as file:
                file.write("".join(key.line for key in keys).encode("ascii"))
            previous.write(b"\0" * os.fstat(previous.fileno()).st_size)
            previous.flush()
            os.fsync(previous.fileno())

    @contextlib.contextmanager
    def _os_errors(self) -> Iterator[None]:
        try:
            yield
        except PermissionError as error:
            raise Permanent(not_permitted(self.path)) from error
        except OSError as error:
            raise Permanent(f"{self.path}: the key of {self._purpose} cannot be used ({error.strerror})") from error
