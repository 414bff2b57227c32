"""The effects of パスワード初期化: a new password for each ID, valid at once regardless of the wished date (S0)."""

from mailbot.model.effects import Effect, IssueMailboxPassword, IssuePassword
from mailbot.model.procedure import Circumstances, Filled


def effects(filled: Filled, circumstances: Circumstances) -> list[Effect]:
    """A password for each 利用者ID, then for each メールボックスID, in the order of the form."""
    del circumstances  # the effects depend on the form alone
    found: list[Effect] = [IssuePassword(user_id) for user_id in filled.codes("user_ids")]
    return found + [IssueMailboxPassword(mailbox) for mailbox in filled.codes("mailboxes")]
