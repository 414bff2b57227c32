"""Which procedure a mail names."""

import pytest

from mailbot.forms.procedures import procedure_named
from mailbot.procedures import load_procedures

TITLES = {p.name: (*p.titles.values(), *p.aliases) for p in load_procedures().values()}


@pytest.mark.parametrize(
    "text",
    ["手続：パスワード初期化", "手続き:パスワード再発行", "Procedure: password reset", "パスワード初期化の申込", "【パスワード初期化】",
     "パスワード初期化", "利用者IDパスワードの初期化申込", "手続\tﾊﾟｽﾜｰﾄﾞ初期化", "■パスワード初期化の申込書"],
)  # fmt: skip
def test_password_reset_by_its_names(text: str) -> None:
    assert procedure_named(text, TITLES) == ("password_reset",)


@pytest.mark.parametrize("text", ["", "パスワードを忘れました", "手続：端末の追加", "お世話になっております。"])
def test_nothing_is_named(text: str) -> None:
    assert procedure_named(text, TITLES) == ()
