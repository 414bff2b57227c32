"""`mailbot init`: who answers the telephone is asked on a terminal, or given, and stands in the footers."""

from contextlib import closing
from pathlib import Path
from random import Random

import pytest

from mailbot.config import load
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


def test_a_database_that_does_not_answer_leaves_nothing_in_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MAILBOT_STORE_URL", "postgresql://mailbot@127.0.0.1:1/mailbot")
    mailbot(tmp_path, "init", "desk", code=1)
    monkeypatch.delenv("MAILBOT_STORE_URL")
    assert "wrote desk/config.toml" in mailbot(tmp_path, "init", "desk")
