"""Calendar files: what they say, when they change, and that calendar programs read them."""

import subprocess
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from icalendar import Calendar

from mailbot.model.application import Application, Step
from mailbot.model.calendar_entry import CalendarEntry, EntryKind, changed, current
from mailbot.model.lifecycle import Event, State
from mailbot.model.notice import Enclosure
from mailbot.model.people import Language
from mailbot.model.view_period import ViewPeriod
from mailbot.notices.calendar_file import CalendarWriter
from mailbot.notices.render import Renderer
from mailbot.notices.values import Letterhead
from tests.testkit.notices import samples, samples_of_changes
from tests.testkit.servers import needed

CASE = samples_of_changes.received("broker_id_addition")
START, LAST, ANSWER = date(2026, 12, 10), date(2026, 12, 14), date(2026, 12, 7)
NOW = datetime(2026, 11, 20, 3, tzinfo=UTC)
_AFTER = {Event.ASK: State.NEEDS_CONFIRMATION, Event.APPROVE: State.COMPLETED, Event.WITHDRAW: State.WITHDRAWN}
_AFTER |= {Event.LOOK: State.COMPLETED, Event.REVOKE: State.COMPLETED, Event.START: State.COMPLETED}
_AFTER |= {Event.CORRECT: State.RECEIVED, Event.REOPEN: State.RECEIVED, Event.LAPSE: State.LAPSED}


def goes_on(application: Application, event: Event, **days: object) -> Application:
    """The application after one more event, an hour later, with what the event fixes."""
    state, at = _AFTER.get(event, application.state), NOW + timedelta(hours=len(application.steps))
    known: Mapping[str, object] = {
        Event.ASK: {"answer_by": datetime(2026, 12, 7, tzinfo=samples_of_changes.UTC)},
        Event.APPROVE: {"start_date": START, "view_period": ViewPeriod(date(2026, 11, 20), LAST)},
        Event.CORRECT: {"answer_by": None},
        Event.REOPEN: {"start_date": None, "view_period": None},
        Event.REVOKE: {"view_period": None},
    }.get(event, {})
    step = Step(event, state, at, samples.TARO, 1)
    return replace(application, state=state, steps=(*application.steps, step), **{**known, **days})


def told(*events: Event) -> list[str]:
    """What each event makes known: + and - for published and cancelled, with kind, day and sequence."""
    application, lines = CASE.application, []
    for event in events:
        before, application = application, goes_on(application, event)
        entries = changed(before, application)
        lines.append(" ".join(f"{'-' if e.cancelled else '+'}{e.kind}{e.day.day}#{e.sequence}" for e in entries))
    return lines


A, R = Event.APPROVE, Event.REOPEN
LIVES: dict[str, tuple[tuple[Event, ...], list[str]]] = {
    "approved": ((A, Event.LOOK, Event.START), ["+start10#0 +view14#0", "", ""]),
    "taken back, approved again": ((A, R, A), ["+start10#0 +view14#0", "-start10#1 -view14#1", "+start10#2 +view14#2"]),
    "passwords revoked": ((A, Event.LOOK, Event.REVOKE), ["+start10#0 +view14#0", "", "-view14#1"]),
    "asked, corrected, approved": (
        (Event.ASK, Event.CORRECT, A),
        ["+answer7#0", "-answer7#1", "+start10#0 +view14#0"],
    ),
    "asked twice": ((Event.ASK, Event.ASK, Event.WITHDRAW), ["+answer7#0", "+answer7#1", "-answer7#2"]),
    "asked again": ((Event.ASK, Event.CORRECT, Event.ASK), ["+answer7#0", "-answer7#1", "+answer7#2"]),
    "taken on, held, withdrawn": ((Event.TAKE, Event.HOLD, Event.WITHDRAW), ["", "", ""]),
    "asked, held": ((Event.ASK, Event.HOLD, Event.CORRECT), ["+answer7#0", "", "-answer7#1"]),
}


@pytest.mark.parametrize("name", LIVES)
def test_what_is_published_and_cancelled(name: str) -> None:
    events, expected = LIVES[name]
    assert told(*events) == expected


def files(
    *entries: CalendarEntry, desk: Letterhead = samples.DESK, language: Language = Language.JA
) -> tuple[Enclosure, ...]:
    writer = CalendarWriter(Renderer([samples.TEMPLATES], {p.name: p.words for p in samples.PROCEDURES.values()}), desk)
    return writer.enclosures(entries, CASE, language)


def entry(kind: EntryKind, day: date, sequence: int = 0, *, cancelled: bool = False) -> CalendarEntry:
    return CalendarEntry(kind, day, sequence, NOW, cancelled)


PUBLISHED = (entry(EntryKind.START, START), entry(EntryKind.VIEW, LAST), entry(EntryKind.ANSWER, ANSWER))
CANCELLED = tuple(replace(one, sequence=1, cancelled=True) for one in PUBLISHED)


