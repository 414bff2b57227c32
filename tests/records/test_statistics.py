"""Tests of records.maintenance.statistics."""

from datetime import timedelta

from mailbot.clock import tokyo_date
from mailbot.model.application import Approval
from mailbot.model.inquiry import Audience, Inquiry, InquiryState
from mailbot.model.lifecycle import Event
from mailbot.model.queued_mail import Disposition
from mailbot.records.applications import application_store
from mailbot.records.database import Store
from mailbot.records.inquiries import inquiries
from mailbot.records.maintenance import statistics
from mailbot.records.maintenance.statistics import DecisionTimes, InquiryFigures
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


def test_inquiry_figures(store: Store) -> None:
    today = tokyo_date(NOW)
    with store.transaction():
        for number, hours in enumerate((1, 2, 30, 0, 0, 0, 0)):
            promised = today + timedelta(days=number - 4)
            arrived = NOW - timedelta(days=8 - number)
            inquiries.insert(Inquiry(number, arrived, "a@b.example", "", "?", Audience.DESK, promised))
            if hours:
                assert inquiries.finish(number, InquiryState.ANSWERED, "x", arrived + hours * HOUR)
        assert inquiries.finish(6, InquiryState.CLOSED, "x", NOW + HOUR)
    with store.reading():
        assert statistics.inquiry_figures(None, today) == InquiryFigures(3, 1, 3, 1, 2 * HOUR)
        assert statistics.inquiry_figures(NOW - timedelta(days=5), today) == InquiryFigures(3, 1, 0, 1, None)
        assert statistics.inquiry_figures(NOW, today) == InquiryFigures(0, 0, 0, 0, None)
