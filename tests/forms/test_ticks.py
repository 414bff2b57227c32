"""Lists to tick: each row is a list, and the lines of it that are chosen."""

import pytest

from mailbot.forms.read import read_form
from mailbot.forms.ticks import read_ticks
from mailbot.model.common_fields import COMMON_FIELDS
from mailbot.procedures.password_reset import PROCEDURE

FIELDS = COMMON_FIELDS + PROCEDURE.fields
AB = "1ANACA0A（net）", "1ANACA0B（net）", "1ANACA0C（net）"
CHOSEN = "xXｘ✓✔✅☑■●レﾚv○〇◯◎⭕oO*＊★済要"  # in a box
BARE = "☑✅✔✓■●レ◎"  # without a box
VARIATION = "\ufe0f"


def rows(*marks: str) -> str:
    return "利用者ID：\n" + "\n".join(
        mark.format(code) if "{}" in mark else f"{mark} {code}" for mark, code in zip(marks, AB, strict=True)
    )


LISTS = [
    *(rows(f"[{mark}]", f"[{mark}]", "[ ]") for mark in CHOSEN),
    *(rows(f"[{mark}{VARIATION}]", f"[{mark}]", "[　]") for mark in "✔☑✅"),
    *(rows(mark, f"{mark}{VARIATION}", "□") for mark in BARE),
    rows("[x]", "[✔️]", "[ ]"),
    rows("[ x ]", "[x ]", "[]"),
    rows("【○】", "【○】", "【　】"),
    rows("（○）", "（○）", "（　）"),
    rows("（レ）", "(v)", "( )"),
    rows("○", "○", "×"),
    rows("〇", "〇", "✕"),
    rows("✅", "✅", "❌"),
    rows("[○]", "[○]", "[×]"),
    rows("○", "○", "□"),
    rows("●", "●", "○"),
    rows("[はい]", "[はい]", "[いいえ]"),
    rows("[yes]", "[Yes]", "[no]"),
    rows("[要]", "[要]", "[不要]"),
    rows("[×]", "[×]", "[ ]"),
    rows("x", "x", "[ ]"),
    rows("[ ] {}◎", "[ ] {}◎", "[ ]"),
    rows("{} ○", "{} ○", "{} ×"),
    rows("{}：○", "{}：○", "{}："),
    rows("□ {} ✓", "□ {} ✓", "□"),
    rows("[x] {} ○", "[x]", "[ ]"),
    rows("・[x]", "・[x]", "・[ ]"),
    rows("1. ☑", "2. ☑", "3. □"),
    "利用者ID：☑1ANACA0A（net）　☑1ANACA0B（net）　□1ANACA0C（net）",
    "利用者ID：[x]1ANACA0A [x]1ANACA0B [ ]1ANACA0C",
    "利用者ID：■1ANACA0A、■1ANACA0B、□1ANACA0C",
]


@pytest.mark.parametrize("text", LISTS)
def test_the_first_two_are_chosen(text: str) -> None:
    reading = read_form(text, FIELDS)
    assert (reading.filled.codes("user_ids"), reading.findings) == (("1ANACA0A", "1ANACA0B"), ())


UNCLEAR = [
    rows("[o]", "[x]", "[ ]"),
    rows("[○]", "[x]", "[ ]"),
    rows("☑", "○", "□"),
    rows("[?]", "[x]", "[ ]"),
    rows("[△]", "[x]", "[ ]"),
    rows("[-]", "[x]", "[ ]"),
    rows("[/]", "[x]", "[ ]"),
    rows("[x]", "{}", "[ ]"),  # a line without a box among boxes
    rows("○", "○", "○"),
    rows("×", "×", "×"),
    rows("[x] {} ×", "[x]", "[ ]"),
    rows("[×]", "[x]", "[ ]"),
]


@pytest.mark.parametrize("text", UNCLEAR)
def test_what_may_mean_either_is_asked_about(text: str) -> None:
    reading = read_form(text, FIELDS)
    assert [finding.code for finding in reading.findings] == ["unclear_tick"]
    assert "user_ids" not in reading.filled.values


@pytest.mark.parametrize(
    ("text", "timing"),
    [
        ("[x] 最短の日程で登録を希望\n[ ] 日付を指定して登録を希望", "earliest"),
        ("○ 最短の日程で登録を希望\n● 日付を指定して登録を希望", "dated"),
        ("○ 最短の日程で登録を希望\n× 日付を指定して登録を希望", "earliest"),
        ("[✔️] 最短の日程で登録を希望\n[ ] 日付を指定して登録を希望", "earliest"),
        ("□ 最短の日程で登録を希望\n✅ 日付を指定して登録を希望", "dated"),
    ],
)
def test_choices(text: str, timing: str) -> None:
    assert read_form(f"NACCS反映タイミング：\n{text}", FIELDS).filled.values["timing"] == timing


@pytest.mark.parametrize("line", ["1ANACA0A", "(1) 1ANACA0A", "・1ANACA0A", "（net）1ANACA0A", "最短", ""])
def test_lines_without_a_mark_are_no_list_to_tick(line: str) -> None:
    assert read_ticks([line]) is None
