"""The command line, most of it in the process of the test."""

import json
import os
import re
import smtplib
import socket
import sys
from contextlib import suppress
from dataclasses import dataclass
from email.message import EmailMessage
from pathlib import Path

import pytest

from mailbot.cli import main
from tests.testkit.command_line import mailbot, on_terminal, served
from tests.testkit.desk import FORM


@dataclass(frozen=True)
class Served:
    """A desk that has been started once, and has received one application; what it and a second start said."""

    folder: Path
    process: int
    said: list[str]
    second: str


@pytest.fixture(scope="module")
def was_served(tmp_path_factory: pytest.TempPathFactory) -> Served:
    folder = tmp_path_factory.mktemp("desk")
    assert "wrote config.toml" in mailbot(folder, "init", "--sample")
    service = served(folder)
    with service as port, smtplib.SMTP("127.0.0.1", port, timeout=20) as client:
        second = mailbot(folder, "serve", code=1)
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = "taro@naxtrade.example", "desk@desk.example", "申込"
        mail.set_content(FORM)
        client.send_message(mail)
    return Served(folder, service.process.pid, service.said, second)


@pytest.fixture(scope="module")
def desk(was_served: Served) -> Path:
    """A folder with a desk and the sample register; the desk has received one application."""
    return was_served.folder


def test_start_up_says_loudly_that_senders_are_not_authenticated(was_served: Served) -> None:
    assert any("WARNING: SENDERS ARE NOT AUTHENTICATED" in line for line in was_served.said)


def test_a_store_is_served_once(was_served: Served) -> None:
    assert f"process {was_served.process} serves" in was_served.second


def test_applications(desk: Path) -> None:
    assert re.search(r"2600001C|2[67]00001C", mailbot(desk, "applications", "list"))
    (row,) = json.loads(mailbot(desk, "applications", "list", "--json"))
    assert (row["state"], row["office"], row["content"]["user_ids"]) == ("received", "NAC001", ["1ANACA0A"])
    assert row["submitted_at"].endswith("+09:00")
    shown = mailbot(desk, "applications", "show", row["number"])
    assert "通関 太郎" in shown
    assert "submit" in shown
    assert "expected e.g. 2600001C" in mailbot(desk, "applications", "show", "x", code=2)
    assert "no application 2699999C" in mailbot(desk, "applications", "show", "2699999C", code=2)
    assert "none to be shown" in mailbot(desk, "applications", "show", row["number"], "--secrets")


def test_notices_lie_in_the_folder_while_there_is_no_relay(desk: Path) -> None:
    names = sorted(path.name for path in (desk / "store" / "sent").iterdir())
    assert [name.split("-", 1)[1] for name in names] == [
        "received-taro@naxtrade.example.eml",
        "received-hanako@naxtrade.example.eml",
        "review_request-ichiro@desk.example.eml",
        "review_request-ryoko@desk.example.eml",
    ]


def test_log(desk: Path) -> None:
    rows = json.loads(mailbot(desk, "--json", "log", "list"))
    assert [(r["direction"], r["disposition"]) for r in rows] == [("in", "carried_out"), *[("out", "sent")] * 4]
    assert [r["number"] for r in rows] == ["1", "n1", "n2", "n3", "n4"]
    assert "registered: yes" in mailbot(desk, "log", "show", "1")


def test_form(desk: Path) -> None:
    form = mailbot(desk, "form", "password_reset", "nac001")
    assert "手続：パスワード初期化" in form
    assert "[ ] 1ANACA0B（net）" in form
    assert "there are: broker_id_addition, mailbox_change, password_reset" in mailbot(
        desk, "form", "x", "NAC001", code=2
    )


@pytest.mark.parametrize(
    "words",
    [
        ("form", "password_reset"),
        ("office", "pause"),
        ("applications", "list", "--office"),
        ("log", "list", "--office"),
    ],
)
def test_an_office_that_is_not_there(desk: Path, words: tuple[str, ...]) -> None:
    assert re.search("no office NAC01 in .*; did you mean NAC001", mailbot(desk, *words, "nac01", code=2))


def test_every_option_has_its_description(desk: Path) -> None:
    assert re.findall(r"\n\.TP\n(\\-.*)\n(?:\n|\.)", mailbot(desk, "man")) == []


def test_explain_changes_nothing(desk: Path, tmp_path: Path) -> None:
    before = mailbot(desk, "--json", "log", "list")
    mail = tmp_path / "x.eml"
    mail.write_bytes(
        b"From: taro@naxtrade.example\r\nTo: desk@desk.example\r\nContent-Type: text/plain; charset=iso-8859-1\r\n\r\n"
        + FORM.replace("A0A", "A0B").encode()
    )
    said = json.loads(mailbot(desk, "--json", "explain", str(mail)))
    assert said["would be"] == "carried_out (submitted)"
    assert "received → taro@naxtrade.example" in said["would send"]
    assert any("utf-8" in note for note in said["assumed"])
    assert mailbot(desk, "--json", "log", "list") == before
    assert {"text": "識別番号：A0B", "kind": "field", "source": "", "name": "user_ids"} in said["lines"]
    printed = mailbot(desk, "explain", str(mail))
    assert "would be" in printed
    assert "field (user_ids)                   │ 識別番号：A0B\n" in printed, "without colour: no terminal"


def _without_its_time(file: Path) -> str:
    head, last, rest = file.read_text().split("\n", 2)
    assert head.startswith("written_at = ") and last == "last_import = 0"
    return rest


