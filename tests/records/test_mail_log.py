"""Tests of records.log: the hash chain detects changes; filters and search."""

from collections.abc import Callable
from typing import Any

import pytest

from mailbot.records.database import Store
from mailbot.records.log import audit, mail_log
from mailbot.records.schema.log_tables import MailLogRow
from tests.testkit.records import MINUTE, NOW, arrival, mail, put_mail, receive


def row(**fields: Any) -> int:
    """Append a row, in the caller's transaction."""
    given: dict[str, Any] = {
        "at": NOW,
        "direction": "in",
        "sender": "taro@naxtrade.example",
        "recipient": "desk@desk.example",
    }
    return mail_log.append(**given | fields)


def test_a_row_comes_out_as_it_went_in(store: Store) -> None:
    with store.transaction():
        number = row(subject="申込", disposition="answered", reason="help", text="本文", inbox_id=3, receipt="2600001C")
    kept = mail_log.get(number)
    assert kept is not None
    assert (kept.id, kept.at, kept.subject, kept.text) == (number, NOW, "申込", "本文")
    assert (kept.inbox_id, kept.outbox_id, kept.office, kept.receipt) == (3, None, "", "2600001C")
    assert mail_log.get(number + 1) is None
    assert mail_log.listing(10) == [kept]


def test_the_chain_holds(store: Store) -> None:
    assert mail_log.verify() == (0, None)
    with store.transaction():
        for number in range(5):
            row(subject=f"{number} \udcff\0", text="\0")  # what a stranger may write
    assert mail_log.verify() == (5, None)


CHANGES: list[Callable[[int], Any]] = [
    lambda n: MailLogRow.update(text="anders").where(MailLogRow.id == n).execute(),
    lambda n: MailLogRow.update(at=NOW + MINUTE).where(MailLogRow.id == n).execute(),
    lambda n: MailLogRow.update(inbox_id=99).where(MailLogRow.id == n).execute(),
    lambda n: MailLogRow.update(hash="0" * 64).where(MailLogRow.id == n).execute(),
    lambda n: MailLogRow.update(sender="", recipient="taro@naxtrade.example").where(MailLogRow.id == n).execute(),
]


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("place", [0, 1, 3])
def test_a_change_shows(store: Store, change: Callable[[int], Any], place: int) -> None:
    with store.transaction():
        numbers = [row() for _ in range(4)]
        change(numbers[place])
    assert mail_log.verify()[1] == numbers[place]


def test_a_missing_row_shows(store: Store) -> None:
    with store.transaction():
        numbers = [row() for _ in range(4)]
        MailLogRow.delete().where(MailLogRow.id == numbers[1]).execute()
    assert mail_log.verify()[1] == numbers[2]


def test_listing_narrows(store: Store) -> None:
    with store.transaction():
        a = row(receipt="2600001C", office="NAC001", disposition="answered")
        b = row(at=NOW + MINUTE, direction="out", sender="desk@desk.example", recipient="%@x.example", office="NAC001")
        c = row(at=NOW + 2 * MINUTE, sender="jiro@naxtrade.example", disposition="refused")

    def ids(limit: int = 10, **narrow: Any) -> list[int]:
        return [one.id for one in mail_log.listing(limit, **narrow)]

    assert ids() == [a, b, c]
    assert ids(2) == [b, c]
    assert ids(receipt="2600001C") == [a]
    assert ids(office="NAC001") == [a, b]
    assert ids(address="desk@desk.example") == [a, b, c]
    assert ids(address="naxtrade") == [a, c]
    assert ids(address="%") == [b]  # no wildcard
    assert ids(disposition="refused") == [c]
    assert ids(since=NOW + MINUTE) == [b, c]
    assert ids(address="naxtrade", since=NOW + MINUTE) == [c]


def test_search(store: Store) -> None:
    with store.transaction():
        a = row(subject="パスワード初期化の申込", text="失念したため 100%")
        b = row(subject="Re: 申込", text="LOST_password", message_id="<a@b.example>")

    def ids(words: str, limit: int = 10) -> list[int]:
        return [one.id for one in mail_log.search(words, limit)]

    assert ids("申込") == [a, b]
    assert ids("申込", 1) == [b]
    assert ids("失念 初期化") == [a]
    assert ids("初期化 lost_PASSWORD") == []
    assert ids("<a@b") == [b]
    assert (ids("0%"), ids("t_p"), ids("a%b"), ids("a_b")) == ([a], [b], [], [])
    assert ids("") == [a, b]


def test_the_mail_of_a_row(store: Store) -> None:
    (inbox_id,) = receive(store, [arrival(b"in\r\n")])
    with store.transaction():
        outbox_id = put_mail(mail(raw=b"out\r\n"), NOW)
        rows = [row(inbox_id=inbox_id), row(direction="out", outbox_id=outbox_id, inbox_id=inbox_id), row()]
    kept = [mail_log.get(number) for number in rows]
    assert [mail_log.raw_of(store, one) for one in kept if one] == [b"in\r\n", b"out\r\n", None]


def test_access_to_secrets_is_logged(store: Store) -> None:
    with store.transaction():
        audit.append(NOW, "hanako", "looked")
        audit.append(NOW + MINUTE, "\udcff", "looked again")
    assert audit.listing() == [(NOW, "hanako", "looked"), (NOW + MINUTE, "\ufffd", "looked again")]
