"""The procedure 新しい手続: describe its purpose here in a sentence, with the page of the manual."""

from pathlib import Path

from mailbot.model.common_fields import REMARKS
from mailbot.model.people import Category, Language
from mailbot.model.procedure import Field, FieldKind, Procedure
from mailbot.procedures._skeleton.effects import effects
from mailbot.procedures._skeleton.rules import check

# One Field a line of the form, in its order.  The kinds are in mailbot/model/procedure.py.
FIELDS = (
    Field(
        "reason",
        {Language.JA: "申込理由", Language.EN: "Reason"},
        FieldKind.TEXT,
        required=True,
        max_length=240,
        aliases=("理由", "reason"),
    ),
    REMARKS,
)

PROCEDURE = Procedure(
    name="_skeleton",
    titles={Language.JA: "新しい手続", Language.EN: "New procedure"},
    category=Category.SYSTEM_SETTING,
    fields=FIELDS,
    check=check,
    effects=effects,
    words=Path(__file__).parent / "words",
    aliases=(),  # other names, accepted in subject and form
    clues=(),  # words by which a mail without a form is assigned to it
    # starts=True,  # with the field WISHED_START, when it changes the contract on a 利用開始日
)
