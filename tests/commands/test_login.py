"""`mailbot login` and `mailbot audit list` at the shell."""

import json
from pathlib import Path

import pytest

from tests.testkit.command_line import mailbot
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
