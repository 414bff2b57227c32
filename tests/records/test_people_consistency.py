"""`mailbot log balance` accounts for every mail that was passed on, for the audit log and for kept readings."""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta

import pytest

from mailbot.desk.inquiries import login_pause
from mailbot.desk.inquiries.replies import close_without_answer
from mailbot.desk.operations import quarantine
from mailbot.desk.operators import applications
from mailbot.records.database import Store
from mailbot.records.inquiries import inquiries
from mailbot.records.maintenance import consistency, raw_mail_retention
from mailbot.records.queues import quarantined, received
from mailbot.records.schema.application_tables import StepRow
from mailbot.records.schema.inquiry_tables import InquiryRow
from mailbot.records.schema.log_tables import AuditRow, MailLogRow
from mailbot.records.schema.queue_tables import InboxRow, OutboxRow
from tests.testkit.desk import FORM, DeskUnderTest, Person


@pytest.fixture
def busy(desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person) -> DeskUnderTest:
    """One inquiry of each end: open, answered by a reply, by a decision, closed by a reply and by a command; undone work."""
    operator = desk.person("運用 者", "operator@desk.example")
    taro.sends(FORM)
    received, request = taro.gets("received"), ichiro.gets("review-request")
    taro.replies(received, "こちらは子会社の分も含まれますでしょうか。")  # answered by the decision
    ichiro.replies(request, "承認")
    for words in ("費用はいくらですか。", "電話番号を教えていただけますか。"):
        taro.sends(words, "お問い合わせ")
    paid, phone = (one for one in operator.mails if one.kind == "inquiry")
    operator.replies(paid, "費用はかかりません。")
    operator.replies(phone, "済")
    for number in range(2):  # one stays open
        taro.sends(f"どうすればよいのでしょうか。{number}", "お問い合わせ")
    now, context = desk.clock.now(), desk.context
    with desk.store.transaction():
        open_one = next(one.mail_id for one in inquiries.listing() if one.is_open)
        assert close_without_answer(open_one, "ops", now, context)
        assert login_pause.begin("NAC001", "ops", "by an operator", now)
    application = desk.application(received.receipt)
    applications.reveal_passwords(application, "ops", now, context)
    applications.revoke_passwords(application, "ops", now + timedelta(seconds=1), context)
    desk.person("", "eve@evil.example").sends("広告")
    desk.person("", "eve@evil.example").sends("広告です")
    with desk.store.reading():
        first, second = (one.number for one in quarantined.select())
    assert not quarantine.discard(first, "advertising", quarantine.Operator("ops", now), context).problem
    assert not quarantine.release(second, quarantine.Operator("ops", now), context).problem
    desk.deliver()
    return desk


def faults(store: Store) -> list[str]:
    with store.reading():
        return [one.partition(":")[0] for one in consistency.check_consistency(store).faults]


def test_every_mail_that_was_passed_on_is_accounted_for(busy: DeskUnderTest) -> None:
    with busy.store.reading():
        found = consistency.check_consistency(busy.store)
    counts = {name: number for name, number in found.counts.items() if "inquiries" in name or "passed" in name}
    assert counts == {"mails passed_on": 5, "inquiries open": 1, "inquiries answered": 2, "inquiries closed": 2}
    assert found.faults == ()
    raw_mail_retention.delete_raw_mail(busy.store, busy.clock.now() + timedelta(days=400), 30)
    assert faults(busy.store) == []


def _of(state: str) -> object:
    return InquiryRow.mail_id == InquiryRow.select(InquiryRow.mail_id).where(InquiryRow.state == state).limit(1)


def _delete_audit(words: str) -> None:
    AuditRow.delete().where(AuditRow.what.contains(words)).execute()


ABOVE = "inquiries that are answered without a reply or a decision"
BROKEN: dict[str, tuple[Callable[[], object], str]] = {
    "an open inquiry is gone": (
        lambda: InquiryRow.delete().where(_of("open")).execute(),
        "mails that were passed on and are no inquiry",
    ),
    "an answered inquiry is gone": (
        lambda: InquiryRow.delete().where(_of("answered")).execute(),
        "mails that were passed on and are no inquiry",
    ),
    "its mail is something else": (
        lambda: InboxRow.update(disposition="recorded").where(InboxRow.disposition == "passed_on").execute(),
        "inquiries whose mail was not passed on",
    ),
    "nobody was told": (
        lambda: OutboxRow.update(kind="alert").where(OutboxRow.kind == "inquiry").execute(),
        "inquiries that nobody was told about",
    ),
    "open and answered": (
        lambda: InquiryRow.update(answered_by="x").where(_of("open")).execute(),
        "inquiries that are open and answered, or done by nobody",
    ),
    "answered by nobody": (
        lambda: InquiryRow.update(state="answered").where(_of("open")).execute(),
        ABOVE,
    ),
    "the decision is gone": (lambda: StepRow.delete().where(StepRow.event == "approve").execute(), ABOVE),
    "the reply is gone": (
        lambda: MailLogRow.delete().where(MailLogRow.reason == "inquiry-answered").execute(),
        ABOVE,
    ),
    "closed by nobody": (lambda: _delete_audit("closed"), "inquiries that are closed by nobody"),
    "done twice": (
        lambda: MailLogRow.update(detail="inquiry 3").where(MailLogRow.reason.startswith("inquiry-")).execute(),
        "inquiries that were answered or closed more than once",
    ),
    "not sent on": (
        lambda: OutboxRow.update(kind="alert").where(OutboxRow.kind == "message").execute(),
        "replies to inquiries that were not sent on",
    ),
    "a release is in no audit log": (
        lambda: _delete_audit("released mail"),
        "mails released or discarded without a row in the audit log",
    ),
    "a look is in no audit log": (
        lambda: _delete_audit("looked at"),
        "passwords displayed or revoked, and approvals taken back, without a row in the audit log",
    ),
    "a pause is in no audit log": (lambda: _delete_audit("paused"), "paused log-ins without a row in the audit log"),
}


class _Undo(Exception):
    """Takes back what a case has broken."""


def test_what_is_missing_is_reported(busy: DeskUnderTest) -> None:
    missed = []
    for name, (breaks, fault) in BROKEN.items():
        with suppress(_Undo), busy.store.transaction():
            breaks()
            found = consistency.check_consistency(busy.store).faults
            if fault not in [one.partition(":")[0] for one in found]:
                missed.append((name, found))
            raise _Undo
    assert missed == []
    assert faults(busy.store) == []


def test_a_reading_that_outlives_its_mail_is_reported(busy: DeskUnderTest) -> None:
    received.delete_content(busy.store, received.numbers(busy.store))
    assert faults(busy.store) == ["kept readings of mails that were not handled, or whose raw mail is deleted"]
