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

# The commands of a group run one after another: what one of them loads is found in any case.
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
    "templates": (ALL - {"jinja2"}, ["templates list --all", "templates copy notices/received.ja", "templates diff"]),
    "forms": (NETWORK | LOGGING, ["form password_reset NAC001 --format xlsx --output form.xlsx"]),
    "one application": (ALL - READING, ["applications show RECEIPT"]),
    "explain": (ALL - READING - PRINTING | {"reportlab", "icalendar", "openpyxl"}, ["explain mail.eml"]),
}

# Each group in a copy of one process, which has loaded the libraries that are not named above; help comes before them.
PROGRAM = """
import contextlib, io, json, os, shlex, sys, tempfile
from mailbot import cli
loaded = {}
for name, commands in json.loads(sys.argv[1]).items():
    if name != "help":
        import mailbot.commands.common, mailbot.config, mailbot.records.database
    with tempfile.TemporaryFile("w+") as modules:
        if not os.fork():
            for line in commands:
                sys.argv = ["mailbot", *shlex.split(line)]
                with contextlib.redirect_stdout(io.TextIOWrapper(io.BytesIO())):
                    try:
                        cli.main()
                    except SystemExit as ended:
                        assert ended.code == 0, line
            json.dump([*sys.modules], modules)
            modules.flush()
            os._exit(0)
        assert os.wait()[1] == 0, name
        modules.seek(0)
        loaded[name] = json.load(modules)
print(json.dumps(loaded))
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("desk")
    init(made, "--sample")
    take_in(made, [("taro@naxtrade.example", "申込", FORM)])
    (made / "mail.eml").write_bytes(b"From: taro@naxtrade.example\nTo: desk@desk.example\nSubject: help\n\nhelp\n")
    return made


@pytest.fixture(scope="module")
def loaded(folder: Path) -> dict[str, list[str]]:
    """Group → the modules that are loaded after its commands."""
    (row,) = json.loads(mailbot(folder, "applications", "list", "--json"))
    commands = {
        group: [line.replace("RECEIPT", row["number"]) for line in lines] for group, (_, lines) in GROUPS.items()
    }
    words = [sys.executable, "-c", PROGRAM, json.dumps(commands)]
    return json.loads(subprocess.run(words, cwd=folder, stdout=subprocess.PIPE, check=True).stdout)  # type: ignore[no-any-return]


@pytest.mark.parametrize("group", GROUPS)
def test_commands_load_only_what_they_use(group: str, loaded: dict[str, list[str]]) -> None:
    forbidden, _ = GROUPS[group]
    assert "mailbot.cli" in loaded[group]
    assert forbidden & set(loaded[group]) == set()
