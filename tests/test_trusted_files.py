"""Whose files are taken for those of the user: T-101."""

import grp
import os
from pathlib import Path
from types import SimpleNamespace

import pytest

from mailbot.trusted_files import distrust
from tests.testkit.other_people import give_away

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


@pytest.mark.parametrize(("members", "is_safe"), [([], True), (["somebody"], False)])
def test_a_group_of_nobody_else_may_write(
    file: Path, monkeypatch: pytest.MonkeyPatch, members: list[str], is_safe: bool
) -> None:
    """With a umask of 002, and a group for each user."""
    file.chmod(0o664)
    monkeypatch.setattr(grp, "getgrgid", lambda _: SimpleNamespace(gr_mem=members))
    monkeypatch.setattr("pwd.getpwuid", lambda _: SimpleNamespace(pw_name="taro"))
    monkeypatch.setattr("pwd.getpwall", lambda: [SimpleNamespace(pw_name="taro", pw_gid=file.stat().st_gid)])
    assert (distrust(file) == "") is is_safe
    monkeypatch.setattr("pwd.getpwall", lambda: [SimpleNamespace(pw_name="jiro", pw_gid=file.stat().st_gid)])
    assert distrust(file) == OTHERS.format(0o664)


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
