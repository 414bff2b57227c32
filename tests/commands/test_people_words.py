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
from tests.testkit.desk_folder import take_in

APPLICATION = {
    *("number", "state", "procedure", "office", "revision", "submitted_at", "decided_at", "held", "taken_by"),
    *("view_period", "start_date", "in_effect_at", "contract", "content", "steps"),
}
ROW = {
    *("number", "at", "done_at", "disposition", "id", "direction", "sender", "recipient", "subject", "message_id"),
    *("reason", "detail", "office", "receipt", "inbox_id", "outbox_id", "text"),
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
REPR = re.compile(r"\bNone\b|\bTrue\b|\bFalse\b|datetime|\w+\(\w+=|\{'|T\d\d:\d\d:\d\d")


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A desk with an application, an undelivered answer and a quarantined mail."""
    folder = tmp_path_factory.mktemp("desk")
    mailbot(folder, "init", "--sample", "--phone", "")
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


def test_json_has_the_shape_that_programs_read(desk: Path) -> None:
    wrong = {}
    for words, keys in SHAPES.items():
        document = json.loads(mailbot(desk, "--json", *words.split(), printed=True))
        rows = document if isinstance(document, list) else [document]
        if not rows or any(set(row) != keys for row in rows):
            wrong[words] = [sorted(set(row) ^ keys) for row in rows][:1]
    assert wrong == {}


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
