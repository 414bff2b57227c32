"""`mailbot login` and `mailbot audit list` at the shell."""

import json
import re
from pathlib import Path

import pytest

from mailbot.commands.qr_code import on_terminal as on_terminal_of
from tests.testkit.command_line import mailbot, on_terminal
from tests.testkit.desk_folder import init

OPS = "ops@desk.example"


@pytest.fixture
def empty_desk(tmp_path: Path) -> Path:
    """The folder of a desk with the sample register."""
    init(tmp_path, "--sample")
    return tmp_path


def test_a_log_in_from_its_beginning_to_its_end(empty_desk: Path) -> None:
    """Secrets are printed once; each change is a row of the audit log."""
    said = mailbot(empty_desk, "login", "add", OPS, "--name", "運用 三郎", "--role", "operator", "--role", "reader")
    assert "password:" in said and "otpauth://totp/" in said and "shown once" in said
    (listed,) = json.loads(mailbot(empty_desk, "--json", "login", "list"))
    assert (listed["email"], listed["roles"], listed["sessions"]) == (OPS, "operator, reader", 0)
    first = json.loads(mailbot(empty_desk, "--json", "login", "password", "ops@DESK.Example"))
    assert set(first) == {"email", "password"} and first["password"] not in said
    assert set(json.loads(mailbot(empty_desk, "--json", "login", "reset", OPS))) == {"email", "totp_key", "totp_uri"}
    assert "cannot log in any more" in mailbot(empty_desk, "login", "remove", OPS)
    assert json.loads(mailbot(empty_desk, "--json", "login", "list")) == []
    rows = json.loads(mailbot(empty_desk, "--json", "audit", "list", "--about", f"login {OPS}"))
    assert [row["what"].split(" of ")[0] for row in rows] == [
        "added the log-in",
        f"gave a new password to {OPS}",
        "reset the second factor",
        "removed the log-in",
    ]
    assert json.loads(mailbot(empty_desk, "--json", "audit", "list", "--kind", "look")) == []


def test_what_is_wrong_is_said(empty_desk: Path) -> None:
    for words, says in (
        (("add", "ops", "--role", "operator"), "is no e-mail address"),
        (("add", "new@desk.example", "--role", "reviewer"), "is the address of no reviewer"),
        (("remove", OPS), "has no log-in"),
        (("reset", OPS), "has no log-in"),
        (("add", OPS, "--role", "king"), "reader"),
        (("add", OPS), "--role"),
    ):
        assert says in mailbot(empty_desk, "login", *words, code=2), words
    mailbot(empty_desk, "login", "add", "ichiro@desk.example", "--role", "reviewer")
    assert "審査 一郎" in mailbot(empty_desk, "login", "list")
    assert "has a log-in already" in mailbot(
        empty_desk, "login", "add", "ichiro@DESK.example", "--role", "reader", code=2
    )


LIGHT = "\x1b[107m"


def test_the_key_is_a_qr_code_on_a_terminal(empty_desk: Path) -> None:
    """With its margin and the three finder patterns (ISO/IEC 18004 §6.3.3); in a pipe and where it has no room, none."""
    rows = modules("otpauth://totp/desk:ops@desk.example?secret=JBSWY3DPEHPK3PXP&issuer=desk")
    assert not any(any(row) for row in rows[:4]) and not any(any(row[:4] + row[-4:]) for row in rows)
    finder = [[1] * 7, [1, 0, 0, 0, 0, 0, 1], *[[1, 0, 1, 1, 1, 0, 1]] * 3, [1, 0, 0, 0, 0, 0, 1], [1] * 7]
    side = len(rows[0]) - 8
    for top, left in ((4, 4), (4, side - 3), (side - 3, 4)):
        assert [row[left : left + 7] for row in rows[top : top + 7]] == finder
    words = ("login", "add", OPS, "--role", "reader")
    wide = on_terminal(empty_desk, *words, environment={"COLUMNS": "140"}).decode()
    drawn = [line for line in wide.splitlines() if LIGHT in line]
    columns = len(re.sub(r"\x1b\[\d+m", "", drawn[0]))
    assert len(drawn) == columns / 2 > 20 and "otpauth://" in wide
    assert all(re.fullmatch(r"(\x1b\[(40|107)m( {2})+)+\x1b\[0m", line) for line in drawn)  # blanks: two columns each
    for room in (columns, columns - 1):
        said = on_terminal(empty_desk, "login", "reset", OPS, environment={"COLUMNS": str(room)}).decode()
        assert (LIGHT in said) is (room == columns)
        assert (f"no QR code: it needs a terminal of {columns} columns" in said) is (room < columns)
    assert "QR code:" not in mailbot(empty_desk, "login", "reset", OPS)


def modules(text: str) -> list[list[int]]:
    """What a terminal shows of the code: rows of modules, 1 is dark."""
    rows = []
    for line in on_terminal_of(text, columns=200).splitlines():
        runs = re.findall(r"\x1b\[(40|107)m( +)", line)
        rows.append([int(colour == "40") for colour, blanks in runs for _ in range(len(blanks) // 2)])
    return rows
