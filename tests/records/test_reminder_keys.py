"""The keys of notices are kept as long as their kind needs, and no longer: strangers cause most of them (T-10)."""

from datetime import timedelta

import pytest

from mailbot.records.applications.reminders import RETENTION, delete_old, is_recorded, record_once
from mailbot.records.database import Store
from mailbot.records.schema.application_tables import ReminderRow
from tests.testkit.contract_forms import at
from tests.testkit.desk import FORM, DeskUnderTest
from tests.testkit.records import NOW


@pytest.mark.parametrize(("kind", "kept"), RETENTION.items(), ids=RETENTION)
def test_a_key_is_deleted_when_its_retention_is_over(store: Store, kind: str, kept: timedelta | None) -> None:
    with store.transaction():
        record_once(f"{kind}:x", NOW)
        delete_old(NOW + (kept or timedelta(days=10_000)))
        assert is_recorded(f"{kind}:x")
        delete_old(NOW + (kept or timedelta(days=10_000)) + timedelta(seconds=1))
        assert is_recorded(f"{kind}:x") is (kept is None)


def test_a_kind_without_a_retention_is_a_fault(store: Store) -> None:
    with store.transaction(), pytest.raises(KeyError):
        record_once("unheard-of:x", NOW)


def test_what_strangers_cause_is_gone_after_a_while(desk: DeskUnderTest) -> None:
    """T-10: newcomers, whom the operators are told about, and whoever is over a limit."""
    for number in range(12):
        desk.person("", f"{number}@evil.co.jp").sends(FORM)
    before = ReminderRow.select().count()
    assert before
    at(desk, 2027, 3, 1, 10)
    desk.run_due_tasks()
    kinds = {row.key.partition(":")[0] for row in ReminderRow.select()}
    assert kinds <= {"purge", "digest", "daily-list", "answer", "view", "paper"}