@pytest.mark.parametrize("ending", ["toml", "csv", "xlsx"])
def test_the_register_there_and_back(desk: Path, tmp_path: Path, ending: str) -> None:
    file, again = tmp_path / f"register.{ending}", tmp_path / "again.toml"
    mailbot(desk, "register", "export", str(file))
    assert "nothing to change" in mailbot(desk, "register", "import", str(file))
    mailbot(desk, "register", "export", str(again))
    mailbot(desk, "register", "export", str(tmp_path / "first.toml"))
    assert _without_its_time(again) == _without_its_time(tmp_path / "first.toml")
    assert "sample-NAC001" not in again.read_text()


def test_a_register_with_problems_changes_nothing(desk: Path, tmp_path: Path) -> None:
    file = tmp_path / "register.toml"
    file.write_text('[[office]]\ncode = "X"\nnmae = "x"\n[[reviewer]]\nname = "x"\nemail = "x"\ncategories = ["D"]\n')
    said = mailbot(desk, "register", "import", str(file), code=1)
    for part in ("office X: company: missing", "did you mean name?", "administrator: missing", "categories"):
        assert part in said


def test_doctor(desk: Path) -> None:
    assert "WARNING  SENDERS ARE NOT AUTHENTICATED" in mailbot(desk, "doctor")


def test_doctor_on_a_terminal(desk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    variables = {"MAILBOT_RELAY_HOST": "127.0.0.1", "MAILBOT_RELAY_PORT": port, "PATH": os.environ["PATH"]}
    written = on_terminal(desk, "doctor", code=1, environment=variables).decode()
    assert f"BROKEN   the relay 127.0.0.1:{port} does not answer" in written


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("nonsense",), 2, "No such command"),
        (("serve", "--roles", "fax"), 2, "expected some of"),
        (("applications", "list"), 1, "there is no store"),
        (("--config", "missing.toml", "doctor"), 1, "no such file"),
        (("init", "/proc/desk"), 1, "/proc/desk: No such file or directory"),
    ],
)
def test_errors_are_one_line_with_what_to_do(tmp_path: Path, words: tuple[str, ...], code: int, says: str) -> None:
    assert says in mailbot(tmp_path, *words, code=code)


def test_init_does_not_overwrite(desk: Path) -> None:
    assert "exists already" in mailbot(desk, "init", code=2)


def test_every_command_has_help_with_an_example(desk: Path) -> None:
    from mailbot.cli import COMMANDS

    listed = mailbot(desk, "--help")
    assert all(name in listed for name in COMMANDS)
    for words in (
        "init",
        "serve",
        "demo",
        "form",
        "explain",
        "doctor",
        "register import",
        "applications show",
        "log list",
    ):
        assert "Example: mailbot" in mailbot(desk, *words.split(), "--help")


def test_form_as_a_file(desk: Path, tmp_path: Path) -> None:
    file = tmp_path / "form.xlsx"
    mailbot(desk, "form", "mailbox_change", "NAC001", "--format", "xlsx", "--output", str(file))
    assert file.read_bytes().startswith(b"PK")
    mailbot(desk, "form", "mailbox_change", "NAC001", "--format", "csv", "--output", str(tmp_path / "form.csv"))
    assert "廃止するメールボックスID" in (tmp_path / "form.csv").read_text(encoding="utf-8-sig")
    assert "--output form.csv" in mailbot(desk, "form", "mailbox_change", "NAC001", "--format", "csv", code=2)


def test_schedule(desk: Path, tmp_path: Path) -> None:
    file = tmp_path / "schedule.csv"
    file.write_text("申込締切日,システム登録日\n2026-11-24,2026-12-01\n", encoding="utf-8")
    assert "imported 1 days" in mailbot(desk, "schedule", "import", str(file))
    assert json.loads(mailbot(desk, "--json", "schedule", "list")) == [
        {"deadline": "2026-11-24", "start": "2026-12-01"}
    ]
    file.write_text("nothing", encoding="utf-8")
    assert "expected the columns" in mailbot(desk, "schedule", "import", str(file), code=1)
    assert "2026-12-01" in mailbot(desk, "schedule", "list")


def test_new_procedure_says_what_a_name_is(desk: Path) -> None:
    said = mailbot(desk, "new-procedure", "Bad Name", "--title", "x", "--title-en", "y", code=2)
    assert "expected small letters" in said


def test_an_application_shows_what_became_of_its_notices(desk: Path) -> None:
    shown = json.loads(mailbot(desk, "--json", "applications", "show", "2600001C"))
    assert [(n["kind"], n["recipient"], n["state"]) for n in shown["notices"]][:2] == [
        ("received", "taro@naxtrade.example", "sent"),
        ("received", "hanako@naxtrade.example", "sent"),
    ]
    assert shown["notified"] is True
    assert (shown["start_date"], shown["contract"]) == (None, [])
    assert "hanako@naxtrade.example" in mailbot(desk, "applications", "show", "2600001C")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux has it")
def test_an_output_that_is_full_is_one_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with Path("/dev/full").open("w", encoding="utf-8", buffering=1) as full, suppress(OSError):
        monkeypatch.setattr(sys, "argv", ["mailbot", "--help"])
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(SystemExit) as ended:
            main()
        assert ended.value.code == 1
        assert capsys.readouterr().err == "mailbot: the output cannot be written: No space left on device\n"
        full.close()
