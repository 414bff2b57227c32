"""Which procedure a mail names."""

import pytest

from mailbot.forms.procedures import procedure_named, split_by_procedure
from mailbot.procedures import load_procedures

TITLES = {p.name: p.names for p in load_procedures().values()}


@pytest.mark.parametrize(
    "text",
    ["手続：パスワード初期化", "手続き:パスワード再発行", "Procedure: password reset", "パスワード初期化の申込", "【パスワード初期化】",
     "パスワード初期化", "利用者IDパスワードの初期化申込", "手続\tﾊﾟｽﾜｰﾄﾞ初期化", "■パスワード初期化の申込書"],
)  # fmt: skip
def test_password_reset_by_its_names(text: str) -> None:
    assert procedure_named(text, TITLES) == ("password_reset",)


TWO = [
    ("１．パスワード初期化", "２．メールボックスの追加"),
    ("1. パスワード初期化", "2. メールボックスの追加"),
    ("(1) パスワード初期化について", "(2) メールボックスの追加について"),
    ("①パスワード初期化", "②メールボックスの追加"),
    ("【申込1】パスワード初期化", "【申込2】メールボックスの追加"),
    ("1件目：パスワード初期化", "2件目：メールボックスの追加"),
    ("その1 パスワード初期化", "その2 メールボックスの追加"),
    ("■パスワード初期化", "■メールボックスの追加"),
    ("1) 手続：パスワード初期化", "2) 手続：メールボックスの追加"),
    ("申込１：パスワード初期化の申込", "申込２：メールボックスの追加の申込"),
]


@pytest.mark.parametrize(("first", "second"), TWO)
def test_two_procedures_under_numbers(first: str, second: str) -> None:
    text = f"事業所コード：NAC001\n{first}\n利用者コード：1ANAC\n{second}\nメールボックス数：1"
    assert procedure_named(text, TITLES) == ("password_reset", "mailbox_change")
    lines = text.split("\n")
    assert [lines[part[1]] for part in split_by_procedure(lines, TITLES)] == [first, second]


@pytest.mark.parametrize("text", ["", "パスワードを忘れました", "手続：端末の追加", "お世話になっております。"])
def test_nothing_is_named(text: str) -> None:
    assert procedure_named(text, TITLES) == ()
