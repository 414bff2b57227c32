"""新しい手続: say here in a sentence what it is for, and which manual page it comes from."""

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
    aliases=(),  # other names, as people write them in a subject
    clues=(),  # words by which a mail without a form shows that it is about this
    # starts=True,  # with the field WISHED_START, when it changes the contract on a 利用開始日
)
