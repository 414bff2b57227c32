"""The effects of パスワード初期化: one 仮パスワード for each ID, valid at once regardless of the wished date (S0)."""

from mailbot.model.effects import Effect, IssuePassword
from mailbot.model.procedure import Circumstances, Filled


def effects(filled: Filled, circumstances: Circumstances) -> list[Effect]:
    """One IssuePassword for each 利用者ID, in the order of the form."""
    del circumstances  # the effects depend on the form alone
    return [IssuePassword(user_id) for user_id in filled.codes("user_ids")]
