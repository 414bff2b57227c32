"""What stands around each of the desk's pages: who is logged in, and a menu with how much waits where."""

from collections.abc import Callable, Mapping
from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.pages.asked import Page
from mailbot.desk.pages.inquiry_pages import inquiry_count
from mailbot.desk.pages.outbox_pages import outbox_count
from mailbot.desk.pages.quarantine_pages import quarantine_count
from mailbot.desk.pages.queue_pages import queue_count
from mailbot.desk.pages.table import PAGES, PREFIX
from mailbot.model.desk_login import DeskLogin, DeskSession
from mailbot.model.people import Language
from mailbot.notices.desk_pages import MENU_ENTRIES, Frame, MenuEntry

# Menu entry → (how much waits there, whether some of it is late), in the caller's `Store.reading`; from indexes alone.
Count = Callable[[DeskLogin, datetime, DeskContext], tuple[int, bool]]
COUNTS: Mapping[str, Count] = {
    "queue": queue_count,
    "quarantine": quarantine_count,
    "outbox": outbox_count,
    "inquiries": inquiry_count,
}


def menu_of(login: DeskLogin, now: datetime, context: DeskContext) -> tuple[MenuEntry, ...]:
    """The entries that lead somewhere for this log-in: each to its first page in the table."""
    first = {one.menu: one for one in reversed(PAGES) if one.method == "GET" and login.may(one.roles)}
    found = []
    with context.store.reading():
        for name in MENU_ENTRIES:
            if name in first:
                number, late = COUNTS[name](login, now, context) if name in COUNTS else (0, False)
                found.append(MenuEntry(name, f"{PREFIX}{first[name].path}", number, late))
    return tuple(found)


def written(
    shown: Page,
    language: Language,
    now: datetime,
    context: DeskContext,
    *,
    found: tuple[DeskSession, DeskLogin] | None = None,
    here: str = "",
) -> str:
    """The HTML of a page.  `found`: who is logged in; `here`: the entry of the menu that the page belongs to."""
    frame = Frame(language, now)
    if found is not None:
        session, login = found
        roles = frozenset(role.value for role in login.roles)
        menu = menu_of(login, now, context)
        frame = Frame(language, now, who=login.name, roles=roles, csrf=session.csrf, menu=menu, here=here)
    return context.desk_pages.page(shown.template, frame, shown.value)
