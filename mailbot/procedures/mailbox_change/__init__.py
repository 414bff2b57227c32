"""The procedure メールボックスの追加・廃止: addition and abolition of mailboxes (S4)."""

from pathlib import Path

from mailbot.model.common_fields import CHANGE_REASON, REMARKS, WISHED_START
from mailbot.model.people import Category, Language
from mailbot.model.procedure import Change, Field, FieldKind, Filled, Procedure, Ticks, change_of
from mailbot.procedures.mailbox_change.effects import effects
from mailbot.procedures.mailbox_change.rules import check, subjects

FIELDS = (
    Field(
        "mail",
        {Language.JA: "メールボックス数（SMTP/POP3）", Language.EN: "Mailboxes to add (SMTP/POP3)"},
        FieldKind.COUNT,
        aliases=("メールボックス数（メール）", "追加するメールボックス数（SMTP/POP3）", "メールボックス数"),
    ),
    Field(
        "edifact",
        {Language.JA: "メールボックス数（EDIFACT）", Language.EN: "Mailboxes to add (EDIFACT)"},
        FieldKind.COUNT,
        aliases=("追加するメールボックス数（EDIFACT）", "mailboxes (EDIFACT)"),
    ),
    Field(
        "abolished",
        {Language.JA: "廃止するメールボックスID", Language.EN: "Mailboxes to abolish"},
        FieldKind.CODES,
        aliases=("メールボックスIDの廃止", "廃止メールボックスID", "廃止するメールボックス", "abolished mailboxes"),
        ticks=Ticks.MAILBOXES,
    ),
    WISHED_START,
    CHANGE_REASON,
    REMARKS,
)


def change(filled: Filled) -> Change | None:
    """Whether mailboxes are added or abolished."""
    return change_of(
        adds=filled.number("mail") + filled.number("edifact") > 0, abolishes=bool(filled.codes("abolished"))
    )


PROCEDURE = Procedure(
    name="mailbox_change",
    titles={Language.JA: "メールボックスの追加・廃止", Language.EN: "Addition and abolition of mailboxes"},
    category=Category.CONTRACT,
    fields=FIELDS,
    check=check,
    effects=effects,
    words=Path(__file__).parent / "words",
    aliases=(
        "メールボックス追加",
        "メールボックス廃止",
        "メールボックスの変更",
        "一般NACCSのメールボックス数",
        "mailbox change",
        "add mailboxes",
    ),
    clues=("メールボックス", "EDIFACT", "mailbox"),
    subjects=subjects,
    change=change,
    titles_of_changes={
        Change.ADDITION: {Language.JA: "メールボックスの追加", Language.EN: "Addition of mailboxes"},
        Change.ABOLITION: {Language.JA: "メールボックスの廃止", Language.EN: "Abolition of mailboxes"},
    },
    starts=True,
)
