"""A request for one of the desk's pages, and its answer, as values: the web server knows nothing else of a page."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.website.attempts import Client
from mailbot.model.desk_login import EVERYBODY, DeskLogin, DeskRole
from mailbot.model.notice import Enclosure
from mailbot.model.people import Language


@dataclass(frozen=True)
class SentFile:
    """A file of a form; `name`: without folders, never a path to write to."""

    name: str
    data: bytes = field(repr=False)


@dataclass(frozen=True)
class Asked:
    """Who asks for which page.  `form`: the fields of a POST, each with every value; its CSRF token is checked."""

    login: DeskLogin
    now: datetime
    language: Language = Language.JA
    path: Mapping[str, str] = field(default_factory=dict)  # the variable parts of the path
    query: Mapping[str, str] = field(default_factory=dict)
    form: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    session_number: int = 0
    client: Client = field(default_factory=lambda: Client(""))
    file: SentFile | None = None

    def text(self, name: str) -> str:
        """The first value of a field of the form, "" without it."""
        return next(iter(self.form.get(name, ())), "")

    def number(self, name: str) -> int:
        """The number that a field of the form has, -1 when it has none."""
        return number_in(self.text(name))

    def numbers(self, name: str) -> tuple[int, ...]:
        """The numbers that the values of a field of the form have, each once; what is none is left out."""
        found = (number_in(one) for one in self.form.get(name, ()))
        return tuple(dict.fromkeys(one for one in found if one >= 0))

    def number_of_path(self, name: str) -> int:
        """The number that a variable part of the path is, -1 when it is none."""
        return number_in(self.path.get(name, ""))


def number_in(text: str) -> int:
    """The number of at most nine ASCII digits that `text` is, -1 when it is none."""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else -1


@dataclass(frozen=True)
class Page:
    """A page: `web/desk/TEMPLATE.j2`, with its words in `words/TEMPLATE.LANGUAGE.j2`, shows `value` as `page`.

    `frames`: it shows another page of the desk within itself; `strangers`: that one, with the HTML of a mail: nothing
    of it runs, submits or loads anything.
    """

    template: str
    value: object = None
    status: int = 200
    frames: bool = False
    strangers: bool = False


@dataclass(frozen=True)
class SeeOther:
    """A redirect (303) to another of the pages, with GET."""

    path: str


@dataclass(frozen=True)
class Download:
    """A file to download; a browser never shows it."""

    file: Enclosure


@dataclass(frozen=True)
class NotFound:
    """There is no such application, mail, …"""


Answer = Page | SeeOther | Download | NotFound
Handler = Callable[[Asked, DeskContext], Answer]


@dataclass(frozen=True)
class DeskPage:
    """One row of the table of pages.

    `path`: behind `/desk`, with `{names}`; `handler` opens `Store.reading` or `Store.transaction` itself; `roles`: who
    may ask for it; `menu`: the entry of the menu that the page belongs to, "" for none; `many`: how many fields the
    form of a POST may have; `is_costly`: it compares or stores a password, as only a few requests may at once;
    `file_octets`: how large the file of a form with one may be, 0 for a form without.
    """

    method: str
    path: str
    handler: Handler
    roles: frozenset[DeskRole] = EVERYBODY
    menu: str = ""
    many: int = 30
    is_costly: bool = False
    file_octets: int = 0
