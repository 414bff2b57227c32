"""`mailbot explain` on a terminal: its colours, and what a mail may not do to the terminal."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testkit.command_line import on_terminal
from tests.testkit.desk import FORM
from tests.testkit.desk_folder import init

_COLOUR = re.compile(rb"\x1b\[(?:0|3[0-7])m")  # ECMA-48 8.3.117
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]")
# Red; the title of the window; the clipboard; back over what is printed; CSI as one character; the order reversed.
_ATTACKS = "\x1b[31m \x1b]0;title\x07 \x1b]52;c;eA==\x1b\\ 承認\x08\x08 \x9b2J \u202e \x00 \x7f"
_TEXT = f"お世話になっております。\n修正\n{FORM}\nよろしく{_ATTACKS}\n別件です{_ATTACKS}\n\n> 引用です{_ATTACKS}\n\n-- \n通関 太郎{_ATTACKS}\n"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with the sample register, and `x.eml` with control characters in its subject and its text."""
    folder = tmp_path_factory.mktemp("desk")
    init(folder, "--sample")
    head = f"From: taro@naxtrade.example\r\nTo: desk@desk.example\r\nSubject: {_ATTACKS}\r\n"
    head += "Message-ID: <1@naxtrade.example>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    (folder / "x.eml").write_bytes((head + _TEXT).encode())
    return folder


@pytest.fixture(scope="module")
def written(folder: Path) -> bytes:
    """What the terminal gets."""
    return on_terminal(folder, "explain", "x.eml")


def test_each_kind_of_line_has_its_colour_on_a_terminal(written: bytes) -> None:
    lines = written.decode().splitlines()
    found = {}
    for line in lines:
        if match := re.match(r"(?:\x1b\[(3\d)m)?([a-z][a-z ]*?) (?:\([^)]*\) )?\s*│", line):
            found[match[2].strip()] = match[1]
            assert line.endswith("\x1b[0m"), "the colour ends with the line"
    assert found == {
        "command": "36",
        "field": "32",
        "title": None,
        "other words": "33",
        "quote": "34",
        "signature": "35",
        "courtesy": None,
    }


def test_no_control_character_of_a_mail_reaches_the_terminal(written: bytes) -> None:
    assert b"\x1b[31m" not in written
    shown = _COLOUR.sub(b"", written).decode().replace("\r\n", "\n")
    assert _CONTROL.findall(shown) == []
    assert shown.count("別件です") == 1
    assert r"別件です\x1b[31m \x1b]0;title\x07" in shown, "they are shown as escapes"


def test_no_colour_with_no_color(folder: Path) -> None:
    written = on_terminal(folder, "explain", "x.eml", environment={"NO_COLOR": "1"})
    assert b"\x1b" not in written
    assert "識別番号：A0A".encode() in written


def test_no_colour_in_a_pipe(folder: Path) -> None:
    command = [sys.executable, "-m", "mailbot", "explain", "x.eml"]
    piped = subprocess.run(command, cwd=folder, capture_output=True, timeout=60, check=True)
    assert b"\x1b" not in piped.stdout + piped.stderr
    assert "識別番号：A0A".encode() in piped.stdout
