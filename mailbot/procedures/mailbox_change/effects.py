"""The effects of メールボックスの追加・廃止: new mailboxes with passwords, and abolished ones (S4)."""

from mailbot.model.contract import MailboxKind
from mailbot.model.effects import AbolishMailbox, AddMailbox, Effect
from mailbot.model.procedure import Circumstances, Filled


def effects(filled: Filled, circumstances: Circumstances) -> list[Effect]:
    """Additions of each kind, then abolitions."""
    del circumstances  # the effects depend on the form alone
    found: list[Effect] = [AddMailbox(MailboxKind.MAIL.value) for _ in range(filled.number("mail"))]
    found += [AddMailbox(MailboxKind.EDIFACT.value) for _ in range(filled.number("edifact"))]
    return found + [AbolishMailbox(code) for code in filled.codes("abolished")]
