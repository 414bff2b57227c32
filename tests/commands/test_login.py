"""`mailbot login` and `mailbot audit list` at the shell."""

import json
from pathlib import Path

import pytest

from mailbot.commands.qr_code import qr_lines
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


def test_the_key_is_a_qr_code_on_a_terminal(empty_desk: Path) -> None:
    """With its margin and the three finder patterns (ISO/IEC 18004 §6.3.3); in a pipe and where it has no room, none."""
    lines = qr_lines("otpauth://totp/desk:ops@desk.example?secret=JBSWY3DPEHPK3PXP&issuer=desk")
    dark = {"▀": (1, 0), "▄": (0, 1), "█": (1, 1), " ": (0, 0)}
    rows = [[dark[one][half] for one in line] for line in lines for half in (0, 1)]
    assert not any(any(row) for row in rows[:4]) and not any(any(row[:4] + row[-4:]) for row in rows)
    finder = [[1] * 7, [1, 0, 0, 0, 0, 0, 1], *[[1, 0, 1, 1, 1, 0, 1]] * 3, [1, 0, 0, 0, 0, 0, 1], [1] * 7]
    side = len(rows[0]) - 8
    for top, left in ((4, 4), (4, side - 3), (side - 3, 4)):
        assert [row[left : left + 7] for row in rows[top : top + 7]] == finder
    words = ("login", "add", OPS, "--role", "reader")
    wide = on_terminal(empty_desk, *words, environment={"COLUMNS": "100"}).decode()
    assert wide.count("\x1b[30;107m") > 20 and "otpauth://" in wide
    assert "\x1b[30;107m" not in on_terminal(empty_desk, "login", "reset", OPS, environment={"COLUMNS": "50"}).decode()
    assert "▀" not in mailbot(empty_desk, "login", "reset", OPS)
