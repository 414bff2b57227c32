"""What each line of a reply to the operators' daily list means: one action on listed items, or a question."""

import pytest

from mailbot.forms.daily_list_lines import ListLine, list_lines
from mailbot.model.daily_list import ItemKind, ListItem, Unclear

LISTED = (
    ListItem(ItemKind.MAIL, 7),
    ListItem(ItemKind.NEWCOMER, 12),
    ListItem(ItemKind.NOTICE, 12),
    ListItem(ItemKind.NOTICE, 13),
    ListItem(ItemKind.NEWCOMER, 21),
    ListItem(ItemKind.INQUIRY, 30),
)
# line → the items with the action, and what stands behind it; else why it is asked about; "" for a courtesy
LINES = {
    "#21 登録して処理": "#21 register",
    "Ｎ２１　登録して処理": "#21 register",
    "N12 登録して処理": "#12 register",
    "21番 登録してください": "#21 register",
    "#21登録して処理します。": "#21 register",
    "#21 登録して処理 NAC001": "#21 register NAC001",
    "#21 登録して処理（事業所コード：nac001）": "#21 register NAC001",
    "register and release #21": "#21 register",
    "#21 register please": "#21 register",
    "#7 処理": "#7 release",
    "7を処理してください。": "#7 release",
    "受信番号７：処理をお願いいたします": "#7 release",
    "[#7] release": "#7 release",
    "#12 処理": "#12 release",
    "・#21：破棄": "#21 discard",
    "7 破棄 広告のため": "#7 discard 広告のため",
    "#7 discard: advertising": "#7 discard advertising",
    "No.7 削除お願いします": "#7 discard",
    "#7、#21 破棄": "#7 #21 discard",
    "7と21 破棄": "#7 #21 discard",
    "discard #7 and #21": "#7 #21 discard",
    "1) 7 破棄": "#7 discard",
    "2. #7 破棄": "#7 discard",
    "n12、n13 再送": "n12 n13 resend",
    "12 再送": "n12 resend",
    "通知番号12 再送信してください": "n12 resend",
    "n13 resend": "n13 resend",
    "#30 済": "#30 close",
    "#30 送付してください": "#30 send",
    "send #30": "#30 send",
    "30 done": "#30 close",
    "\u200b#30 対応済みです": "#30 close",
    # asked about
    "#7 破棄しないでください": "no_action",
    "#7 破棄 まだ待ってください": "no_action",
    "#7 処理？": "no_action",
    "#7 処理済み": "no_action",
    "#7は不要": "no_action",
    "#21 登録後に処理": "no_action",
    "#21 登録済み": "no_action",
    "#21 登録して処理 ただし電話確認後": "no_action",
    "#7-21 破棄": "no_action",
    "#7": "no_action",
    "全部破棄": "no_number",
    "登録して処理": "no_number",
    "この方はどなたですか": "no_number",
    "#99 破棄": "not_listed",
    "#13 再送": "not_listed",  # n13 is a notice
    "#7、#99 破棄": "not_listed",
    "n12 破棄": "not_for_this",  # perhaps the notice is meant
    "#7 登録して処理": "not_for_this",
    "#7 済": "not_for_this",
    "#30 破棄": "not_for_this",
    "#7 破\u200b棄": "hidden",
    "2600001C 承認": "review",
    "#" + "7" * 400: "no_number",
    # courtesies
    "お世話になっております。": "",
    "よろしくお願いいたします。": "",
    "ありがとうございます": "",
}


def meaning(line: ListLine) -> str:
    if line.unclear is not None:
        return line.unclear.value
    shown = (*(item.shown for item in line.items), line.action or "", line.words, line.office)
    return " ".join(filter(None, shown))


@pytest.mark.parametrize(("line", "expected"), LINES.items())
def test_each_line(line: str, expected: str) -> None:
    (read,) = list_lines(line, "", LISTED)
    assert meaning(read) == expected
    assert read.read == line.strip()


@pytest.mark.parametrize(
    ("certain", "in_doubt", "html", "expected"),
    [
        ("#7 破棄\n\n#21 破棄", "", None, ["#7 discard", "#21 discard"]),
        ("#7 破棄\n#7 処理\n#21 破棄", "", None, ["contradiction", "contradiction", "#21 discard"]),
        ("#7 破棄\n7 破棄", "", None, ["#7 discard", "#7 discard"]),
        ("#7 破棄", "#21 破棄", None, ["#7 discard", "in_doubt"]),
        ("まだ確認中です。\n#7 破棄", "", None, ["no_number", "in_doubt"]),
        ("この方をご存じですか？\n#21 登録して処理", "", None, ["no_number", "in_doubt"]),
        ("#7 破棄", "", "#7 処理", ["hidden"]),
        ("#7 破棄", "", "", ["hidden"]),
        ("#7 破棄", "", "お世話になっております。\n＃７　破棄", ["#7 discard"]),
    ],
)
def test_lines_together(certain: str, in_doubt: str, html: str | None, expected: list[str]) -> None:
    assert [meaning(one) for one in list_lines(certain, in_doubt, LISTED, html)] == expected


def test_every_reason_is_reached() -> None:
    reached = {expected for expected in LINES.values()} | {"in_doubt", "contradiction"}
    # `which` needs two kinds of one action, `other_office` the office of the mail.
    assert {one.value for one in Unclear} - reached == {"which", "other_office"}
