"""The procedure 利用者IDの廃止: abolition of IDs and of 利用者コード, addition of 識別番号 (S2)."""

from pathlib import Path

from mailbot.model.common_fields import CHANGE_REASON, REMARKS, WISHED_START
from mailbot.model.contract import METHODS
from mailbot.model.people import Category, Language
from mailbot.model.procedure import Change, Choice, Field, FieldKind, Filled, Procedure, Ticks, change_of
from mailbot.procedures.user_id_abolition.effects import effects
from mailbot.procedures.user_id_abolition.rules import check, subjects

FIELDS = (
    Field(
        "user_ids",
        {Language.JA: "廃止する利用者ID", Language.EN: "User IDs to abolish"},
        FieldKind.USER_IDS,
        aliases=("廃止利用者ID", "廃止するID", "識別番号の廃止", "削除する利用者ID", "abolished user ids"),
    ),
    Field(
        "user_codes",
        {Language.JA: "利用者コードの廃止", Language.EN: "User codes to abolish"},
        FieldKind.CODES,
        aliases=("廃止する利用者コード", "廃止利用者コード", "abolished user codes"),
        ticks=Ticks.USER_CODES,
    ),
    Field(
        "added_to",
        {Language.JA: "追加する利用者コード", Language.EN: "User code to add to"},
        FieldKind.CODE,
        aliases=("識別番号を追加する利用者コード", "追加先の利用者コード", "add to user code"),
        ticks=Ticks.USER_CODES,
    ),
    Field(
        "added",
        {Language.JA: "追加数", Language.EN: "Number to add"},
        FieldKind.COUNTS,
        aliases=("追加する識別番号数", "識別番号の追加数", "追加個数", "additions"),
        choices=tuple(Choice(method, {Language.JA: method, Language.EN: method}) for method in METHODS),
    ),
    WISHED_START,
    CHANGE_REASON,
    REMARKS,
)


def change(filled: Filled) -> Change | None:
    """Whether 識別番号 are added, or IDs and 利用者コード abolished."""
    return change_of(
        adds=bool(filled.counts("added")), abolishes=bool(filled.codes("user_ids") or filled.codes("user_codes"))
    )


PROCEDURE = Procedure(
    name="user_id_abolition",
    titles={Language.JA: "利用者IDの廃止", Language.EN: "Abolition of user IDs"},
    category=Category.CONTRACT,
    fields=FIELDS,
    check=check,
    effects=effects,
    words=Path(__file__).parent / "words",
    aliases=(
        "利用者ID廃止",
        "利用者コードの廃止",
        "利用者コード廃止",
        "識別番号の廃止",
        "識別番号の削除",
        "識別番号の追加",
        "利用者IDの追加",
        "識別番号（追加・削除）",
        "識別番号の追加・削除",
        "abolish user ids",
        "user id abolition",
    ),
    clues=("利用者IDの廃止", "利用者コード", "識別番号", "退職", "abolish"),
    subjects=subjects,
    change=change,
    titles_of_changes={
        Change.ADDITION: {Language.JA: "利用者ID（識別番号）の追加", Language.EN: "Addition of user IDs"},
        Change.BOTH: {
            Language.JA: "利用者ID（識別番号）の追加・廃止",
            Language.EN: "Addition and abolition of user IDs",
        },
    },
    starts=True,
)
