"""What the commands print for people and for programs: words, local times, nearest names; JSON of a fixed shape."""

import json
import re
from pathlib import Path

import click
import pytest

from mailbot.cli import COMMANDS, cli
from mailbot.commands import completion as completions
from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_folder import init, take_in

ROOT = Path(__file__).parents[2]
APPLICATION = {
    *("number", "state", "procedure", "office", "revision", "submitted_at", "decided_at", "held", "taken_by"),
    *("view_period", "start_date", "in_effect_at", "contract", "content", "steps"),
}
ROW = {
    *("number", "at", "done_at", "disposition", "id", "direction", "sender", "recipient", "subject", "message_id"),
    *("reason", "detail", "office", "receipt", "inbox_id", "outbox_id", "text"),
}
INQUIRY = {
    *(
        "answered_at",
        "answered_by",
        "audience",
        "concern",
        "late",
        "name",
        "number",
        "office",
        "promised_on",
        "receipt",
    ),
    *("received_at", "sender", "state", "words"),
}
QUARANTINED = {"number", "arrived", "quarantined", "reason", "sender", "recipients", "subject"}
# Command → the keys of the document, or of each row of a list.  Programs read them: add keys, and change none.
SHAPES: dict[str, set[str]] = {
    "applications list": APPLICATION,
    "applications show 2600001C": APPLICATION | {"notified", "notices"},
    "log list": ROW,
    "log show 1": {"rows", "notices"},
    "log balance": {"waiting", "counts", "faults"},
    "log verify": {"rows", "first_wrong", "head"},
    "outbox list": {"id", "at", "state", "kind", "recipient", "attempts", "next_attempt_at", "answer"},
    "quarantine list": QUARANTINED,
    "stats": {"applications", "decisions", "inquiries", "mails", "waiting"},
    "doctor": {"config", "store", "waiting", "findings"},
    "templates list --all": {"name", "state", "changed"},
}
_LOGIN = {"email", "password", "totp_key", "totp_uri"}
_IMPORT = {"import", "written_at", "added", "changed", "removed", "kept", "left", "unchanged"}
# The others, in an order in which each works; `rows` that may be none have no keys here.
ACTIONS: dict[str, set[str]] = {
    "init another --sample": {"config", "next"},
    "register export r.toml": {"file", "offices"},
    "register import changed.toml --yes": _IMPORT,
    "register imports": {
        *(
            "number",
            "at",
            "who",
            "file",
            "sha256",
            "added",
            "changed",
            "removed",
            "undoes",
            "finished_at",
            "kept_changes",
        )
    },
    "register restore 1 --yes": _IMPORT,
    "schedule import s.toml": {"days"},
    "schedule list": {"deadline", "start"},
    "form password_reset NAC001": {"procedure", "office", "form"},
    "explain m.eml": {
        *("about", "asks for", "assumed", "charset", "evidence", "from", "lines", "mail", "read as", "subject"),
        *("would be", "would send"),
    },
    "corpus eml": {"charset", "kind", "losses", "milliseconds", "name", "reason", "words"},
    "replay --since 30d": {"different", "read"},
    "inquiries list": INQUIRY,
    "inquiries show 4": INQUIRY,
    "inquiries close 4": {"closed"},
    "office pause NAC001": {"office", "paused"},
    "office paused": {"office", "since", "reason"},
    "office resume NAC001": {"office", "paused"},
    "login add a@b.example --name X --role reader": _LOGIN,
    "login list": {"email", "name", "roles", "sessions", "since"},
    "login password a@b.example": {"email", "password"},
    "login reset a@b.example": {"email", "totp_key", "totp_uri"},
    "login remove a@b.example": {"email", "removed"},
    "log search 申込": ROW,
    "log export 申込 --format csv --output y.csv": {"without_content", "written"},
    "audit list": {"about", "at", "kind", "what", "who"},
    "quarantine show 3": QUARANTINED | {"detail", "envelope", "header", "meaning"},
    "quarantine release 3": {"number", "released", "problem"},
    "outbox retry --all": {"not_found", "readdressed", "retried"},
    "backup b.mailbot": {"file", "rows"},
    "upgrade": {"backups", "upgraded"},
    "clock accept": {"accepted"},
    "keys rotate": {"resealed", "resealed_mails"},
    "procedures list": set(),
    "templates copy notices/received.ja": {"path"},
    "templates diff": {"name", "state", "theirs", "yours"},
    "templates preview notices/received.ja": {"enclosures", "html", "sample", "subject", "text"},
    "templates check": set(),
    "new-procedure address_change --title x --title-en y": {"folder", "next"},
}
# They run until they are ended, print a document for another program, or need a set-up of their own in their tests.
WITHOUT = {
    *("serve", "demo", "man", "completion", "quickstart", "migrate", "restore", "purge", "keys lost"),
    *("applications reopen", "applications revoke", "procedures check", "quarantine discard", "outbox stop"),
}
REPR = re.compile(r"\bNone\b|\bTrue\b|\bFalse\b|datetime|\w+\(\w+=|\{'|T\d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with an application, an undelivered answer and a quarantined mail."""
    folder = tmp_path_factory.mktemp("desk")
    init(folder, "--sample", "--phone", "")
    take_in(folder, [("taro@naxtrade.example", "申込", FORM)])
    take_in(folder, [("taro@naxtrade.example", "状況", "状況\n")], delivered=False)
    take_in(folder, [("somebody@example.org", "hello", "質問です。NAC001 の件\n")])
    config = folder / "config.toml"
    config.write_text(config.read_text().replace('language = "en"', 'language = "ja"'))
    return folder


@pytest.fixture
def japanese(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("MAILBOT_DESK_LANGUAGE", raising=False)


@pytest.mark.usefixtures("japanese")
def test_tables_are_for_people(desk: Path) -> None:
    printed = {words: mailbot(desk, *words.split(), printed=True) for words in SHAPES}
    assert {words: found[0] for words, text in printed.items() if (found := REPR.findall(text))} == {}
    for words, says in {
        "applications list": r"番号 +状態 .*\n2\d00001C +受付 +NAC001 +パスワード初期化 +通関 太郎 +\d{4}-\d\d-\d\d \d\d:\d\d",
        "log list": r"処理済み .*受付完了",
        "outbox list": r"不達 +回答",
        "quarantine list": r"番号 +受信 +理由",
        "stats": r"パスワード初期化 +受付 +1",
        "schedule list": "該当なし",
    }.items():
        assert re.search(says, printed.get(words) or mailbot(desk, *words.split()), re.S), words


def test_every_heading_has_its_words() -> None:
    """But for the tables of developers and of DNS records."""
    words = (ROOT / "templates/command_words.ja.j2").read_text(encoding="utf-8")
    known = {"", "90 %", *re.findall(r"^column\.(.+?) = ", words, re.M)}
    missing = {}
    for path in sorted((ROOT / "mailbot/commands").glob("*.py")):
        tables = re.findall(r"(?:print_table\(\s*|headings = )\[([^\]]*)\]", path.read_text(encoding="utf-8"))
        if path.stem not in ("corpus", "quickstart"):
            missing[path.stem] = {name for one in tables for name in re.findall(r'"([^"]*)"', one)} - known
    assert {stem: names for stem, names in missing.items() if names} == {}


def test_json_has_the_shape_that_programs_read(desk: Path) -> None:
    wrong = {}
    for words, keys in SHAPES.items():
        document = json.loads(mailbot(desk, "--json", *words.split(), printed=True))
        rows = document if isinstance(document, list) else [document]
        if not rows or any(set(row) != keys for row in rows):
            wrong[words] = [sorted(set(row) ^ keys) for row in rows][:1]
    assert wrong == {}


def test_json_of_all_other_commands(tmp_path: Path) -> None:
    """Each prints one document, of a shape that stays."""
    init(tmp_path, "--sample", "--phone", "")
    take_in(tmp_path, [("taro@naxtrade.example", "申込", FORM)])
    take_in(tmp_path, [("taro@naxtrade.example", "状況", "状況\n")], delivered=False)
    take_in(tmp_path, [("somebody@example.org", "hello", "質問です。NAC001 の件\n")])
    take_in(tmp_path, [("taro@naxtrade.example", "質問", "担当の方に質問があります。手数料はいくらでしょうか。\n")])
    mailbot(tmp_path, "register", "export", "changed.toml")
    register = tmp_path / "changed.toml"
    register.write_text(register.read_text().replace("0301234567", "0301234568"))
    (tmp_path / "s.toml").write_text("[[day]]\nstart = 2026-12-10\ndeadline = 2026-12-01\n")
    (tmp_path / "eml").mkdir()
    for file in (tmp_path / "m.eml", tmp_path / "eml/m.eml"):
        file.write_bytes("From: taro@naxtrade.example\r\nTo: desk@desk.example\r\n\r\nヘルプ\r\n".encode())
    wrong = {}
    for words, keys in ACTIONS.items():
        document = json.loads(mailbot(tmp_path, "--json", *words.split(), printed=True))
        rows = document if isinstance(document, list) else [document]
        if (keys and not rows) or any(set(row) != keys for row in rows if keys):
            wrong[words] = [sorted(row) for row in rows][:1]
    assert wrong == {}


def test_json_of_every_command_is_looked_at() -> None:
    found = {path.partition(" ")[2] for path, _ in commands(cli, "mailbot", click.Context(cli))}
    listed = {
        " ".join(word for word in words.split() if word.isalpha() or "-" in word) for words in (*SHAPES, *ACTIONS)
    }
    missing = {one for one in found if not any(words == one or words.startswith(f"{one} ") for words in listed)}
    assert missing == WITHOUT


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("aplications list", "Did you mean 'applications'?; see: mailbot --help"),
        ("log lst", "Did you mean 'list'?"),
        ("applications show --secrts x", "Did you mean '--secrets'?"),
        ("log list --disposition answred", "did you mean answered?"),
        ("outbox list --state fialed", "did you mean failed?"),
        ("form passwrd_reset NAC001", "did you mean password_reset?"),
        ("serve --roles smpt", "did you mean smtp?"),
        ("quarantine list --reason newcommer", "did you mean newcomer?"),
        ("templates copy recieved.ja", "did you mean notices/received.ja.j2?"),
    ],
)
def test_an_error_is_one_line_with_the_nearest_name(desk: Path, words: str, says: str) -> None:
    said = mailbot(desk, *words.split(), code=2)
    assert says in said
    assert said.count("\n") == 1


