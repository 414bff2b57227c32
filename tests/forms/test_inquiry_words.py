"""Mere courtesies, concerns and 済, told apart from what a person has to read."""

import pytest

from mailbot.forms.inquiry_words import is_concern, is_courtesy, is_done

NAMES = ("通関 太郎", "第一営業部", "ナックス商事株式会社")
COURTEOUS = (
    "ありがとうございました。",
    "お世話になっております。ナックス商事の通関です。\n早速のご対応、誠にありがとうございます。\n引き続きよろしくお願いいたします。",
    "承知いたしました。",
    "了解です。よろしくお願いします。",
    "確認いたしました。ありがとうございました。",
    "無事受け取りました。助かりました！",
    "Thank you very much.",
    "通関 太郎\nありがとうございます",
)
NOT_COURTEOUS = (
    "",
    "よろしくお願いいたします。",
    "ありがとうございます。いつ終わりますか？",
    "ありがとうございました。至急です。",
    "承知しましたが、A0BではなくA0Aです。",
    "ありがとうございます。ただ、ログインできません。",
    "A0Bの誤りと確認しました。",
    "承知しました。承認はお待ちください。",
    "通関がログインできません。",
    "取下げ。ありがとうございました。",
    "A0Bです、ありがとうございました。",
    "取下げてくださり、ありがとうございます。",
    "ありがとうございました。" * 50,
)
CONCERNS = (
    "この参照に心当たりがありません。",
    "全く身に覚えがございません",
    "申込をしていません。",
    "この申込は当社では行っておりません。",
    "申込みをした覚えはありません。",
    "不正ログインの可能性があります。",
    "パスワードが漏洩したようです",
    "アカウントが乗っ取られました。",
    "当方で心当たりのない申込です。",
    "I did not apply for this.",
    "This is an unauthorized access.",
)
NO_CONCERNS = (
    "",
    "まだ申込をしていません。期限はいつですか。",
    "心当たりがあります。",
    "入力が不正な値と表示されます。",
    "不正確な記載がありました。訂正したいのですが。",
    "情報の漏えいはありません。",
    "いつ頃終わりますか。",
    "ログインできません。",
)


@pytest.mark.parametrize("text", COURTEOUS)
def test_a_courtesy(text: str) -> None:
    assert is_courtesy(text, NAMES)


@pytest.mark.parametrize("text", NOT_COURTEOUS)
def test_something_to_read(text: str) -> None:
    assert not is_courtesy(text, NAMES)


def test_an_answer_to_a_question_is_no_courtesy() -> None:
    assert is_courtesy("確認しました。")
    assert not is_courtesy("確認しました。", answers_question=True)
    assert is_courtesy("ありがとうございます。", answers_question=True)


@pytest.mark.parametrize("text", CONCERNS)
def test_a_concern(text: str) -> None:
    assert is_concern(text)


@pytest.mark.parametrize("text", NO_CONCERNS)
def test_no_concern(text: str) -> None:
    assert not is_concern(text)


def test_done() -> None:
    assert is_done(["済"])
    assert is_done(["「対応済み」。"])
    assert not is_done(["済", "です"])
    assert not is_done(["済みましたらご連絡します。"])
    assert not is_done([])
