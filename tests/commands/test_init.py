"""`mailbot init`: who answers the telephone is asked on a terminal, or given, and stands in the footers."""

from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from mailbot.config import load
from mailbot.errors import Permanent
from mailbot.records.database import open_store
from mailbot.records.register.offices import replace_register
from tests.testkit.command_line import mailbot, on_terminal
from tests.testkit.desk import FORM, DeskUnderTest, sample_offices

PHONE, HOURS = "03-1234-5678", '平日 9:00～17:00 "昼休みを除く"\\'
NOBODY = "desk@"  # the address stands where no telephone is


def footer(folder: Path) -> str:
    """Of a notice that a desk with this configuration sends."""
    config = load(folder / "config.toml", {})
    with closing(open_store(config.store.url, config.base)) as store:
        with store.transaction():
            replace_register(sample_offices())
        taro = DeskUnderTest(config, store, Random(1)).person("通関 太郎", "taro@naxtrade.example")
        taro.sends(FORM)
        return taro.gets("received").text.rpartition("申込受付デスク\n")[2]


@pytest.mark.parametrize(
    ("words", "there", "absent"),
    [
        (("--phone", PHONE, "--hours", HOURS), f"電話 {PHONE}（{HOURS}）", NOBODY),
        (("--phone", PHONE), f"電話 {PHONE}\n", "（"),
        (("--phone", "", "--hours", " "), NOBODY, "電話"),
        ((), NOBODY, "電話"),
    ],
)
def test_the_footers_follow(tmp_path: Path, words: tuple[str, ...], there: str, absent: str) -> None:
    mailbot(tmp_path, "init", *words)
    text = footer(tmp_path).replace("\n  ", "")
    assert there in text and absent not in text


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--phone", "03\n1234"), "--phone '03\\n1234': expected one line"),
        (("--phone", "0" * 61), "of at most 60 columns"),
        (("--phone", "03\u202e4"), "expected one line"),
        (("--phone", PHONE, "--hours", "\x1b[31m"), "--hours"),
        (("--hours", "平日"), "--hours without --phone"),
    ],
)
def test_what_cannot_stand_in_a_footer_writes_nothing(tmp_path: Path, words: tuple[str, ...], says: str) -> None:
    assert says in mailbot(tmp_path, "init", *words, code=2)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        (f"{PHONE}\n平日 9:00～17:00\n", (PHONE, "平日 9:00～17:00")),
        (f"{PHONE}\n\n", (PHONE, "")),
        ("\n", ("", "")),
    ],
)
def test_on_a_terminal_it_asks(tmp_path: Path, typed: str, expected: tuple[str, str]) -> None:
    written = on_terminal(tmp_path, "init", "desk", typed=typed)
    desk = load(tmp_path / "desk" / "config.toml", {}).desk
    assert (desk.phone, desk.hours) == expected
    assert b"Telephone" in written


NO_STORES = [
    ("postgresql://mailbot@127.0.0.1:1/mailbot", "Connection refused"),
    ("postgresql://mailbot:secret@127.0.0.1:1/mailbot", "no password belongs here"),
    ("mysql://127.0.0.1/mailbot", "expected sqlite:///FILE or postgresql://"),
    ("sqlite:////proc/mailbot/store.sqlite3", "No such file or directory"),
]


@pytest.mark.parametrize(("url", "says"), NO_STORES)
def test_a_failure_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, says: str) -> None:
    """No file or folder, in a new folder and in one with something in it; and the error is one line."""
    (tmp_path / "there/templates").mkdir(parents=True)
    (tmp_path / "there/store").mkdir()
    (tmp_path / "there/templates/mine.j2").write_text("mine")
    before = sorted(tmp_path.rglob("*"))
    monkeypatch.setenv("MAILBOT_STORE_URL", url)
    for folder in ("desk", "new/desk", "there"):
        said = mailbot(tmp_path, "init", folder, "--sample", code=1)
        assert says in said and said.count("\n") == 1
        assert sorted(tmp_path.rglob("*")) == before
    monkeypatch.delenv("MAILBOT_STORE_URL")
    assert "wrote desk/config.toml" in mailbot(tmp_path, "init", "desk")


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    (tmp_path / "desk").mkdir()
    (tmp_path / "desk/templates").write_text("no folder")
    before = sorted(tmp_path.rglob("*"))
    for folder in ("file/desk", "desk"):
        said = mailbot(tmp_path, "init", folder, code=1)
        assert folder.partition("/")[0] in said and said.count("\n") == 1
        assert sorted(tmp_path.rglob("*")) == before


def test_a_failure_half_way_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The store is there already when the sample register cannot be read."""

    def fails(*_: object) -> None:
        assert (tmp_path / "desk/store/mailbot.sqlite3").exists()
        raise Permanent("no register")

    monkeypatch.setattr("mailbot.register_files.register_file.read_register", fails)
    mailbot(tmp_path, "init", "desk", "--sample", code=1)
    assert list(tmp_path.iterdir()) == []


def test_the_store_of_the_variable_stands_in_the_configuration(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """So that no later command needs the variable."""
    monkeypatch.setenv("MAILBOT_STORE_URL", "sqlite:///other/desk.sqlite3")
    mailbot(tmp_path, "init")
    monkeypatch.delenv("MAILBOT_STORE_URL")
    assert (tmp_path / "other/desk.sqlite3").exists()
    mailbot(tmp_path, "applications", "list")
