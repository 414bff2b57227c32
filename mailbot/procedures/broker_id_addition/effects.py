"""The effects of 通関士IDの追加: new 識別番号 with passwords, valid from the 利用開始日 (S3)."""

from itertools import chain, repeat

from mailbot.model.effects import AddUserId, Effect
from mailbot.model.procedure import Circumstances, Filled
from mailbot.procedures.broker_id_addition.rules import utb_number


def effects(filled: Filled, circumstances: Circumstances) -> list[Effect]:
    """One AddUserId for each ID; the 証票番号 are assigned in the order of the form."""
    del circumstances  # the effects depend on the form alone
    badges = chain((utb_number(badge) for badge in filled.codes("badges")), repeat(""))
    methods = (method for method, number in filled.counts("added").items() for _ in range(number))
    return [AddUserId(filled.text("user_code"), method, badge=next(badges)) for method in methods]
