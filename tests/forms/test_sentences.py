"""What a sentence means: what decides is asked about, what only asks is carried out, and nothing is guessed."""

import pytest

from mailbot.forms.command import applicant_command, command_in_sentence
from mailbot.forms.decision import reviewer_decision
from mailbot.forms.sentences import is_supposed

MEANT = {
    "approve": [
        "承認でお願いします。", "本件、承認でお願いいたします。", "確認しました。承認します。", "OKです", "OKです。進めてください。", "問題ありません。",
        "内容を確認し、承認いたしました。", "承認で結構です。", "特に問題ございませんので、承認いたします。", "本件承認とします", "こちらで承認です。", "了承しました。",
        "このまま進めてください。", "ok, approved", "承認の方でお願いします。", "差し支えありません。", "LGTM", "承認としてください。", "承認お願いします！",
        "良子さんとも確認しましたが、承認で大丈夫です。", "こちらは、承認", "承認で。",
    ],
    "ask": [
        "差戻し：理由が不足しています。", "差し戻しをお願いします。", "確認依頼：識別番号がA0Bではないでしょうか。", "却下します。理由が書かれていません。",
        "修正をお願いします。", "修正してもらってください。", "修正依頼でお願いします：理由を詳しく", "差し戻します。番号が違います。", "再確認をお願いします。",
        "不備がありますので返却します。", "不承認とします。",
    ],
    "hold": ["保留でお願いします。", "本件は保留とします。", "いったん保留にしてください。"],
}  # fmt: skip
NOT_MEANT = [
    "承認しません。", "承認できません。", "承認しかねます。", "承認は見送りとします。", "識別番号がA0Bであれば承認します。", "承認してよいですか。", "承認してもよろしいでしょうか",
    "A0Bなら承認", "確認後に承認します。予定は明日です。", "承認する予定です。", "承認待ちです。", "まだ承認していません。", "承認前に確認したい点があります。",
    "良子さんからは「承認」と聞いています。", "承認されたとのことです。", "承認かどうか迷っています。", "部長の承認が必要です。", "承認通知は届きましたか。",
    "承認します。ただし、A0Bは対象外です。", "承認したいと思いますが、いかがでしょうか。", "承認か差戻しか検討中です。", "don't approve", "approve if A0B is removed",
    "お世話になっております。", "了解です。", "少しお待ちください。", "> 承認でお願いします。",
]  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in MEANT.items() for text in texts])
def test_a_decision_in_a_sentence_is_only_asked_about(kind: str, text: str) -> None:
    decision = reviewer_decision(f"お疲れ様です。審査の一郎です。\n\n{text}\n\nよろしくお願いいたします。")
    assert (decision.kind, decision.meant, decision.event) == ("meant", kind, None)


@pytest.mark.parametrize("text", NOT_MEANT)
def test_a_negation_a_question_or_a_condition_means_nothing(text: str) -> None:
    decision = reviewer_decision(f"お疲れ様です。\n{text}\n")
    assert decision.event is None and decision.meant != "approve"


def test_the_reason_goes_with_the_question() -> None:
    assert (
        reviewer_decision("差戻し：理由が不足しています。\nA0Bも確認してください。").words
        == "理由が不足しています\nA0Bも確認してください。"
    )


WITHDRAWALS = [
    "取下げをお願いします。", "申込を取り下げます。", "取下げ希望です。", "取り下げたく、ご連絡しました。", "今回の申込はキャンセルさせてください。", "申込の取消をお願いします。",
    "本件は撤回いたします。", "申込を取りやめます。", "申請を中止してください。", "Please withdraw the application.", "Please cancel it.", "取り消しをお願いいたします。",
]  # fmt: skip
NO_WITHDRAWALS = [
    "取り下げるかどうか社内で相談中です。", "取り下げません。", "取り下げたほうがよいでしょうか。", "取下げの方法を教えてください。", "取下げは不要です。",
    "取り下げる場合はどうすればよいですか。", "まだ取り下げないでください。", "キャンセル料はかかりますか。",
]  # fmt: skip


