"""The procedure パスワード初期化: new passwords for user IDs and mailboxes whose password was lost or leaked.

User IDs get a 仮パスワード (S0, S1).  When a メールボックスパスワード can no longer be seen, «パスワード再発行の手続き»
is needed (S4): here the mailbox gets a new one.
"""

from pathlib import Path

from mailbot.model.common_fields import REMARKS
from mailbot.model.people import Category, Language
from mailbot.model.procedure import Change, Choice, Field, FieldKind, Filled, Procedure, Ticks
from mailbot.procedures.password_reset.effects import effects
from mailbot.procedures.password_reset.rules import DATED, EARLIEST, check

FIELDS = (
    Field(
        "user_ids",
        {Language.JA: "利用者ID", Language.EN: "User IDs"},
        FieldKind.USER_IDS,
        required=True,
        aliases=("初期化する利用者ID", "初期化を希望する利用者ID", "対象利用者ID", "対象ID"),
        instead="mailboxes",
    ),
    Field(
        "mailboxes",
        {Language.JA: "メールボックスID", Language.EN: "Mailbox IDs"},
        FieldKind.CODES,
        required=True,
        aliases=(
            "初期化するメールボックスID",
            "初期化を希望するメールボックスID",
            "再発行するメールボックスID",
            "対象メールボックスID",
            "対象のメールボックスID",
            "メールボックス",
            "mailbox id",
            "mailboxes",
            "mailbox",
        ),
        ticks=Ticks.MAILBOXES,
        instead="user_ids",
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


def change(filled: Filled) -> Change | None:
    """Whose passwords are applied for; None while the form names none."""
    user_ids, mailboxes = filled.codes("user_ids"), filled.codes("mailboxes")
    if user_ids and mailboxes:
        return Change.ALL_PASSWORDS
    return Change.USER_ID_PASSWORDS if user_ids else Change.MAILBOX_PASSWORDS if mailboxes else None


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
        "メールボックスパスワードの初期化",
        "メールボックスパスワード初期化",
        "メールボックスパスワードの再発行",
        "メールボックスパスワード再発行",
        "メールボックスのパスワード再発行",
        "password reset",
        "password initialisation",
        "password initialization",
    ),
    clues=("パスワード", "password", "初期化", "ログイン", "ログオン"),
    deciding_clues=("パスワード", "password"),
    change=change,
    titles_of_changes={
        Change.MAILBOX_PASSWORDS: {
            Language.JA: "メールボックスのパスワード初期化",
            Language.EN: "Initialisation of mailbox passwords",
        },
        Change.ALL_PASSWORDS: {
            Language.JA: "利用者IDとメールボックスのパスワード初期化",
            Language.EN: "Initialisation of the passwords of user IDs and mailboxes",
        },
    },
)
