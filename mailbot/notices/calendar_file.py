"""Calendar files: RFC 5545 with the methods PUBLISH and CANCEL of RFC 5546; their texts are in `templates/papers/`.

All entries are all-day events: a date has no time zone, so none is needed.  Neither a reply token nor a password is in
one: calendars are shared.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import lru_cache

from icalendar import Alarm, Calendar, Event, vCalAddress, vText

from mailbot.model.calendar_entry import CalendarEntry, EntryKind
from mailbot.model.notice import Enclosure
from mailbot.model.people import Language
from mailbot.notices.render import Renderer
from mailbot.notices.values import Case, Letterhead, ThisCase
from mailbot.notices.view import CaseView, view
from mailbot.text import one_line

_REMINDED = (EntryKind.VIEW, EntryKind.ANSWER)  # by these days somebody has to do something
_REMINDER = timedelta(hours=-15)  # before the day begins: at 9 o'clock of the day before


class CalendarWriter:
    """Writes calendar files; the same octets for the same entries."""

    def __init__(self, renderer: Renderer, letterhead: Letterhead) -> None:
        self._renderer = renderer
        self._letterhead = letterhead
        self._kept = lru_cache(maxsize=2 * len(Language))(self._made)  # … for the other copies of the notice

    def enclosures(self, entries: Sequence[CalendarEntry], case: Case, language: Language) -> tuple[Enclosure, ...]:
        """One file of all that is published, and one for each entry that is cancelled (RFC 5546 §3.2.5: one UID)."""
        return self._kept(tuple(entries), ThisCase(case), language) if entries else ()

    def _made(self, entries: tuple[CalendarEntry, ...], this: ThisCase, language: Language) -> tuple[Enclosure, ...]:
        shown = view(this.case, language)
        phrases = self._renderer.phrases("papers/calendar", language, {"case": shown, "desk": self._letterhead})
        published = [entry for entry in entries if not entry.cancelled]
        files = [self._file("PUBLISH", published, shown, phrases)] if published else []
        files += [self._file("CANCEL", [entry], shown, phrases) for entry in entries if entry.cancelled]
        return tuple(files)

    def _file(
        self, method: str, entries: Sequence[CalendarEntry], shown: CaseView, phrases: Mapping[str, str]
    ) -> Enclosure:
        calendar = Calendar()
        calendar.add("prodid", "-//mailbot//application desk//EN")
        calendar.add("version", "2.0")
        calendar.add("calscale", "GREGORIAN")
        calendar.add("method", method)
        for entry in entries:
            calendar.add_component(self._event(entry, shown, phrases))
        name = phrases["file"] if method == "PUBLISH" else f"{phrases['file_cancelled']}_{phrases[entries[0].kind]}"
        parameters = {"method": method, "charset": "utf-8"}
        return Enclosure(f"{name}_{shown.receipt}.ics", "text/calendar", calendar.to_ical(), parameters)

    def _event(self, entry: CalendarEntry, shown: CaseView, phrases: Mapping[str, str]) -> Event:
        desk, event = self._letterhead, Event()
        event.add("uid", f"{entry.kind.value}-{shown.receipt}-{desk.address}")
        event.add("sequence", entry.sequence)
        event.add("dtstamp", entry.at)
        event.add("dtstart", entry.day)  # VALUE=DATE
        event.add("dtend", entry.day + timedelta(days=1))  # exclusive (RFC 5545 §3.6.1)
        event.add("summary", f"{phrases[entry.kind]}{phrases['colon']}{shown.title} [{shown.receipt}]")
        words = phrases["cancelled_words"] if entry.cancelled else phrases[f"{entry.kind.value}_words"]
        event.add("description", f"{words}\n{phrases['number']}")
        event.add("status", "CANCELLED" if entry.cancelled else "CONFIRMED")
        event.add("transp", "TRANSPARENT")  # nobody is busy on that day
        organizer = vCalAddress(f"mailto:{desk.address}")
        organizer.params["CN"] = vText(one_line(desk.name))
        event.add("organizer", organizer)
        if entry.kind in _REMINDED and not entry.cancelled:
            alarm = Alarm()
            alarm.add("action", "DISPLAY")
            alarm.add("description", phrases[entry.kind])
            alarm.add("trigger", _REMINDER)
            event.add_component(alarm)
        return event
