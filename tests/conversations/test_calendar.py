"""What the notices enclose for people's calendars, from the question to an approval that is taken back."""

from icalendar import Calendar

from mailbot.desk.operators.applications import take_approval_back
from tests.testkit.contract_forms import BROKER, approve
from tests.testkit.desk import DeskUnderTest, Person, ReceivedNotice


def entries(notice: ReceivedNotice) -> list[tuple[str, str, int, str]]:
    """(method, kind, sequence, day) of each entry that the notice encloses."""
    found = []
    for part in notice.message.walk():
        if part.get_content_type() != "text/calendar":
            continue
        assert part.get_content_charset() == "utf-8"
        raw = part.get_payload(decode=True)
        assert isinstance(raw, bytes)
        assert b"desk+" not in raw  # no reply token
        calendar = Calendar.from_ical(raw)
        assert part.get_param("method") == calendar["method"]
        for event in calendar.walk("VEVENT"):
            assert event["uid"].endswith("-2600001B-desk@desk.example")
            day = str(event["dtstart"].dt)
            found.append((str(calendar["method"]), event["uid"].partition("-")[0], event["sequence"], day))
    return found


def test_question_correction_approval_and_its_end(
    desk: DeskUnderTest, taro: Person, hanako: Person, ichiro: Person
) -> None:
    taro.sends(BROKER)
    assert entries(taro.gets("received")) == []
    hanako.forgets()
    ichiro.replies(ichiro.gets("review-request"), "確認依頼\n証票番号をご確認ください。\n")
    for person in (taro, hanako):
        asked = person.gets("confirmation-request")
        assert entries(asked) == [("PUBLISH", "answer", 0, "2026-12-07")]
        assert "カレンダーファイル（.ics）" in asked.text
    taro.replies(asked, "修正\n通関士証票番号：12-7897\n")
    corrected = taro.gets("received")
    assert entries(corrected) == [("CANCEL", "answer", 1, "2026-12-07")]
    hanako.forgets()
    approve(desk, ichiro)
    start = str(desk.application("2600001B").start_date)
    period = desk.application("2600001B").view_period
    assert period is not None
    completed = taro.gets("completed")
    assert entries(completed) == [("PUBLISH", "start", 0, start), ("PUBLISH", "view", 0, str(period.last))]
    take_approval_back(desk.application("2600001B"), "誤り", "ops", desk.clock.now(), desk.context)
    desk.deliver()
    gone = taro.gets("taken-back")
    assert entries(gone) == [("CANCEL", "start", 1, start), ("CANCEL", "view", 1, str(period.last))]
    assert "登録済みの予定を取り消せます" in gone.text
