"""Tests of records.queues.sender_costs, and of the order in which mails are claimed."""

from datetime import datetime, timedelta

from mailbot.model.evidence import Evidence
from mailbot.model.queued_mail import Arrival, Disposition, Envelope
from mailbot.model.standing import Standing
from mailbot.records.database import Store
from mailbot.records.queues import inbox, sender_costs
from mailbot.records.queues.sender_costs import Cost, account_of
from tests.testkit.records import NOW, receive

PER_HOUR = 60.0  # CPU seconds: one wears off in a minute
COSTLY, DEAR, TARO = "costly@a.jp", "dear@a.jp", "taro@a.jp"


def arrive(store: Store, *senders: str) -> None:
    receive(store, [Arrival(Envelope(one, ("desk@desk.example",)), b"x", Evidence(), NOW) for one in senders])


def charge(store: Store, account: str, seconds: float, after: timedelta = timedelta()) -> None:
    with store.queue_transaction():
        sender_costs.charge(Cost.of(account, seconds, PER_HOUR), NOW + after)


def claimed(store: Store, after: timedelta = timedelta()) -> list[tuple[int, str]]:
    found = []
    while (item := inbox.claim(store, NOW + after)) is not None:
        found.append((item.id, item.account))
        with store.transaction():
            inbox.finish(item.id, Disposition.RECORDED, "courtesy", NOW)
    return found


def test_who_costs_much_comes_after_the_others(store: Store) -> None:
    """T-70: the mails of each sender keep their order; of those who cost much the least costly comes first."""
    arrive(store, DEAR, COSTLY, TARO, DEAR, COSTLY, TARO)
    charge(store, DEAR, 20)
    charge(store, COSTLY, 2)
    charge(store, TARO, 0.9)
    assert claimed(store) == [(3, TARO), (6, TARO), (2, COSTLY), (5, COSTLY), (1, DEAR), (4, DEAR)]


def test_costs_add_up_and_wear_off(store: Store) -> None:
    arrive(store, COSTLY, TARO)
    charge(store, COSTLY, 0.7)
    charge(store, COSTLY, 0.7, after=timedelta(seconds=10))
    assert sender_costs.behind(NOW + timedelta(seconds=10)).keys() == {COSTLY}
    assert sender_costs.behind(NOW + timedelta(seconds=30)) == {}
    assert claimed(store, after=timedelta(seconds=30)) == [(1, COSTLY), (2, TARO)]


def over_budget_until(store: Store, account: str, now: datetime) -> datetime | None:
    """What the mail of an account tells that is claimed next."""
    arrive(store, account)
    item = inbox.claim(store, now)
    assert item is not None and item.account == account
    with store.transaction():
        inbox.finish(item.id, Disposition.RECORDED, "courtesy", NOW)
    return item.over_budget_until


def test_a_budget_that_is_used_up(store: Store) -> None:
    charge(store, DEAR, 59)
    assert over_budget_until(store, DEAR, NOW) is None
    charge(store, DEAR, 3)
    assert over_budget_until(store, DEAR, NOW) == NOW.replace(microsecond=123000) + timedelta(minutes=2)
    assert over_budget_until(store, DEAR, NOW + timedelta(minutes=2)) is None
    assert over_budget_until(store, TARO, NOW) is None


def test_what_has_worn_off_is_deleted(store: Store) -> None:
    charge(store, DEAR, 1)
    charge(store, TARO, 1, after=timedelta(minutes=1))
    assert [row.account for row in sender_costs.SenderCostRow.select()] == [TARO]


def test_a_forger_uses_up_nothing_of_the_person() -> None:
    assert account_of("Taro@A.jp", Standing.PROVEN) == account_of("Taro@a.JP", Standing.PROVEN)
    assert len({account_of(TARO, standing) for standing in Standing}) == len(Standing)