@pytest.mark.parametrize("language", Language)
def test_a_published_file_read_back(language: Language) -> None:
    (file,) = files(*PUBLISHED, language=language)
    assert (file.content_type, file.parameters) == ("text/calendar", {"method": "PUBLISH", "charset": "utf-8"})
    assert file.name == {Language.JA: "予定_2600001B.ics", Language.EN: "calendar_2600001B.ics"}[language]
    calendar = Calendar.from_ical(file.data)
    assert (str(calendar["version"]), str(calendar["method"])) == ("2.0", "PUBLISH")
    assert [(e["uid"], e["dtstart"].dt, e["dtend"].dt, e["sequence"]) for e in calendar.walk("VEVENT")] == [
        (f"{kind}-2600001B-desk@desk.example", day, day + timedelta(days=1), 0)
        for kind, day in (("start", START), ("view", LAST), ("answer", ANSWER))
    ]
    for one in calendar.walk("VEVENT"):
        assert "[2600001B]" in one["summary"] and "2600001B" in one["description"]
        assert (one["dtstamp"].dt, one["status"], one["organizer"]) == (NOW, "CONFIRMED", "mailto:desk@desk.example")
        assert "VALUE=DATE" in one["dtstart"].to_ical().decode() or one["dtstart"].params["VALUE"] == "DATE"
    assert len(calendar.walk("VALARM")) == 2  # not of the 利用開始日, on which nobody has to do anything
    assert files(*PUBLISHED, language=language)[0].data == file.data


def test_each_cancelled_entry_has_a_file_of_its_own() -> None:
    made = files(*CANCELLED)
    assert [one.name for one in made] == [
        f"予定の取消し_{what}_2600001B.ics"
        for what in ("利用開始日", "パスワード参照期間の最終日", "確認依頼の回答期限")
    ]
    for one, was in zip(made, PUBLISHED, strict=True):
        (event,) = Calendar.from_ical(one.data).walk("VEVENT")
        assert one.parameters["method"] == "CANCEL"
        assert (event["status"], event["sequence"], event["dtstart"].dt) == ("CANCELLED", 1, was.day)
        assert event["uid"] == Calendar.from_ical(files(was)[0].data).walk("VEVENT")[0]["uid"]


def test_lines_are_folded_and_text_is_escaped() -> None:
    name = 'Desk; "A", B\\C' + "長い名前の" * 30 + "\r\nATTENDEE:mailto:x@evil.example"
    (file,) = files(*PUBLISHED, desk=replace(samples.DESK, name=name))
    lines = file.data.split(b"\r\n")
    assert max(map(len, lines)) <= 75
    assert all(b"\n" not in line for line in lines)
    for line in lines:
        line.decode()  # folded between characters, never inside one
    assert not any(line.startswith(b"ATTENDEE") for line in lines)
    for event in Calendar.from_ical(file.data).walk("VEVENT"):
        assert 'Desk; "A", B\\C長い' in event["description"]
        assert "attendee" not in event


def test_nothing_that_the_applicant_wrote_is_in_a_file() -> None:
    whole = b"".join(one.data for one in files(*PUBLISHED, *CANCELLED)).decode().replace("\r\n ", "")
    contact = CASE.application.revision.contact
    assert not [
        word for word in (contact.name, contact.email, contact.phone, "12-7896", CASE.office.company) if word in whole
    ]


def test_the_page_gives_the_same_file_as_the_notice() -> None:
    approved = goes_on(CASE.application, Event.APPROVE)
    looked = goes_on(approved, Event.LOOK)
    assert current(looked) == changed(CASE.application, approved)


KHAL = """\
[calendars]
[[desk]]
path = {folder}/calendar
type = calendar
[locale]
local_timezone = Asia/Tokyo
default_timezone = Asia/Tokyo
timeformat = %H:%M
dateformat = %Y-%m-%d
longdateformat = %Y-%m-%d
datetimeformat = %Y-%m-%d %H:%M
longdatetimeformat = %Y-%m-%d %H:%M
[sqlite]
path = {folder}/khal.db
"""


@pytest.mark.slow
def test_khal_imports_moves_and_cancels_the_days(tmp_path: Path) -> None:
    needed("khal", "khal")
    (tmp_path / "calendar").mkdir()
    settings = tmp_path / "khal.conf"
    settings.write_text(KHAL.format(folder=tmp_path))

    def khal(*command: str) -> str:
        done = subprocess.run(["khal", "-c", str(settings), *command], check=True, capture_output=True, text=True)
        return done.stdout

    def opens(*made: Enclosure) -> list[str]:
        for one in made:
            file = tmp_path / "opened.ics"
            file.write_bytes(one.data)
            khal("import", "--batch", "-a", "desk", str(file))
        return khal("list", "--day-format", "", "-f", "{start-date} {cancelled}{title}", "2026-11-20", "60d").split(
            "\n"
        )[:-1]

    assert opens(*files(*PUBLISHED)) == [
        "2026-12-07 確認依頼の回答期限：通関士IDの追加 [2600001B]",
        "2026-12-10 利用開始日：通関士IDの追加 [2600001B]",
        "2026-12-14 パスワード参照期間の最終日：通関士IDの追加 [2600001B]",
    ]
    moved = opens(*files(entry(EntryKind.START, date(2026, 12, 17), 2)))
    assert moved[-1] == "2026-12-17 利用開始日：通関士IDの追加 [2600001B]"
    assert len(moved) == 3
    cancelled = opens(*files(*CANCELLED[1:]))
    assert [line for line in cancelled if "CANCELLED" not in line] == [moved[-1]]
    assert len(cancelled) == 3
