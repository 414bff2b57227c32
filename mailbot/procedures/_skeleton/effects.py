"""The effects of 新しい手続 on the contract."""

from mailbot.model.effects import Effect
from mailbot.model.procedure import Circumstances, Filled


def effects(filled: Filled, circumstances: Circumstances) -> list[Effect]:
    """The effects, without the numbers that the approval allocates; [] when the contract does not change."""
    del filled, circumstances
    return []
