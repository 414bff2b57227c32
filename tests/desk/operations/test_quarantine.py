"""What operators do with quarantined mail: released it is handled once and as if it came now, discarded never."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from mailbot.clock import iso
from mailbot.desk.incoming import reading
from mailbot.desk.operations.quarantine import Handled, Operator, discard, release
from mailbot.model.evidence import Evidence
from mailbot.model.inquiry import InquiryState
from mailbot.model.people import ApplicantContact
from mailbot.model.queued_mail import Arrival, Disposition, Envelope
from mailbot.model.reasons import ABOVE_LIMIT
from mailbot.model.register import Register
from mailbot.records.applications import application_store
from mailbot.records.inquiries import inquiries
from mailbot.records.log import audit, mail_log
from mailbot.records.maintenance import consistency, raw_mail_retention
from mailbot.records.queues import inbox, quarantined
from mailbot.records.register import offices
from mailbot.runners.worker import Worker
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import audited, receive

NEW = "goro@naxtrade.example"


def operator(desk: DeskUnderTest) -> Operator:
    return Operator("ops", desk.clock.now())


def arrives(desk: DeskUnderTest, text: str = FORM, author: str = NEW, message_id: str = "<1@naxtrade.example>") -> int:
    head = (
        f"From: {author}\r\nSubject: x\r\nMessage-ID: {message_id}\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n"
    )
    arrival = Arrival(
        Envelope(author, ("desk@desk.example",)), (head + text).encode(), Evidence(peer="192.0.2.1"), desk.clock.now()
    )
    return receive(desk.store, [arrival])[0]


def works(desk: DeskUnderTest) -> None:
    while Worker(desk.context, desk.clock, handled=lambda: None).handle_one():
        pass


def register(desk: DeskUnderTest) -> None:
    """From now on NEW is a contact of NAC001."""
    with desk.store.transaction():
        contact = ApplicantContact(name="通関 五郎", kana="ツウカン ゴロウ", phone="0312345678", email=NEW)
        offices.add_contact("NAC001", contact)


def test_a_released_mail_of_somebody_who_has_left_the_register(desk: DeskUnderTest) -> None:
    """A fault kept it back while its author was a contact; today the author is none: it waits for the operators."""
    register(desk)
    number = arrives(desk, "費用はいくらですか。")
    with desk.store.transaction():
        inbox.finish(number, Disposition.QUARANTINED, "surprise", desk.clock.now())
        mail_log.append(
            at=desk.clock.now(), direction="in", disposition="quarantined", reason="surprise", inbox_id=number
        )
        office = offices.office("NAC001")
        assert office is not None
        rest = tuple(one for one in office.contacts if one.email != NEW)
        offices.replace_register(Register((replace(office, contacts=rest),), ()))
    assert release(number, operator(desk), desk.context) == Handled(number)
    works(desk)
    assert rows(number)[-1] == ("quarantined", "sender-not-registered")
    desk.deliver()
    assert [person for person in desk.people.values() if person.mails] == []
    assert balanced(desk)


def rows(number: int) -> list[tuple[str, str]]:
    found = [row for row in mail_log.listing(100) if row.inbox_id == number and row.direction == "in"]
    return [(row.disposition, row.reason) for row in found]


def balanced(desk: DeskUnderTest) -> bool:
    with desk.store.reading():
        return consistency.check_consistency(desk.store).faults == () and mail_log.verify()[1] is None


def test_a_released_mail_is_handled_with_the_register_of_now(desk: DeskUnderTest) -> None:
    number = arrives(desk)
    works(desk)
    assert rows(number) == [("quarantined", "newcomer")]
    register(desk)
    assert release(number, operator(desk), desk.context) == Handled(number)
    works(desk)
    assert rows(number) == [
        ("quarantined", "newcomer"),
        ("released", "released-by-operator"),
        ("carried_out", "submitted"),
    ]
    (application,) = application_store.listing()
    assert application.revision.contact.email == NEW
    assert balanced(desk)
    assert [row[1:] for row in audited()] == [("ops", f"released mail #{number}, quarantined (newcomer)")]


def test_it_is_authenticated_anew_where_proof_is_required(desk: DeskUnderTest) -> None:
    number = arrives(desk)
    works(desk)
    item = inbox.get(desk.store, number)
    assert item is not None
    with desk.store.transaction():
        inbox.update_evidence(number, Evidence(peer="192.0.2.1", confirmed=True, details=("old",)))
        assert quarantined.release(desk.store, number, authenticate=True)
    (waiting,) = inbox.unauthenticated(desk.store, desk.clock.now(), 10, ())
    assert (waiting.id, waiting.evidence) == (number, Evidence(peer="192.0.2.1"))
    assert inbox.claim(desk.store, desk.clock.now()) is None


def test_the_cause_that_stands_quarantines_it_again(desk: DeskUnderTest) -> None:
    number = arrives(desk)
    works(desk)
    for _ in range(2):
        assert not release(number, operator(desk), desk.context).problem
        works(desk)
    assert [disposition for disposition, _ in rows(number)] == ["quarantined", "released"] * 2 + ["quarantined"]
    assert balanced(desk)


def test_a_mail_that_could_not_be_read_is_taken_up_when_the_program_is_mended(
    desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hostile(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    number = arrives(desk, author="taro@naxtrade.example")
    with monkeypatch.context() as patch:
        patch.setattr(reading, "own_words", hostile)
        works(desk)
    assert rows(number) == [("quarantined", "surprise")]
    release(number, operator(desk), desk.context)
    works(desk)
    assert rows(number)[-1] == ("carried_out", "submitted")
    assert balanced(desk)


@pytest.mark.parametrize("again", [False, True], ids=["the repeat is quarantined too", "the repeat is carried out"])
def test_of_repeats_one_takes_effect(desk: DeskUnderTest, again: bool) -> None:
    first = arrives(desk)
    works(desk)
    if again:
        register(desk)
    second = arrives(desk)
    works(desk)
    if not again:
        assert rows(second) == [("quarantined", "newcomer")]
        register(desk)
        release(second, operator(desk), desk.context)
        works(desk)
    assert rows(second)[-1] == ("carried_out", "submitted")
    release(first, operator(desk), desk.context)
    works(desk)
    assert rows(first)[-1] == ("recorded", "duplicate")
    assert len(application_store.listing()) == 1
    assert balanced(desk)


def test_what_was_recorded_as_a_repeat_does_not_stand_in_the_way(desk: DeskUnderTest) -> None:
    """T-43: of a challenged mail and its repeat, the one that is confirmed takes effect."""
    key = {"dedupe_key": "k"}
    numbers = [arrives(desk, message_id=f"<{n}@naxtrade.example>") for n in range(3)]
    with desk.store.transaction():
        inbox.finish(numbers[0], Disposition.CHALLENGED, "sender-not-proven", desk.clock.now(), **key)  # type: ignore[arg-type]
        inbox.finish(numbers[1], Disposition.RECORDED, "duplicate", desk.clock.now(), **key)  # type: ignore[arg-type]
        assert inbox.first_with_dedupe_key(["k"], numbers[0]) is None
        assert inbox.first_with_dedupe_key(["k"], numbers[2]) == numbers[0]


def test_a_discarded_mail_stays_discarded(desk: DeskUnderTest) -> None:
    number = arrives(desk)
    works(desk)
    assert discard(number, "広告\nです", operator(desk), desk.context) == Handled(number)
    for act in (lambda: release(number, operator(desk), desk.context), lambda: _discard(desk, number)):
        already = f"ops discarded it already, at {iso(operator(desk).at)}"
        assert act().problem == f"it is not quarantined, but discarded (discarded-by-operator); {already}"
    works(desk)
    assert rows(number)[1:] == [("discarded", "discarded-by-operator")]
    last = mail_log.listing(1)[0]
    assert last.detail == "by ops\n広告 です\nit was quarantined (newcomer)"
    assert audited()[-1][2].startswith(f"discarded mail #{number}, quarantined (newcomer): 広告")
    assert balanced(desk)


def test_the_second_operator_is_told_who_released_it(desk: DeskUnderTest) -> None:
    number = arrives(desk)
    works(desk)
    assert release(number, Operator("first", desk.clock.now()), desk.context) == Handled(number)
    already = f"first released it already, at {iso(desk.clock.now())}"
    second = release(number, operator(desk), desk.context)
    assert second.problem == f"it is not quarantined, but waiting to be handled; {already}"


def _discard(desk: DeskUnderTest, number: int) -> Handled:
    return discard(number, "x", operator(desk), desk.context)


def test_what_is_not_quarantined_is_left_alone(desk: DeskUnderTest) -> None:
    number = arrives(desk, author="taro@naxtrade.example")
    assert _discard(desk, number).problem == "it is not quarantined, but waiting to be handled"
    works(desk)
    assert release(number, operator(desk), desk.context).problem == "it is not quarantined, but carried_out (submitted)"
    assert release(99, operator(desk), desk.context).problem == "there is no such mail"
    assert audited() == []


def test_a_mail_whose_content_was_deleted_is_not_released(desk: DeskUnderTest) -> None:
    number = arrives(desk)
    works(desk)
    desk.passes(days=9)
    assert raw_mail_retention.delete_raw_mail(desk.store, desk.clock.now(), 8) == 1
    assert "retention.raw_mail_days" in release(number, operator(desk), desk.context).problem
    assert not _discard(desk, number).problem


def test_filters(desk: DeskUnderTest) -> None:
    first = arrives(desk, author="Goro <goro@naxtrade.example>, x@naxtrade.example")
    works(desk)
    desk.passes(days=1)
    second = arrives(desk)
    works(desk)
    day = timedelta(hours=1)

    def numbers(**filters: object) -> list[int]:
        with desk.store.reading():
            return [mail.number for mail in quarantined.select(**filters)]  # type: ignore[arg-type]

    assert numbers() == [first, second]
    assert numbers(reason="two-from-addresses") == [first]
    assert numbers(since=desk.clock.now() - day) == [second]
    assert numbers(sender="GORO@") == [first, second]
    assert numbers(sender="nobody") == []
    assert numbers(numbers=[second]) == [second]


CHANGES: list[tuple[str, Callable[[int], object]]] = [
    ("released twice", lambda n: mail_log.append(**_row(n, "released"))),
    ("quarantined twice", lambda n: mail_log.append(**_row(n, "quarantined"))),
]


def _row(number: int, disposition: str) -> dict[str, object]:
    return {
        "at": mail_log.listing(1)[0].at,
        "direction": "in",
        "disposition": disposition,
        "inbox_id": number,
    }


@pytest.mark.parametrize("change", [change for _, change in CHANGES], ids=[name for name, _ in CHANGES])
def test_the_balance_shows_what_was_done_twice(desk: DeskUnderTest, change: Callable[[int], object]) -> None:
    number = arrives(desk)
    works(desk)
    assert not release(number, operator(desk), desk.context).problem
    works(desk)
    assert balanced(desk)
    with desk.store.transaction():
        change(number)
        if "released" in mail_log.listing(1)[0].disposition:
            change(number)
    assert not balanced(desk)


def test_release_of_what_was_passed_on_because_of_the_limit(desk: DeskUnderTest, taro: Person) -> None:
    """(Specification of the people behind the desk: a release also handles what a limit has passed on.)"""
    limit = desk.context.settings.answers_per_hour
    for number in range(limit + 2):
        taro.sends(f"これは何ですか {number}", "質問")
    with desk.store.reading():
        first, *_, last = inquiries.listing(InquiryState.OPEN)
        assert quarantined.select() == []
        above = [one.number for one in quarantined.select(reason=ABOVE_LIMIT)]
        assert above == [last.mail_id - 1, last.mail_id]
    assert release(first.mail_id, operator(desk), desk.context).problem.startswith(
        "it is not quarantined, but passed_on (passed-on); `mailbot inquiries show"
    )
    assert discard(above[0], "no", operator(desk), desk.context).problem.startswith("it is not quarantined")
    taro.forgets()
    desk.passes(hours=2)
    assert release(above[0], operator(desk), desk.context) == Handled(above[0])
    works(desk)
    desk.deliver()
    assert "担当者にお伝えしました" in taro.gets("answer").subject  # within the limit by now: the usual answer
    assert rows(above[0])[-3:] == [
        ("passed_on", ABOVE_LIMIT),
        ("released", "released-by-operator"),
        ("passed_on", "passed-on"),
    ]
    with desk.store.transaction():
        assert inquiries.finish(above[1], InquiryState.CLOSED, "ops", desk.clock.now())
        audit.append(desk.clock.now(), "ops", f"inquiry {above[1]} closed")
    assert release(above[1], operator(desk), desk.context).problem  # somebody has answered it
    with desk.store.reading():
        assert len(inquiries.listing()) == limit + 2
        assert consistency.check_consistency(desk.store).faults == ()
