"""Writing queued notices: what copies share, what waits together, and several processes that write."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from typing import Any
from unittest import mock

import pytest

from mailbot.desk.outgoing import write_notices
from mailbot.desk.outgoing.write_notices import NoticeAhead
from mailbot.model.queued_mail import OutboxState
from mailbot.notices import paper_layout
from mailbot.records.queues import outbox
from mailbot.records.queues.unwritten import UnwrittenNotice
from tests.testkit.contract_forms import ABOLITION, approve
from tests.testkit.desk import FORM, DeskUnderTest, Person


def test_notices_that_wait_together_share_a_commit(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    desk.relay_is_down = True
    with mock.patch("tests.testkit.desk.write_due"):
        taro.sends(FORM)
    with desk.store.reading():
        waiting = len(outbox.listing(OutboxState.UNWRITTEN))
    left = []
    with desk.store.reading():
        unwritten = [row.id for row in outbox.listing(OutboxState.UNWRITTEN)]

    def stored() -> None:
        with desk.store.reading():
            left.append([row.id for row in outbox.listing(OutboxState.UNWRITTEN)])

    assert write_notices.write_due(desk.clock.now, desk.context, stored) == waiting > 2
    assert left == [unwritten[1:], []]  # the first waits for none
    with desk.store.reading():
        assert [row.id for row in outbox.listing(OutboxState.UNWRITTEN)] == []


def test_more_notices_than_share_a_commit(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """One that cannot be written in the middle is held alone; the order of the others stays."""
    with mock.patch("tests.testkit.desk.write_due"):
        for number in ("A0A", "A0B"):
            taro.sends(FORM.replace("A0A", number))
    write, kept = type(desk.context.writer).write, []

    def failing(writer: object, content: object, to: object, *more: object) -> object:
        if to.email == ichiro.address and not kept:  # type: ignore[attr-defined]
            kept.append(to)
            raise ValueError("a faulty template")
        return write(writer, content, to, *more)  # type: ignore[arg-type]

    with (
        mock.patch.object(write_notices, "MOST_AT_ONCE", 3),
        mock.patch.object(type(desk.context.writer), "write", failing),
    ):
        desk.deliver()
    assert [got.receipt for got in taro.mails] == sorted(got.receipt for got in taro.mails)
    assert len(taro.mails) == 2
    assert len(ichiro.mails) == 1
    ichiro.forgets()
    desk.passes(minutes=1)
    desk.deliver()
    assert len(ichiro.mails) == 1


def test_a_paper_is_made_once_for_all_its_copies(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    taro.sends(ABOLITION)
    with mock.patch("mailbot.notices.papers.layout.pdf", wraps=paper_layout.pdf) as printed:
        approve(desk, ichiro)
    copies = [person.gets("received", "completed") for person in (taro, hanako)]
    papers = [next(got.message.iter_attachments()) for got in copies]
    assert papers[0].get_content() == papers[1].get_content()
    assert papers[0].get_content().startswith(b"%PDF")
    assert printed.call_count == 1


def test_recipients_of_another_process_are_left_to_it(
    desk: DeskUnderTest, taro: Person, ichiro: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It writes all notices to them, oldest first: none overtakes an older one, and others do not wait."""
    elsewhere = {taro.address}

    def only_here(work: str) -> AbstractContextManager[bool]:
        return nullcontext(not any(address in work for address in elsewhere))

    monkeypatch.setattr(desk.store, "only_here", only_here)
    taro.sends(FORM)
    taro.sends("ヘルプ", "ヘルプ")
    taro.gets_nothing()
    ichiro.gets("review-request")
    elsewhere.clear()
    desk.deliver()
    taro.gets("received", "answer")


def decided(desk: DeskUnderTest, person: Person, ahead: NoticeAhead) -> list[str]:
    """The recipients of the notices that were announced and not written yet."""
    announced: list[UnwrittenNotice] = []

    def announce(notice: UnwrittenNotice) -> None:
        announced.append(notice)
        ahead.announce(notice)

    desk.context = replace(desk.context, announce=announce)
    with mock.patch("tests.testkit.desk.write_due"):
        person.sends(FORM)
    return [notice.recipient for notice in announced]


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """The recipients of the notices of which a mail was made."""
    real, recipients = write_notices._mail_of, list[str]()

    def mail_of(row: UnwrittenNotice, *others: Any) -> Any:
        recipients.append(row.recipient)
        return real(row, *others)

    monkeypatch.setattr(write_notices, "_mail_of", mail_of)
    yield recipients


def test_the_first_notice_is_written_before_the_commit_and_used(
    desk: DeskUnderTest, taro: Person, ichiro: Person, made: list[str]
) -> None:
    ahead = NoticeAhead(desk.context)
    assert decided(desk, taro, ahead) == [taro.address]
    ahead.write()
    assert made == [taro.address]
    write_notices.write_due(desk.clock.now, desk.context, ahead=ahead)
    assert made.count(taro.address) == 1 and len(made) > 2
    desk.deliver()
    taro.gets("received")


def test_a_notice_that_is_due_before_it_was_written_ahead_is_written_once(
    desk: DeskUnderTest, taro: Person, ichiro: Person, made: list[str]
) -> None:
    ahead = NoticeAhead(desk.context)
    decided(desk, taro, ahead)
    write_notices.write_due(desk.clock.now, desk.context, ahead=ahead)
    ahead.write()
    assert made.count(taro.address) == 1


@pytest.mark.parametrize(
    "change", [{"message_id": "<other@desk.example>"}, {"value": {}}, {"recipient": "x@y.example"}]
)
def test_what_is_written_is_what_was_committed(
    desk: DeskUnderTest, taro: Person, ichiro: Person, made: list[str], change: dict[str, Any]
) -> None:
    """A notice of a decision that was rolled back, or that became another one, is never used."""
    ahead, changing = NoticeAhead(desk.context), mock.Mock()
    changing.announce = lambda notice: ahead.announce(replace(notice, **change))
    decided(desk, taro, changing)
    ahead.write()
    write_notices.write_due(desk.clock.now, desk.context, ahead=ahead)
    assert taro.address in made
    desk.deliver()
    taro.gets("received")


def test_a_notice_that_cannot_be_written_ahead_is_held_when_it_is_due(
    desk: DeskUnderTest, taro: Person, ichiro: Person
) -> None:
    ahead = NoticeAhead(desk.context)
    decided(desk, taro, ahead)
    with mock.patch.object(type(desk.context.writer), "write", side_effect=ValueError("a faulty template")):
        ahead.write()
        write_notices.write_due(desk.clock.now, desk.context, ahead=ahead)
    taro.gets_nothing()
    desk.passes(minutes=1)
    desk.deliver()
    taro.gets("received")