@pytest.mark.parametrize("text", WITHDRAWALS)
def test_a_withdrawal_in_a_sentence_is_only_asked_about(text: str) -> None:
    command = command_in_sentence(f"お世話になっております。\n{text}\nよろしくお願いいたします。")
    assert (command.kind, command.meant) == ("meant", "withdraw")


@pytest.mark.parametrize("text", NO_WITHDRAWALS)
def test_a_doubt_about_a_withdrawal_withdraws_nothing(text: str) -> None:
    assert command_in_sentence(text).meant is None
    assert command_in_sentence(text).kind == "none"


REQUESTS = {
    "form": ["パスワード初期化の様式をお送りください。", "申込のフォームをいただけますか。", "様式を送ってください", "Please send me the form: form please"],
    "status": [
        "進捗はいかがでしょうか。", "現在の状況を教えてください。", "その後どうなっていますでしょうか。", "いつ頃完了しますか。", "処理状況をお知らせください。",
        "申込の進行状況を教えていただけますか。", "まだ終わりませんでしょうか。",
    ],
    "approval": ["承認通知をお送りください。", "2600001A の承認通知を再送していただけますか。"],
    "paper": ["申込書の控えを送ってください。", "申込書のPDFをお願いします。"],
    "contract": ["契約内容を教えてください。", "契約情報を確認したいので送ってください。"],
    "news": ["新着情報をお送りください。"],
    "help": ["使い方を教えてください。", "書き方を教えてください。"],
}  # fmt: skip


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in REQUESTS.items() for text in texts])
def test_what_only_asks_is_carried_out_from_a_sentence(kind: str, text: str) -> None:
    assert command_in_sentence(f"お世話になっております。通関です。\n{text}").kind == kind


@pytest.mark.parametrize(
    "text",
    [
        "ありがとうございました。",
        "至急お電話ください。",
        "承知しました。",
        "ご確認ありがとうございます。様式は届きました。",
    ],
)
def test_what_asks_for_nothing_is_no_command(text: str) -> None:
    assert command_in_sentence(text).kind == "none"


@pytest.mark.parametrize(
    "tag",
    ["[EXTERNAL] ", "【社外】", "[SPAM?] ", "【外部メール】 ", "[ext] ", "＜重要＞", "[naccs-ml 123] ", "[CAUTION: External] ", "【至急】", "(社外秘) ", "[#88123] "],
)  # fmt: skip
def test_a_tag_in_front_of_a_subject_is_no_part_of_it(tag: str) -> None:
    assert applicant_command(f"{tag}状況", "").kind == "status"
    assert applicant_command(f"{tag}様式：パスワード初期化", "", ["パスワード初期化"]).kind == "form"


@pytest.mark.parametrize("subject", ["【受付完了】状況", "Re: 状況", "[2600001C] 状況", "[EXTERNAL] Re: 取下げ"])
def test_a_reply_has_no_command_in_its_subject(subject: str) -> None:
    assert applicant_command(subject, "").kind == "none"


SUPPOSED = [
    "例えば\n備考：急ぎです\nのように書けばよいですか。", "備考：急ぎです\nと書けばよいのでしょうか。", "もし可能なら\n識別番号：A0B", "識別番号：A0Bでよいですか",
    "識別番号：A0B？", "希望理由：退職のため、でよろしいでしょうか。", "備考：急ぎ\nという書き方でよいですか", "識別番号：A0B\nに変更できますか。",
]  # fmt: skip
CHANGES = [
    "ご指摘のとおりでした。\n識別番号：A0B", "識別番号：A0B\nこれでよろしいでしょうか。", "識別番号：A0B\nいつ頃完了しますか。", "備考：もし不在の場合は次郎へ", "識別番号：A0B\nに訂正します。",
]  # fmt: skip


@pytest.mark.parametrize(("text", "supposed"), [*((t, True) for t in SUPPOSED), *((t, False) for t in CHANGES)])
def test_fields_that_are_an_example_or_a_question(text: str, supposed: bool) -> None:
    assert is_supposed(text) is supposed
