"""Whose files are taken for those of the user: T-101."""

import grp
import os
import stat
from pathlib import Path
from struct import pack
from types import SimpleNamespace

import pytest

from mailbot.trusted_files import distrust
from tests.testkit.other_people import give_away

NO_ID = 0xFFFFFFFF  # of an entry of an ACL that names nobody
OTHERS = "can be written by others than its owner (mode {:04o})"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "file"
    path.touch(0o600)
    return path


@pytest.mark.parametrize(
    ("mode", "is_safe"), [(0o600, True), (0o644, True), (0o640, True), (0o646, False), (0o602, False), (0o666, False)]
)
def test_modes_of_a_file(file: Path, mode: int, is_safe: bool) -> None:
    file.chmod(mode)
    assert distrust(file) == ("" if is_safe else OTHERS.format(mode))


@pytest.mark.parametrize(("mode", "is_safe"), [(0o755, True), (0o757, False), (0o1777, True)])
def test_modes_of_a_folder(tmp_path: Path, mode: int, is_safe: bool) -> None:
    tmp_path.chmod(mode)
    assert distrust(tmp_path) == ("" if is_safe else OTHERS.format(mode))
    tmp_path.chmod(0o700)


TARO, JIRO, ROOT = 1001, 1002, 0
USERS = {TARO: ("taro", 1001), JIRO: ("jiro", 1002), ROOT: ("root", 0)}  # user ID → name, primary group


@pytest.mark.parametrize(
    ("owner", "group", "name", "members", "listed", "is_safe"),
    [
        (TARO, 1001, "taro", [], {}, True),
        (TARO, 1001, "taro", ["taro"], {}, True),
        (ROOT, 1001, "taro", [], {}, True),  # a volume of Kubernetes with fsGroup
        (ROOT, 0, "root", [], {}, True),
        (TARO, 1001, "taro", ["jiro"], {}, False),
        (TARO, 1001, "taro", [], {JIRO: ("jiro", 1001)}, False),
        (TARO, 1001, "domain users", [], {}, False),  # of a directory service that lists no users
        (TARO, 1003, "taro", [], {}, False),
        (TARO, 1002, "jiro", [], {}, False),
        (TARO, 1009, "", [], {}, False),
    ],
)
def test_a_users_own_group_may_write(
    file: Path,
    monkeypatch: pytest.MonkeyPatch,
    owner: int,
    group: int,
    name: str,
    members: list[str],
    listed: dict[int, tuple[str, int]],
    is_safe: bool,
) -> None:
    """With a umask of 002, and a group for each user."""

    groups = {group: SimpleNamespace(gr_name=name, gr_mem=members)} if name else {}
    users = {number: SimpleNamespace(pw_name=user, pw_gid=gid) for number, (user, gid) in USERS.items()}
    monkeypatch.setattr(grp, "getgrgid", groups.__getitem__)
    monkeypatch.setattr("pwd.getpwuid", users.__getitem__)
    monkeypatch.setattr("pwd.getpwall", lambda: [SimpleNamespace(pw_name=n, pw_gid=g) for n, g in listed.values()])
    monkeypatch.setattr(os, "geteuid", lambda: TARO)
    real = os.stat_result([0o100664, 0, 0, 1, owner, group, 0, 0, 0, 0])
    monkeypatch.setattr(Path, "lstat", lambda _: real)
    monkeypatch.setattr(Path, "stat", lambda _: real)
    assert distrust(file) == ("" if is_safe else OTHERS.format(0o664))


def test_an_acl_hides_who_writes(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """acl(5): with one the bits of the group are its mask."""
    somebody = b"\x02\0\0\0" + b"".join(
        pack("<HHI", *entry) for entry in ((1, 6, NO_ID), (2, 6, 64_123), (4, 4, NO_ID), (16, 6, NO_ID), (32, 4, NO_ID))
    )
    monkeypatch.setattr("mailbot.trusted_files._is_private", lambda *_: True)
    file.chmod(0o664)
    assert distrust(file) == ""
    try:
        os.setxattr(file, "system.posix_acl_access", somebody)
    except OSError:
        pytest.skip("the file system has no ACLs")
    assert stat.S_IMODE(file.stat().st_mode) == 0o664
    assert "it has an ACL" in distrust(file)
    file.chmod(0o644)  # a mask that lets nobody write
    assert distrust(file) == ""


def test_files_of_others_and_links(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link, theirs = file.with_name("link"), file.with_name("theirs")
    link.symlink_to(file)
    theirs.symlink_to(file)
    assert distrust(link) == ""
    give_away(theirs, monkeypatch)
    assert "belongs to " in distrust(theirs)  # who made the link chose the file
    give_away(file, monkeypatch)
    for path in (file, link):
        assert "belongs to " in distrust(path) and "and mailbot runs as " in distrust(path)


def test_those_of_root_are_everybodys(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if file.stat().st_uid != 0:
        pytest.skip("only root has files of root")
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    assert distrust(file) == ""
