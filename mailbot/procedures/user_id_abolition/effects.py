"""The effects of 利用者IDの廃止 on the 利用開始日: abolished IDs and codes, and added IDs (S2)."""

from mailbot.model.effects import AbolishUserCode, AbolishUserId, AddUserId, Effect
from mailbot.model.procedure import Circumstances, Filled


def effects(filled: Filled, circumstances: Circumstances) -> list[Effect]:
    """Abolitions first, then one AddUserId for each that is to be added."""
    del circumstances  # the effects depend on the form alone
    found: list[Effect] = [AbolishUserId(full) for full in filled.codes("user_ids")]
    found += [AbolishUserCode(code) for code in filled.codes("user_codes")]
    for method, number in filled.counts("added").items():
        found += [AddUserId(filled.text("added_to"), method) for _ in range(number)]
    return found
