"""What an approval gives out: passwords into the vault, and nowhere else."""

from collections.abc import Sequence
from datetime import datetime

from mailbot.desk.tools import Tools
from mailbot.model.application import Application
from mailbot.model.contract import Effect
from mailbot.model.passwords import generate
from mailbot.model.view_period import ViewPeriod


def issue_passwords(
    application: Application, effects: Sequence[Effect], period: ViewPeriod, now: datetime, tools: Tools
) -> None:
    """A fresh 仮パスワード for each ID, none of its last three generations, sealed until the period ends."""
    for effect in effects:
        user_id = effect.user_id
        password = generate(tools.choose, lambda candidate, of=user_id: tools.vault.used_before(of, candidate))  # type: ignore[misc]
        tools.vault.seal(application.id, user_id, password, period, now)
