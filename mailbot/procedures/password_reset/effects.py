"""What an approved パスワード初期化 does: one 仮パスワード for each ID, valid at once whatever date was wished (S0)."""

from mailbot.model.effects import Effect, IssuePassword
from mailbot.model.procedure import Circumstances, Filled


def effects(filled: Filled, circumstances: Circumstances) -> list[Effect]:
    """One IssuePassword per 利用者ID, in the order they were written."""
    del circumstances  # what is issued does not depend on the day or the rest of the contract
    return [IssuePassword(user_id) for user_id in filled.codes("user_ids")]
