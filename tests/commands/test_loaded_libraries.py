"""Which libraries the commands load: each takes longer to import than most commands need for their work."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_folder import init, take_in

# Names of sys.modules.  Not named: click, pydantic, peewee and cryptography, without which no store can be opened.
PRINTING = {"reportlab", "PIL", "icalendar", "jinja2", "openpyxl"}
NETWORK = {
    *("psycopg", "asyncio", "ssl", "aiosmtpd", "aiosmtplib", "imapclient", "uvicorn", "starlette", "h11"),
    *("spf", "dns", "trio", "httpx", "schedule"),
}
READING = {"lxml", "inscriptis", "flufl", "authres"}
LOGGING = {"structlog", "rich"}
ALL = PRINTING | NETWORK | READING | LOGGING

# Run in one process, one after another: what one of them loads is found in any case.
GROUPS: dict[str, tuple[set[str], list[str]]] = {
    "help": (
        ALL | {"pydantic", "peewee", "cryptography", "mailbot.records", "mailbot.desk"},
        ["--help", "--version"],
    ),
    "lists": (
        ALL,
        [
            "applications list",
            "log list",
            "log search 申込",
            "log verify",
            "log balance",
            "outbox list",
            "quarantine list",
            "inquiries list",
            "schedule list",
            "stats",
            "register export exported.toml",
            "backup copy.sqlite3",
        ],
    ),
    "doctor": (PRINTING | LOGGING, ["doctor"]),
    "forms": (NETWORK | LOGGING, ["form password_reset NAC001 --format xlsx --output form.xlsx"]),
    "one application": (ALL - READING, ["applications show RECEIPT"]),
    "explain": (ALL - READING - PRINTING | {"reportlab", "icalendar", "openpyxl"}, ["explain mail.eml"]),
}

PROGRAM = """
import contextlib, io, shlex, sys
from mailbot import cli
for line in sys.argv[2:]:
    sys.argv = ["mailbot", *shlex.split(line)]
    with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
        try:
            cli.main()
        except SystemExit as ended:
            assert ended.code == 0, line
print(*sys.modules)
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("desk")
    init(made, "--sample")
    take_in(made, [("taro@naxtrade.example", "申込", FORM)])
    (made / "mail.eml").write_bytes(b"From: taro@naxtrade.example\nTo: desk@desk.example\nSubject: help\n\nhelp\n")
    return made


@pytest.mark.parametrize("group", GROUPS)
def test_commands_load_only_what_they_use(group: str, folder: Path) -> None:
    forbidden, commands = GROUPS[group]
    if any("RECEIPT" in command for command in commands):
        (row,) = json.loads(mailbot(folder, "applications", "list", "--json"))
        commands = [command.replace("RECEIPT", row["number"]) for command in commands]
    run = subprocess.run(
        [sys.executable, "-c", PROGRAM, "", *commands], cwd=folder, capture_output=True, text=True, check=True
    )
    loaded = set(run.stdout.split())
    assert "mailbot.cli" in loaded, run.stderr
    assert forbidden & loaded == set(), run.stderr
