"""What an approved 新しい手続 does to the contract."""

from mailbot.model.effects import Effect
from mailbot.model.procedure import Circumstances, Filled


def effects(filled: Filled, circumstances: Circumstances) -> list[Effect]:
    """The changes, without the numbers that the approval gives; [] when there is nothing to change."""
    del filled, circumstances
    return []
