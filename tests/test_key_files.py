"""Tests of key_files: which files are read, which are refused, and what replacing one leaves behind."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from mailbot.errors import Permanent
from mailbot.key_files import KEY_OCTETS, Key, KeyFile, new_key

A, B = "0a" * 32, "0b" * 32
KEY_A, KEY_B = bytes.fromhex(A), bytes.fromhex(B)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "keys" / "test.key"


def written(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir()
    path.write_bytes(content)
    path.chmod(mode)
    return path


READ = [  # named, content, the keys
    (False, f"{A}\n", [Key(KEY_A)]),
    (False, f"{A}\n{B}\n", [Key(KEY_A), Key(KEY_B)]),
    (False, f"{A} {B}", [Key(KEY_A), Key(KEY_B)]),
    (False, f"{A}\r\n\r\n", [Key(KEY_A)]),
    (False, f"{A}{B}\n", [Key(KEY_A + KEY_B)]),
    (False, f"{A.upper()}\n", [Key(KEY_A)]),
    (True, f"one {A}\n", [Key(KEY_A, "one")]),
    (True, f"20261125-1f {A}\n1f0a2b3c {B}\n", [Key(KEY_A, "20261125-1f"), Key(KEY_B, "1f0a2b3c")]),
]


@pytest.mark.parametrize(("named", "content", "keys"), READ)
def test_existing_files_are_read(path: Path, named: bool, content: str, keys: list[Key]) -> None:
    file = KeyFile(written(path, content.encode()), "the test", named=named)
    file.create_if_missing(new_key("x" if named else ""))
    assert list(file.read()) == keys
    assert path.read_bytes() == content.encode()


REFUSED = [  # named, content, mode, what the error says
    (False, f"{A}\n", 0o640, "chmod 600"),
    (False, f"{A}\n", 0o604, "chmod 600"),
    (True, f"one {A}\n", 0o620, "chmod 600"),
    (False, "", 0o600, "not a key file"),
    (False, "\n", 0o600, "not a key file"),
    (False, "xyz\n", 0o600, "not a key file"),
    (False, "00" * 31 + "\n", 0o600, "not a key file"),
    (False, f"{A}\n111", 0o600, "not a key file"),
    (False, f"one {A}\n", 0o600, "not a key file"),
    (False, "\0" * 65, 0o600, "not a key file"),
    (True, f"{A}\n", 0o600, "not a key file"),
    (True, f"one {A}\n\n", 0o600, "not a key file"),
    (True, f"one two {A}\n", 0o600, "not a key file"),
    (True, "one 00ff\n", 0o600, "not a key file"),
    (True, f"あ {A}\n", 0o600, "not a key file"),
]


@pytest.mark.parametrize(("named", "content", "mode", "error"), REFUSED)
def test_other_files_are_refused(path: Path, named: bool, content: str, mode: int, error: str) -> None:
    file = KeyFile(written(path, content.encode(), mode), "the test", named=named)
    with pytest.raises(Permanent, match=error):
        file.read()
    assert path.read_bytes() == content.encode()


def test_a_missing_file_is_created_once(path: Path) -> None:
    file = KeyFile(path, "the test")
    with pytest.raises(Permanent, match="No such file"):
        file.read()
    first = new_key()
    file.create_if_missing(first)
    file.create_if_missing(new_key())
    assert file.read() == (first,)
    assert path.read_text() == first.octets.hex() + "\n"
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_of_two_processes_that_create_it_at_once_one_does(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, first = KeyFile(path, "the test"), new_key()
    file.create_if_missing(first)
    monkeypatch.setattr(Path, "exists", lambda _: False)  # as the slower one saw it
    file.create_if_missing(new_key())
    assert file.read() == (first,)


@pytest.mark.parametrize("names", [("", ""), ("new", "old")])
def test_replacing_keeps_the_mode_and_erases_the_previous_file(path: Path, names: tuple[str, str]) -> None:
    file = KeyFile(path, "the test", named=bool(names[0]))
    old, new = Key(KEY_A, names[1]), Key(KEY_B, names[0])
    file.create_if_missing(old)
    with path.open("rb") as previous:
        file.replace([new, old])
        assert file.read() == (new, old)
        file.replace([new])
        assert set(previous.read()) == {0}
    assert path.stat().st_mode & 0o777 == 0o600
    assert list(path.parent.iterdir()) == [path]


def test_a_replacement_that_fails_changes_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = KeyFile(path, "the test")
    file.create_if_missing(new_key())
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(Permanent, match="No space left"):
        file.replace([new_key()])
    assert path.read_bytes() == before and list(path.parent.iterdir()) == [path]


UNUSABLE: dict[str, Callable[[KeyFile], object]] = {
    "create": lambda file: file.create_if_missing(new_key()),
    "read": KeyFile.read,
    "replace": lambda file: file.replace([new_key()]),
}


@pytest.mark.parametrize("method", UNUSABLE)
def test_a_path_that_cannot_be_used(tmp_path: Path, method: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(Permanent, match="the key of the test cannot be used"):
        UNUSABLE[method](KeyFile(tmp_path / "file" / "test.key", "the test"))


def test_keys_are_random_and_not_shown() -> None:
    one, other = new_key("one"), new_key("one")
    assert one.octets != other.octets and len(one.octets) == KEY_OCTETS
    assert one.octets.hex() not in repr(one) and repr(one.octets) not in repr(one)