def test_a_configuration_that_is_not_there_is_said(tmp_path: Path) -> None:
    said = mailbot(tmp_path, "stats", code=1)
    assert f"tried --config, {tmp_path / 'config.toml'} and $MAILBOT_CONFIG" in said


def commands(command: click.Command, path: str, context: click.Context) -> list[tuple[str, click.Command]]:
    if not isinstance(command, click.Group):
        return [(path, command)]
    subs = ((name, command.get_command(context, name)) for name in command.list_commands(context))
    return [one for name, sub in subs if sub is not None for one in commands(sub, f"{path} {name}", context)]


def test_every_command_has_an_example() -> None:
    found = commands(cli, "mailbot", click.Context(cli))
    assert len(found) > len(COMMANDS)
    assert [
        path
        for path, one in found
        if f"Example: {path}" not in (one.help or "").replace("--config desk/config.toml ", "")
    ] == []


def test_completion_and_manual_page(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert completions
    assert "_mailbot_completion" in mailbot(tmp_path, "completion", "bash")
    assert "#compdef mailbot" in mailbot(tmp_path, "completion", "zsh")
    page = mailbot(tmp_path, "man")
    assert page.startswith(".TH MAILBOT 1")
    assert ".SS mailbot templates diff" in page and ".SH EXIT STATUS" in page
    monkeypatch.setenv("_MAILBOT_COMPLETE", "bash_complete")
    monkeypatch.setenv("COMP_WORDS", "mailbot outbox list --state f")
    monkeypatch.setenv("COMP_CWORD", "4")
    assert mailbot(tmp_path) == "plain,failed\n"
