"""`mailbot log`: one number for a mail everywhere; lists that are true and say when they are cut; search and export."""

import json
import mailbox
from contextlib import closing
from pathlib import Path

import pytest

from tests.testkit.command_line import mailbot
from tests.testkit.desk import FORM
from tests.testkit.desk_folder import init, take_in

TARO, STRANGER = "taro@naxtrade.example", "goro@naxtrade.example"


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Not changed by any test."""
    return filled(tmp_path_factory.mktemp("log"))


@pytest.fixture
def own_desk(tmp_path: Path) -> Path:
    return filled(tmp_path / "desk")


def filled(folder: Path) -> Path:
    """Mail #1 asks for the status, #2 is of a stranger, #3 applies; their notices are delivered, but those of #4."""
    folder.mkdir(exist_ok=True)
    init(folder, "--sample")
    take_in(folder, [(TARO, "状況", "状況"), (STRANGER, "髙橋の件", "承認\nFrom me\n"), (TARO, "申込", FORM)])
    take_in(folder, [(TARO, "ヘルプ", "ヘルプ")], delivered=False)
    return folder


def numbers(desk: Path, *words: str) -> list[str]:
    return [row["number"] for row in json.loads(mailbot(desk, "--json", "log", *words))]


def test_a_mail_has_one_number(desk: Path) -> None:
    assert numbers(desk, "list", "--direction", "in") == ["1", "2", "3", "4"]
    shown = json.loads(mailbot(desk, "--json", "log", "show", "#3"))
    assert [row["subject"] for row in shown["rows"]] == ["申込"]
    assert [(notice["number"], notice["disposition"]) for notice in shown["notices"]] == [
        (f"n{number}", "sent") for number in range(2, 6)
    ]
    said = mailbot(desk, "log", "show", "3")
    assert "registered: yes" in said
    assert "n5" in said
    assert "申込を受け付けました" in mailbot(desk, "log", "show", "n2")
    assert "not accepted  550 no" in mailbot(desk, "log", "show", "n6")
    assert mailbot(desk, "log", "show", "3", "--raw").startswith("From: taro@naxtrade.example")
    assert "X-Mailbot-Notice: received" in mailbot(desk, "log", "show", "n2", "--raw")
    row = json.loads(mailbot(desk, "--json", "log", "list"))[0]["id"]
    assert json.loads(mailbot(desk, "--json", "log", "show", f"r{row}"))["rows"][0]["number"] == "1"


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show", "99"), "there is no mail 99 in the mail log"),
        (("show", "n99"), "there is no notice 99"),
        (("show", "x"), "expected 7 for a mail, n12 for a notice, r34 for a row"),
        (("list", "--disposition", "nonsense"), "'carried_out'"),
        (("list", "--direction", "up"), "'in', 'out'"),
        (("list", "--until", "x"), "expected a day"),
        (("list", "--since", "1h", "--until", "2000-01-01"), "is not before --until (2000-01-02"),
        (
            ("list", "--office", "ZZZ999"),
            "no office ZZZ999 in the register or in the log; `mailbot register export FILE` shows the codes",
        ),
        (("search", "承認", "--office", "ZZZ999"), "`mailbot register export FILE` shows the codes"),
        (("search",), "Missing argument"),
        (("export",), "--output"),
    ],
)
def test_what_is_wrong_is_said(desk: Path, words: tuple[str, ...], says: str) -> None:
    assert says in mailbot(desk, "log", *words, code=2)


def test_a_list_is_true(desk: Path) -> None:
    assert numbers(desk, "list", "--disposition", "failed") == ["n6"]
    assert numbers(desk, "list", "--disposition", "quarantined") == ["2"]
    assert numbers(desk, "list", "--office", "nac００1") == ["1", "3", "n1", "n2", "n3", "n4", "n5", "4", "n6"]
    assert numbers(desk, "list", "--since", "2000-01-01", "--until", "2000-01-02") == []
    for table in (mailbot(desk, "log", "list"), mailbot(desk, "log", "show", "3"), mailbot(desk, "log", "show", "n6")):
        assert not any(part in table for part in ("None", "False", "True", "datetime", "queued"))


