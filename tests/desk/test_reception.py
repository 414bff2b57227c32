"""A mail that two processes handle at once is carried out by one of them (T-95)."""

from datetime import timedelta

import pytest

from mailbot.desk import reception
from mailbot.desk.unhandled import quarantine
from mailbot.model.read_line import LineKind, LineSource, ReadLine
from mailbot.records.applications import application_store
from mailbot.records.maintenance import raw_mail_retention
from mailbot.records.queues import inbox, read_lines
from tests.testkit.desk import FORM, DeskUnderTest, Person
from tests.testkit.records import die


def test_the_second_process_finds_it_done(desk: DeskUnderTest, taro: Person) -> None:
    seen = []
    real = reception.handle

    def twice(item, now, context):  # type: ignore[no-untyped-def]
        outcome = real(item, now, context)
        die(desk.store)
        with pytest.raises(inbox.AlreadyHandled):
            real(item, now, context)
        with pytest.raises(inbox.AlreadyHandled):
            quarantine.quarantine_mail(item, "surprise", "", now, context)
        seen.append(item.id)
        return outcome

    handle, reception.handle = reception.handle, twice
    try:
        taro.sends(FORM)
    finally:
        reception.handle = handle
    assert seen
    with desk.store.reading():
        assert len(application_store.listing()) == 1
        assert inbox.counts()["carried_out"] == 1


def test_what_each_line_was_taken_for_is_kept_with_the_mail(desk: DeskUnderTest, taro: Person) -> None:
    """Without tokens, not of a withheld mail nor of a stranger; deleted with the raw mail."""
    taro.sends(FORM)
    received = taro.gets("received")
    taro.replies(received, "状況")
    taro.sends("先ほどの添付ファイルの解凍パスワード：aB3xY9 です。", "パスワードのお知らせ")
    desk.person("", "nobody@elsewhere.example").sends(FORM)
    with desk.store.reading():
        kept = {number: read_lines.lines_of(number) for number in range(1, 6)}
    assert ReadLine("識別番号：A0A", LineKind.FIELD, name="user_ids") in kept[1]
    assert kept[2][0] == ReadLine("状況", LineKind.COMMAND, LineSource.LINE, "status")
    assert any(line.kind is LineKind.QUOTE for line in kept[2])
    assert kept[3] == kept[4] == kept[5] == ()
    packed = str(kept)
    assert received.reply_to.partition("+")[2].partition("@")[0] not in packed
    assert "aB3xY9" not in packed
    later = desk.clock.now() + timedelta(days=9)
    raw_mail_retention.delete_raw_mail(desk.store, later, 8)
    with desk.store.reading():
        assert read_lines.lines_of(1) == ()
