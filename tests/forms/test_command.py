"""An applicant's command is a line of its own, or the whole subject."""

import pytest

from mailbot.forms.command import applicant_command


@pytest.mark.parametrize(
    ("subject", "text", "kind"),
    [
        ("取下げ", "", "withdraw"),
        ("Re: 【受付完了】パスワード初期化 [2600001C]", "取り下げます。", "withdraw"),
        ("Re: 取下げ", "よろしく", "none"),
        ("パスワード初期化の申込", "利用者コード：1ANAC", "none"),
        ("ヘルプ", "", "help"),
        ("様式", "", "form"),
        ("x", "修正\n備考：急ぎ", "correct"),
        ("x", "修正：備考を直します", "none"),
        ("x", "取下げ\n修正", "several"),
        ("x", "一時保存\n手続：パスワード初期化", "save"),
        ("status", "", "status"),
        ("x", "取下げはしません", "none"),
        ("x", "取下げ\nはしません。", "in_doubt"),
        ("x", "取下げ\nとするかは、明日ご連絡します。", "in_doubt"),
        ("x", "取下げ\n\nでよろしいでしょうか。", "in_doubt"),
        ("x", "取下げ\n理由：パスワードが見つかったため", "withdraw"),
        ("x", "取下げ\nお手数をおかけします。", "withdraw"),
        ("x", "取下げ\n次回はこのようなことがないようにします。", "withdraw"),
        ("x", "取下げ\nA0Bのみ", "in_doubt"),
        ("x", "取下げ\nA0Aは除く", "in_doubt"),
        ("x", "取下げ\n（検討中）", "in_doubt"),
        ("x", "取下げ\n一部のみ、A0Bです。", "in_doubt"),
        ("x", "取下げ\nやはり、そのまま進めてください。", "in_doubt"),
        ("x", "[ ] 取下げ\n[x] 修正", "none"),
        ("x", "（　）取下げ", "none"),
    ],
)
def test_commands_of_applicants(subject: str, text: str, kind: str) -> None:
    assert applicant_command(subject, text).kind == kind


def test_the_command_line_is_taken_out_of_the_rest() -> None:
    assert applicant_command("x", "太郎です\n修正\n備考：急ぎ").rest == "太郎です\n備考：急ぎ"
