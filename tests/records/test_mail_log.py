"""Tests of records.log: the hash chain detects changes; filters and search."""

from collections.abc import Callable
from typing import Any

import pytest
from peewee import SQL

from mailbot.records.database import Store
from mailbot.records.log import audit, mail_log
from mailbot.records.schema.columns import PACKED_TEXT
from mailbot.records.schema.log_tables import MailLogRow
from tests.testkit.records import MINUTE, NOW, arrival, audited, mail, put_mail, receive


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


@pytest.mark.parametrize(
    "text", ["承認\n" * 200, PACKED_TEXT, PACKED_TEXT + "承認" * 200, PACKED_TEXT + "AHic", "短い"]
)
def test_a_text_is_packed(store: Store, text: str) -> None:
    """It comes out as it went in, whatever it looks like; what was stored before it was packed is read as it is."""
    with store.transaction():
        number = row(text=text)
    assert [one.text for one in mail_log.listing(10)] == [text] and mail_log.verify() == (1, None)
    ((stored,),) = store._connection.execute_sql("SELECT text FROM mail_log").fetchall()
    assert stored.startswith(PACKED_TEXT) == (text != "短い") and len(stored) <= max(len(text), 40)
    if not text.startswith(PACKED_TEXT):
        with store.transaction():
            store._connection.execute_sql(f"UPDATE mail_log SET text = '{text}' WHERE id = {number}")
        assert mail_log.verify() == (1, None)


def test_the_chain_holds(store: Store) -> None:
    assert mail_log.verify() == (0, None)
    with store.transaction():
        for number in range(5):
            row(subject=f"{number} \udcff\0", text="\0")  # what a stranger may write
    assert mail_log.verify() == (5, None)


CHANGES: list[Callable[[int], Any]] = [
    lambda n: MailLogRow.update(text=SQL(f"'{PACKED_TEXT}AHic'")).where(MailLogRow.id == n).execute(),
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
    assert audited() == [(NOW, "hanako", "looked"), (NOW + MINUTE, "\ufffd", "looked again")]
