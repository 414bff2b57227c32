"""The desk's own pages in words.  Their templates are in `templates/web/desk/`, their words in `words/` there."""

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from mailbot.model.people import Language
from mailbot.notices.render import Renderer
from mailbot.notices.values import Letterhead

# In their order.  An entry is there when a page belongs to it (desk/pages/table.py) and its reader may see it.
MENU_ENTRIES = ("today", "queue", "log", "quarantine", "outbox", "inquiries", "register", "audit", "log_ins")


@dataclass(frozen=True)
class MenuEntry:
    """`number`: how much waits there, 0 for no figure; `late`: some of it beyond its promise."""

    name: str
    path: str
    number: int = 0
    late: bool = False


@dataclass(frozen=True)
class Frame:
    """What stands around a page of somebody who is logged in.  `menu`: () before the log-in; `here`: its entry."""

    language: Language
    now: datetime
    who: str = ""
    roles: frozenset[str] = frozenset()
    csrf: str = ""
    menu: tuple[MenuEntry, ...] = ()
    here: str = ""


class DeskPageWriter:
    """Writes each page as HTML."""

    def __init__(self, renderer: Renderer, letterhead: Letterhead) -> None:
        self._renderer = renderer
        self._letterhead = letterhead

    def page(self, template: str, frame: Frame, value: object = None) -> str:
        """`web/desk/TEMPLATE.j2` with `value` as `page`."""
        language = frame.language.value
        context = {
            "desk": self._letterhead,
            "lang": frame.language,
            "frame": frame,
            "page": value,
            "words": f"web/desk/words/{template}.{language}.j2",
            "common": f"web/desk/words/common.{language}.j2",
            "names_file": f"names.{language}.j2",
            "procedure_name": "",
            "labels": {},
            "style_version": sha256(self.style().encode()).hexdigest()[:8],
        }
        return self._renderer.page(f"web/desk/{template}.j2", context)

    def style(self) -> str:
        """The style sheet of all pages of the desk."""
        return self._renderer.page("web/desk/style.css", {})
