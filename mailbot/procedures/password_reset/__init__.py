"""The procedure パスワード初期化: a 仮パスワード for user IDs whose password was lost or leaked (S0, S1)."""

from pathlib import Path

from mailbot.model.common_fields import REMARKS
from mailbot.model.people import Category, Language
from mailbot.model.procedure import Choice, Field, FieldKind, Procedure
from mailbot.procedures.password_reset.effects import effects
from mailbot.procedures.password_reset.rules import DATED, EARLIEST, check

FIELDS = (
    Field(
        "user_ids",
        {Language.JA: "利用者ID", Language.EN: "User IDs"},
        FieldKind.USER_IDS,
        required=True,
        aliases=("初期化する利用者ID", "初期化を希望する利用者ID", "対象利用者ID", "対象ID"),
    ),
    Field(
        "reason",
        {Language.JA: "パスワード初期化の希望理由", Language.EN: "Reason for initialisation"},
        FieldKind.TEXT,
        required=True,
        max_length=240,
        aliases=("希望理由", "初期化の希望理由", "初期化理由", "理由", "申込理由", "reason"),
    ),
    Field(
        "timing",
        {Language.JA: "NACCS反映タイミング", Language.EN: "Timing"},
        FieldKind.CHOICE,
        aliases=("反映タイミング", "タイミング", "反映時期", "reflection timing"),
        choices=(
            Choice(
                EARLIEST,
                {Language.JA: "最短の日程で登録を希望", Language.EN: "at the earliest date"},
                ("最短", "最短の日程", "最短で登録を希望", "earliest", "asap"),
            ),
            Choice(
                DATED,
                {Language.JA: "日付を指定して登録を希望", Language.EN: "on the date given"},
                ("日付指定", "日付を指定", "指定", "dated", "date"),
            ),
        ),
        default=EARLIEST,
    ),
    Field(
        "wished_day",
        {Language.JA: "NACCS登録希望日", Language.EN: "Wished date"},
        FieldKind.DATE,
        aliases=("登録希望日", "希望日", "wished day", "date"),
    ),
    REMARKS,
)

PROCEDURE = Procedure(
    name="password_reset",
    titles={Language.JA: "パスワード初期化", Language.EN: "Password initialisation"},
    category=Category.SYSTEM_SETTING,
    fields=FIELDS,
    check=check,
    effects=effects,
    words=Path(__file__).parent / "words",
    aliases=(
        "利用者IDパスワードの初期化",
        "利用者IDパスワード初期化",
        "利用者IDパスワード再発行",
        "パスワードの初期化",
        "パスワード再発行",
        "パスワードの再発行",
        "仮パスワード発行",
        "password reset",
        "password initialisation",
        "password initialization",
    ),
    clues=("パスワード", "password", "初期化", "ログイン", "ログオン"),
)
