"""What hostile mail, files and environments do to the operators and their commands."""

import gzip
import json
import os
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest

from mailbot.commands.common import operator_name
from mailbot.config import load
from mailbot.desk.calendar.daily_list import MOST_LINES, send_due
from mailbot.errors import Permanent
from mailbot.mail.message import read
from mailbot.model.evidence import Evidence, Result
from mailbot.records.maintenance import backup
from mailbot.records.queues import inbox
from tests.testkit.command_line import mailbot, on_terminal
from tests.testkit.desk import DeskUnderTest, open_desk_under_test
from tests.testkit.desk_folder import init
from tests.testkit.exposure import warnings_of
from tests.testkit.new_stores import new_store
from tests.testkit.records import URL

ESCAPES = b"From: eve@attack.co.jp\r\nTo: desk@desk.example\r\nSubject: \x1b]0;owned\x07\x9b31m\r\n\r\n\x1b[2Jx\r\n"


@pytest.fixture
def desk(tmp_path: Path) -> DeskUnderTest:
    return open_desk_under_test(tmp_path)


@pytest.mark.parametrize("name", ["LOGNAME", "USER", "LNAME", "USERNAME"])
def test_the_environment_does_not_say_who_an_operator_is(name: str) -> None:
    """T-59: the audit log names the user of the process."""
    before = operator_name()
    with mock.patch.dict(os.environ, {name: "hanako"}):
        assert operator_name() == before != "hanako"


def test_an_operator_without_a_name() -> None:
    with mock.patch.object(os, "getuid", return_value=4_000_000):
        assert operator_name() == "uid 4000000"


def test_a_mail_printed_to_a_terminal_is_no_escape_sequence(tmp_path: Path) -> None:
    """T-86: `--raw` gives the octets to a file or another program alone."""
    init(tmp_path, "--sample", "--phone", "")
    desk = open_desk_under_test(tmp_path)
    desk.receives(ESCAPES, "eve@attack.co.jp")
    desk.store.close()
    for words in (("quarantine", "show", "1", "--raw"), ("log", "show", "1", "--raw")):
        assert mailbot(tmp_path, *words).encode(errors="surrogateescape") == ESCAPES
        shown = on_terminal(tmp_path, *words)
        assert b"\x1b" not in shown and b"\x07" not in shown and rb"\x1b]0;owned" in shown


def _lines(path: Path) -> list[bytes]:
    return gzip.decompress(path.read_bytes()).splitlines(keepends=True)


def _head(lines: list[bytes], **changes: object) -> bytes:
    kept = {name: value for name, value in {**json.loads(lines[0]), **changes}.items() if value is not None}
    return json.dumps(kept).encode() + b"\n"


DAMAGE: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "no schema": lambda lines: [_head(lines, schema=None), *lines[1:]],
    "an empty schema": lambda lines: [_head(lines, schema=[]), *lines[1:]],
    "a schema that is none": lambda lines: [_head(lines, schema={}), *lines[1:]],
    "no time": lambda lines: [_head(lines, made_at=None), *lines[1:]],
    "deep arrays": lambda lines: [lines[0], b"[" * 200_000 + b"\n", *lines[1:]],
    "a deep header": lambda lines: [b"[" * 200_000 + b"\n", *lines[1:]],
    "values that are no rows": lambda lines: [lines[0], b"null\n", b"7\n", *lines[1:]],
    "a row before any table": lambda lines: [lines[0], b"[1]\n", *lines[1:]],
    "a table of the database": lambda lines: [lines[0], b'{"table":"sqlite_master","columns":[]}\n', *lines[1:]],
}


@pytest.mark.parametrize("case", DAMAGE)
def test_a_backup_made_to_hurt_is_refused(desk: DeskUnderTest, tmp_path: Path, case: str) -> None:
    """T-97: in clear words, and nothing of it is restored."""
    path = tmp_path / "b.gz"
    backup.write(desk.store, path, desk.clock.now())
    path.write_bytes(gzip.compress(b"".join(DAMAGE[case](_lines(path)))))
    (tmp_path / "new").mkdir()
    store = new_store(URL, tmp_path / "new", lambda: None)
    with pytest.raises(Permanent):
        backup.restore(store, path, desk.clock.now())
    store.close()


@pytest.mark.parametrize("name", ["punycode", "idna", "undefined", "zlib_codec"])
@pytest.mark.parametrize("kind", ["plain", "html"])
def test_a_charset_that_is_a_codec_of_python(name: str, kind: str) -> None:
    """T-75: the text is read as what it looks like."""
    head = f"From: a@b.jp\r\nContent-Type: text/{kind}; charset={name}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
    message = read(head.encode() + "手続：パスワード初期化\r\n".encode())
    assert (message.unreadable, message.text.strip()) == ("", "手続：パスワード初期化")


def test_forged_newcomers_push_no_genuine_one_off_the_daily_list(desk: DeskUnderTest) -> None:
    """T-66: the list has its end, and begins with those whose mail passes DMARC."""
    operator = desk.person("operator", "operator@desk.example")
    words = "NAC001の新任です。申込の方法をご教示ください。"
    for number in range(MOST_LINES + 1):
        author = "jiro@naxtrade.example.jp" if number == 0 else f"eve{number}@attack.co.jp"
        raw = f"From: {author}\r\nTo: desk@desk.example\r\nSubject: x\r\nMessage-ID: <{number}@x>\r\n\r\n{words}\r\n"
        outcome = desk.receives(raw.encode(), author)
        assert outcome.reason == "newcomer"
        if number == 0:
            with desk.store.transaction():
                inbox.update_evidence(1, Evidence(dmarc=Result.PASS, aligned=Result.PASS))
    desk.deliver()
    operator.forgets()  # what was told at once
    desk.clock.advance(timedelta(days=4))
    send_due(desk.clock.now(), desk.context)
    desk.deliver()
    assert "jiro@naxtrade.example.jp" in operator.gets("alert").text


@pytest.mark.parametrize("name", ["config.toml", "templates", "templates/notices/received.ja.j2", "."])
def test_a_configuration_that_everybody_may_change_is_warned_about(tmp_path: Path, name: str) -> None:
    """T-83: a template is a program."""
    init(tmp_path, "--sample", "--phone", "")
    (tmp_path / "templates/notices").mkdir(exist_ok=True, parents=True)
    (tmp_path / "templates/notices/received.ja.j2").write_text("x")
    config = load(tmp_path / "config.toml", {})
    before = warnings_of(config, 1000)
    path = tmp_path / name
    path.chmod(path.stat().st_mode | 0o002)
    assert [text for text in warnings_of(config, 1000) if text not in before] == [
        f"{path} can be changed by every user of the machine, who would run the desk with it. Run: chmod o-w {path}"
    ]
    path.chmod(path.stat().st_mode & ~0o002)
    assert warnings_of(config, 1000) == before
