"""What costs is read before the transaction, and not at all for a sender who may not act."""

import pytest

from mailbot.desk import reception
from mailbot.desk.incoming import attached_tables, prepare
from mailbot.forms.attached import Table
from mailbot.model.application import Actor
from mailbot.model.lifecycle import Event, State
from mailbot.model.people import Role
from mailbot.model.queued_mail import InboxItem
from mailbot.records.applications import application_store
from tests.testkit.desk import FORM, DeskUnderTest, Person


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    names: list[str] = []

    def read_attached(name: str, *_: object) -> Table:
        names.append(name)
        return Table(rows=(("手続", "パスワード初期化"), ("利用者コード", "1ANAC")))

    monkeypatch.setattr(attached_tables, "read_attached", read_attached)
    return names


def test_a_file_of_an_unregistered_sender_stays_closed(desk: DeskUnderTest, taro: Person, opened: list[str]) -> None:
    stranger = desk.person("", "nobody@elsewhere.example")
    assert stranger.sends("", "申込", files={"申込.csv": b"x"}).reason == "sender-not-registered"
    assert opened == []
    taro.sends("", "申込", files={"申込.csv": b"x"})
    assert opened == ["申込.csv"]


def test_nothing_is_read_inside_the_transaction(desk: DeskUnderTest, monkeypatch: pytest.MonkeyPatch) -> None:
    inside: list[bool] = []
    real = prepare.read_mail

    def read_mail(*args, **kwargs):  # type: ignore[no-untyped-def]
        inside.append(desk.store._connection.in_transaction())
        return real(*args, **kwargs)

    monkeypatch.setattr(prepare, "read_mail", read_mail)
    taro = desk.person("通関 太郎", "taro@naxtrade.example")
    taro.sends(FORM)
    received = taro.gets("received")
    taro.replies(received, "修正\n識別番号：A0B")
    assert inside == [False, False]


def test_what_changed_before_the_transaction_is_read_again(
    desk: DeskUnderTest, taro: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The application is withdrawn between reading a correction and deciding on it."""
    taro.sends(FORM)
    received = taro.gets("received")
    application, real = desk.application(received.receipt), reception.prepare

    def prepare_and_withdraw(item: InboxItem, *args, **kwargs):  # type: ignore[no-untyped-def]
        prepared = real(item, *args, **kwargs)
        if desk.application(received.receipt).state is State.RECEIVED:
            with desk.store.transaction():
                application_store.apply_event(application, Event.WITHDRAW, desk.clock.now(), Actor(Role.CONTACT))
        return prepared

    monkeypatch.setattr(reception, "prepare", prepare_and_withdraw)
    assert taro.replies(received, "修正\n識別番号：A0B").reason == "not-possible"
    assert desk.application(received.receipt).state is State.WITHDRAWN
