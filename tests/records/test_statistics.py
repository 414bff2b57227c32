"""Tests of records.maintenance.statistics."""

from datetime import timedelta

from mailbot.model.application import Approval
from mailbot.model.lifecycle import Event
from mailbot.model.queued_mail import Disposition
from mailbot.records.applications import application_store
from mailbot.records.database import Store
from mailbot.records.maintenance import statistics
from mailbot.records.maintenance.statistics import DecisionTimes
from mailbot.records.queues import inbox
from tests.testkit.records import ICHIRO, NOW, arrival, draft, receive, submitted

HOUR = timedelta(hours=1)


def test_figures(store: Store) -> None:
    numbers = receive(store, [arrival() for _ in range(3)])
    with store.transaction():
        draft()
        submitted()
        for hours in (1, 2, 3, 40):
            approval = Approval((), (), None, None)
            application_store.apply_event(submitted(), Event.APPROVE, NOW + hours * HOUR, ICHIRO, approval=approval)
        inbox.finish(numbers[0], Disposition.QUARANTINED, "surprise", NOW)
        inbox.finish(numbers[1], Disposition.QUARANTINED, "no-from", NOW)
    later = NOW + 30 * HOUR
    with store.reading():
        assert statistics.applications_by_state(None) == [
            ("password_reset", "completed", 4),
            ("password_reset", "draft", 1),
            ("password_reset", "received", 1),
        ]
        assert statistics.applications_by_state(later) == [("password_reset", "draft", 1)]
        assert statistics.decision_times(None) == [DecisionTimes("password_reset", 4, 2 * HOUR, 40 * HOUR, 40 * HOUR)]
        assert [one.decided for one in statistics.decision_times(later)] == [1]
        assert sorted(statistics.mails_by_disposition(None)) == [
            ("quarantined", "no-from", 1),
            ("quarantined", "surprise", 1),
            ("waiting", "", 1),
        ]
        assert statistics.mails_by_disposition(later) == []
