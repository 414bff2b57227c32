"""The CPU time that the mails of each sender have cost lately, so that one sender's mails do not delay all others.

It wears off at a constant rate, the budget of an hour in an hour (generic cell rate algorithm, ITU-T I.371): stored is
the instant at which nothing of it is left.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from mailbot.model.standing import Standing
from mailbot.records.database.prepared import Prepared
from mailbot.records.schema.queue_tables import SenderCostRow
from mailbot.text import fold_address

_FULL = timedelta(hours=1)  # until the whole budget has worn off
_NOTICED = timedelta(minutes=1)  # a sixtieth of the budget; a smaller cost does not change the order
_MOST_BEHIND = 1_000  # accounts that are put behind others
_FORGET = Prepared(lambda at: SenderCostRow.delete().where(SenderCostRow.clear_at <= at))
_CHARGE = Prepared(
    lambda account, clear_at, more: SenderCostRow.insert(account=account, clear_at=clear_at).on_conflict(
        conflict_target=(SenderCostRow.account,), update={SenderCostRow.clear_at: SenderCostRow.clear_at + more}
    )
)
_BEHIND = Prepared(
    lambda noticed: (
        SenderCostRow.select()
        .where(SenderCostRow.clear_at > noticed)
        .order_by(SenderCostRow.clear_at.desc())
        .limit(_MOST_BEHIND)
    )
)


@dataclass(frozen=True)
class Cost:
    """What a mail has cost: its account, and the time in which that wears off."""

    account: str
    wears_off_in: timedelta

    @classmethod
    def of(cls, account: str, cpu_seconds: float, per_hour: float) -> "Cost":
        """`cpu_seconds` of a budget of `per_hour` seconds an hour."""
        return cls(account, cpu_seconds / per_hour * _FULL)


def account_of(author: str, standing: Standing) -> str:
    """To whom a mail is charged: an author, for each standing apart, so that no forger uses up another one's budget."""
    return f"{standing.value} {fold_address(author)}"


def charge(cost: Cost, now: datetime) -> None:
    """Add a cost, in the caller's transaction; accounts of which nothing is left are deleted."""
    at = _milliseconds(now)
    _FORGET.run(at=at)
    more = round(cost.wears_off_in.total_seconds() * 1_000)
    _CHARGE.run(account=cost.account, clear_at=at + more, more=more)


def behind(now: datetime) -> dict[str, datetime | None]:
    """The accounts whose mails are handled after those of all others, the least costly first.

    With each the instant at which it is within the budget of an hour again, None when it is now.
    """
    rows = _BEHIND.rows(noticed=_milliseconds(now + _NOTICED))
    within = {row.account: datetime.fromtimestamp(row.clear_at / 1_000, UTC) - _FULL for row in reversed(rows)}
    return {account: at if at > now else None for account, at in within.items()}


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000)
