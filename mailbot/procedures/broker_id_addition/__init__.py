"""The procedure 通関士IDの追加: new 識別番号 for customs brokers, for each 処理方式 that they use (S3)."""

from pathlib import Path

from mailbot.model.common_fields import REMARKS, WISHED_START
from mailbot.model.contract import METHODS
from mailbot.model.people import Category, Language
from mailbot.model.procedure import Choice, Field, FieldKind, Procedure, Ticks
from mailbot.procedures.broker_id_addition.effects import effects
from mailbot.procedures.broker_id_addition.rules import check, subjects

FIELDS = (
    Field(
        "user_code",
        {Language.JA: "利用者コード", Language.EN: "User code"},
        FieldKind.CODE,
        required=True,
        aliases=("利用者CD", "追加する利用者コード"),
        ticks=Ticks.USER_CODES,
    ),
    Field(
        "added",
        {Language.JA: "追加数", Language.EN: "Number to add"},
        FieldKind.COUNTS,
        required=True,
        aliases=("追加する識別番号数", "識別番号の追加数", "追加個数", "additions"),
        choices=tuple(Choice(method, {Language.JA: method, Language.EN: method}) for method in METHODS),
    ),
    Field(
        "badges",
        {Language.JA: "通関士証票番号", Language.EN: "Customs broker badge numbers"},
        FieldKind.CODES,
        aliases=("証票番号", "通関士証票", "badge", "badge number"),
    ),
    WISHED_START,
    REMARKS,
)

PROCEDURE = Procedure(
    name="broker_id_addition",
    titles={Language.JA: "通関士IDの追加", Language.EN: "Addition of customs broker IDs"},
    category=Category.BROKER_ID,
    fields=FIELDS,
    check=check,
    effects=effects,
    words=Path(__file__).parent / "words",
    aliases=("通関士ID追加", "通関士利用者IDの追加", "通関士用利用者IDの追加", "add broker ids", "broker id addition"),
    clues=("通関士", "証票", "broker"),
    subjects=subjects,
    starts=True,
)
