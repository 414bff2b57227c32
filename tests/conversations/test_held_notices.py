"""A notice that cannot be written is held back: the application stands, and everything goes out when it is mended."""

from pathlib import Path

import pytest

from mailbot.model.lifecycle import State
from mailbot.model.queued_mail import OutboxState
from mailbot.notices import render
from mailbot.notices.folder import templates_folder
from mailbot.records.maintenance.consistency import check_consistency
from mailbot.records.queues import outbox
from tests.testkit.desk import FORM, DeskUnderTest, Person

IDS = ("A0A", "A0B")
WRONG = "{{ no_such_value }}"


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of an operator's own wordings; made before the desk opens, which looks at them with each notice."""
    monkeypatch.setattr(render, "_LOOK_EVERY", 0.0)
    (tmp_path / "templates" / "notices").mkdir(parents=True)
    (tmp_path / "templates" / "layouts").mkdir()


@pytest.fixture
def operator(desk: DeskUnderTest) -> Person:
    return desk.person("", desk.config.desk.admin[0])


def override(desk: DeskUnderTest, name: str, added: str) -> Path:
    """The operator's own copy of a template, with `added` at its end of the body."""
    text = (templates_folder() / name).read_text(encoding="utf-8")
    path = desk.config.resolve("templates") / name
    path.write_text(text.replace("{% block body %}", f"{{% block body %}}{added}"), encoding="utf-8")
    return path


def test_a_faulty_wording_sets_nothing_aside(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person, operator: Person
) -> None:
    broken = override(desk, "notices/received.ja.j2", f"\n{WRONG}\n")
    receipts = []
    for number in IDS:
        outcome = taro.sends(FORM.replace("A0A", number))
        assert (outcome.reason, outcome.application is not None) == ("submitted", True)
        receipts.append(str(outcome.application.receipt))  # type: ignore[union-attr]
    taro.gets_nothing()
    hanako.gets_nothing()
    assert [got.receipt for got in ichiro.mails] == receipts  # other notices are not affected
    assert all(desk.application(receipt).state is State.RECEIVED for receipt in receipts)
    (alert,) = [got for got in operator.mails if got.kind == "alert"]
    assert "templates/notices/received.ja.j2:" in alert.text.replace("\n", "")
    with desk.store.reading():
        assert check_consistency(desk.store).faults == ()
        assert len(outbox.listing(OutboxState.UNWRITTEN)) == 4

    broken.unlink()
    desk.passes(minutes=1)
    desk.deliver()
    assert [got.receipt for got in taro.mails] == receipts
    assert [got.receipt for got in hanako.mails] == receipts
    desk.passes(minutes=5)
    desk.deliver()
    assert len(taro.mails) == len(receipts)
    with desk.store.reading():
        assert check_consistency(desk.store).faults == ()
        assert outbox.listing(OutboxState.UNWRITTEN) == []


def test_what_was_held_at_different_times_goes_out_at_the_same(desk: DeskUnderTest, taro: Person) -> None:
    """So that no notice overtakes an older one when the template is mended between their times."""
    broken = override(desk, "notices/received.ja.j2", WRONG)
    for number in IDS:
        taro.sends(FORM.replace("A0A", number))
        desk.passes(seconds=20)
    broken.unlink()
    desk.passes(seconds=20)
    desk.deliver()
    assert [got.kind for got in taro.mails] == ["received", "received"]


def test_a_faulty_layout_reaches_the_operators_in_plain_words(
    desk: DeskUnderTest, taro: Person, operator: Person
) -> None:
    layout = desk.config.resolve("templates") / "layouts" / "text_mail.j2"
    layout.write_text("{% if %}", encoding="utf-8")
    assert taro.sends(FORM).reason == "submitted"
    (alert,) = operator.mails
    assert "layouts/text_mail.j2:1" in alert.text
    layout.unlink()
    desk.passes(minutes=1)
    desk.deliver()
    taro.gets("received")


def test_it_is_said_once_a_day(desk: DeskUnderTest, taro: Person, operator: Person) -> None:
    override(desk, "notices/received.ja.j2", WRONG)
    taro.sends(FORM)
    for _ in range(5):
        desk.passes(minutes=2)
        desk.deliver()
    assert [got.kind for got in operator.mails] == ["alert"]
    desk.passes(days=1)
    desk.deliver()
    assert [got.kind for got in operator.mails] == ["alert", "alert"]


def test_a_reply_is_in_the_thread_of_what_was_held(desk: DeskUnderTest, taro: Person, ichiro: Person) -> None:
    """The Message-ID and the reply address are fixed with the decision, not with the words."""
    broken = override(desk, "notices/received.ja.j2", WRONG)
    taro.sends(FORM)
    ichiro.replies(ichiro.gets("review-request"), "承認")
    completed = taro.gets("completed")
    broken.unlink()
    desk.passes(minutes=1)
    desk.deliver()
    received = taro.gets("received")
    assert str(received.message["Message-ID"]) in str(completed.message["References"])
    assert received.message["Date"] is not None