def test_a_list_that_is_cut_says_so(desk: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for words in (("log", "list"), ("log", "search", "desk"), ("outbox", "list"), ("audit", "list")):
        whole = len(mailbot(desk, *words).splitlines()) - 1
        assert (len(mailbot(desk, *words, "--limit", "1").splitlines()) - 1) == min(1, whole)


def test_search(desk: Path) -> None:
    assert numbers(desk, "search", "髙橋") == ["2"]
    assert numbers(desk, "search", "承認", "高橋") == ["2"]
    assert numbers(desk, "search", "受付完了", "--direction", "out")[0] == "n2"
    assert numbers(desk, "search", "承諾") == []


def test_export(desk: Path, tmp_path: Path) -> None:
    file, folder = tmp_path / "mails.mbox", tmp_path / "mails"
    assert "wrote 10 mails" in mailbot(desk, "log", "export", "--output", str(file))
    with closing(mailbox.mbox(file)) as kept:
        assert len(kept) == 10
    head, *others = (
        line for line in file.read_bytes().splitlines() if b"From " in line and not line.startswith(b"From: ")
    )
    assert head.startswith(b"From taro@naxtrade.example ")
    assert b">From me" in others
    said = mailbot(desk, "--json", "log", "export", "髙橋", "--format", "eml", "--output", str(folder))
    assert json.loads(said) == {"written": 1, "without_content": 0}
    assert [path.name for path in folder.iterdir()] == ["2.eml"]
    assert (folder / "2.eml").read_text() == mailbot(desk, "log", "show", "2", "--raw")
    for output in (file, folder):
        assert "exists already" in mailbot(desk, "log", "export", "--output", str(output), code=2)


def test_audit(own_desk: Path) -> None:
    mailbot(own_desk, "applications", "show", "2600001C", "--secrets")
    assert "looked at the passwords of 2600001C" in mailbot(own_desk, "audit", "list")


def test_stats(desk: Path) -> None:
    said = json.loads(mailbot(desk, "--json", "stats"))
    assert said["applications"] == [{"procedure": "password_reset", "state": "received", "count": 1}]
    assert {"disposition": "quarantined", "reason": "sender-not-registered", "count": 1} in said["mails"]
    assert [stage["count"] for stage in said["waiting"]] == [0] * 5
    assert "Password initialisation  received  1" in mailbot(desk, "stats", "--since", "1d")


def test_retry(own_desk: Path) -> None:
    assert "expected numbers of notices, or one of" in mailbot(own_desk, "outbox", "retry", code=2)
    assert "not both" in mailbot(own_desk, "outbox", "retry", "n6", "--all", code=2)
    assert "no notice that failed or waits matches" in mailbot(own_desk, "outbox", "retry", "--recipient", "nobody")
    for number, is_missing in (("n1", [1]), ("n99", [99])):  # sent, and unknown
        said = mailbot(own_desk, "--json", "outbox", "retry", number, code=1, printed=True)
        assert json.loads(said) == {"retried": 0, "readdressed": {}, "not_found": is_missing}
        mailbot(own_desk, "outbox", "stop", number, "--because", "x", code=1)
    assert mailbot(own_desk, "outbox", "retry", "n6") == "n6 will be delivered at once\n"
    assert numbers(own_desk, "list", "--disposition", "waiting") == ["n6"]


def test_stop(own_desk: Path) -> None:
    """A notice that waits is not delivered; one that was delivered, or that tells on operators, is named."""
    assert "--because is empty" in mailbot(own_desk, "outbox", "stop", "n6", "--because", " ", code=2)
    done = mailbot(
        own_desk, "outbox", "stop", "n6", "n1", "n99", "--because", "told by telephone", code=1, printed=True
    )
    assert "n6 will not be delivered\n" in done and "n1 was delivered\n" in done and "n99 does not exist" in done
    assert numbers(own_desk, "list", "--disposition", "stopped") == ["n6"]
    said = mailbot(own_desk, "--json", "outbox", "stop", "n6", "--because", "again", code=1, printed=True)
    assert json.loads(said) == [{"number": "n6", "stopped": False, "problem": "stopped"}]
    assert "stopped notice n6: told by telephone" in mailbot(own_desk, "audit", "list")
    assert "no notice that failed or waits matches" in mailbot(own_desk, "outbox", "retry", "--all")
    assert mailbot(own_desk, "outbox", "retry", "n6") == "n6 will be delivered at once\n"
