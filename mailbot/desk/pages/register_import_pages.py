"""An import into the register, and the undoing of one: seen as differences, chosen from, and carried out.

The file is kept between both (`records.register.uploads`).  The button sends what its page showed; nothing is changed
when that is no longer what would happen.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime

from mailbot.desk.context import DeskContext
from mailbot.desk.operations.register_apply import Applied, Origin, apply, undoing
from mailbot.desk.operations.register_choice import Choice, Chosen, choose
from mailbot.desk.operations.register_preview import preview
from mailbot.desk.pages.asked import Answer, Asked, NotFound, Page, SeeOther
from mailbot.desk.pages.register_differences import Sections, sections
from mailbot.desk.pages.register_pages import import_page
from mailbot.errors import Permanent
from mailbot.model.register import Register, RowKey
from mailbot.model.register_difference import Difference
from mailbot.records.register import imports, uploads
from mailbot.records.register.uploads import Upload

MOST_OCTETS = 5_000_000  # of a file
MOST_TICKS = 230  # both sections with ticks, and the other fields
_MOST_UNPACKED = 100_000_000  # octets of an XLSX file
_MOST_PROBLEMS = 100


@dataclass(frozen=True)
class UploadPage:
    """The form for a file.  `problem`: "" | no_file | gone | file; `problems`: of the file, one for each mistake."""

    problem: str = ""
    file: str = ""
    problems: tuple[str, ...] = ()
    more: int = 0


@dataclass(frozen=True)
class ChoicePage:
    """A difference with its ticks.  `path`: where the form goes; `file`: "" when an import is undone.

    `problem`: "" | choice (ticks were changed) | stale (the register was changed).
    """

    path: str
    sections: Sections
    chosen: Chosen
    written_at: datetime | None
    file: str = ""
    undoes: int = 0
    problem: str = ""


def import_form(asked: Asked, context: DeskContext) -> Answer:
    del asked, context
    return Page("register_import", UploadPage())


def upload(asked: Asked, context: DeskContext) -> Answer:
    """Keep the file, when it is a register without a mistake."""
    file = asked.file
    if file is None or not file.data:
        return Page("register_import", UploadPage("no_file"), 422)
    try:
        register = _read(file.name, file.data)
        with context.store.reading():
            preview(register, prune=False)
    except Permanent as error:
        lines = tuple(line.strip() for line in error.public.splitlines())
        lines = lines[1:] or lines  # the first of several says what the page says
        more = max(len(lines) - _MOST_PROBLEMS, 0)
        return Page("register_import", UploadPage("file", file.name, lines[:_MOST_PROBLEMS], more), 422)
    with context.store.transaction():
        sha256 = uploads.keep(asked.login.id, file.name, file.data, asked.now)
    return SeeOther(f"/desk/register/import/{sha256}")


def import_preview(asked: Asked, context: DeskContext) -> Answer:
    found = _upload(asked, context)
    if found is None:
        return Page("register_import", UploadPage("gone"), 410)
    return _shown(_Import(found), Choice(), context)


def import_chosen(asked: Asked, context: DeskContext) -> Answer:
    """Show the difference with other ticks, carry it out, or discard the file."""
    found = _upload(asked, context)
    if found is None:
        return Page("register_import", UploadPage("gone"), 410)
    if asked.text("do") == "discard":
        with context.store.transaction():
            uploads.remove(found.sha256, asked.login.id)
        return SeeOther("/desk/register/import")
    return _chosen(_Import(found), asked, context)


def undo_preview(asked: Asked, context: DeskContext) -> Answer:
    return _of_import(asked, context, lambda undo: _shown(undo, Choice(), context))


def undo_chosen(asked: Asked, context: DeskContext) -> Answer:
    return _of_import(asked, context, lambda undo: _chosen(undo, asked, context))


class _Import:
    """The import of a file that is kept."""

    def __init__(self, upload: Upload) -> None:
        self._upload = upload
        self.path = f"/desk/register/import/{upload.sha256}"
        self.file, self.undoes = upload.file, 0

    def differ(self, choice: Choice) -> Callable[[Collection[RowKey]], Difference]:
        register = _read(self._upload.file, self._upload.content)
        return lambda take: preview(register, prune=choice.prune, take=take)

    def origin(self, who: str) -> Origin:
        return Origin(who, self.file, self._upload.sha256)

    def claim(self, login_id: int) -> bool:
        """The first of two who press the button has the file."""
        return uploads.remove(self._upload.sha256, login_id)


class _Undo:
    """The undoing of an import."""

    def __init__(self, number: int) -> None:
        self.path = f"/desk/register/imports/{number}/undo"
        self.file, self.undoes = "", number

    def differ(self, choice: Choice) -> Callable[[Collection[RowKey]], Difference]:
        del choice
        return lambda take: undoing(self.undoes, take)

    def origin(self, who: str) -> Origin:
        return Origin(who, undoes=self.undoes)

    def claim(self, login_id: int) -> bool:
        """Nothing is kept for it; a row that another undoing has changed meanwhile is left."""
        del login_id
        return True


def _shown(what: _Import | _Undo, choice: Choice, context: DeskContext, problem: str = "", status: int = 200) -> Answer:
    differ = what.differ(choice)
    with context.store.reading():
        chosen = choose(differ, choice)
        parts = sections(chosen)
    written_at = chosen.shown.written_at
    return Page(
        "register_choice", ChoicePage(what.path, parts, chosen, written_at, what.file, what.undoes, problem), status
    )


def _chosen(what: _Import | _Undo, asked: Asked, context: DeskContext) -> Answer:
    choice = Choice(asked.text("prune") == "1", frozenset(_keys(asked)))
    if asked.text("do") != "apply":
        return _shown(what, choice, context)
    if asked.text("choice") != choice.mark:  # the number on the button was another one
        return _shown(what, choice, context, "choice")
    differ = what.differ(choice)
    with context.store.reading():
        chosen = choose(differ, choice)
    if asked.text("basis") != chosen.basis or not chosen.result.changes:
        return _shown(what, choice, context, "stale", 409)
    with context.store.transaction():
        mine = what.claim(asked.login.id)
    if not mine:
        return Page("register_import", UploadPage("gone"), 410)
    return _done(apply(chosen.result, what.origin(asked.login.email), asked.now, context.store), asked, context)


def _done(applied: Applied, asked: Asked, context: DeskContext) -> Answer:
    if not applied.left:
        return SeeOther(f"/desk/register/imports/{applied.number}?done=1")
    left = tuple(str(one.key) for one in applied.left)
    return Page("register_one_import", import_page(applied.number, asked, context, left=left, just_now=True))


def _of_import(asked: Asked, context: DeskContext, then: Callable[[_Undo], Answer]) -> Answer:
    number = asked.number_of_path("number")
    with context.store.reading():
        found = imports.find(number)
    if found is None:
        return NotFound()
    if not found.kept_changes:
        return SeeOther(f"/desk/register/imports/{number}")
    return then(_Undo(number))


def _upload(asked: Asked, context: DeskContext) -> Upload | None:
    with context.store.reading():
        return uploads.find(asked.path["sha256"], asked.login.id, asked.now)


def _read(name: str, data: bytes) -> Register:
    from mailbot.register_files.register_file import register_in  # here: its libraries are large

    return register_in(name, data, most_unpacked=_MOST_UNPACKED)


def _keys(asked: Asked) -> list[RowKey]:
    """The rows that are ticked; what is none, is left out: it was not on the page."""
    found = []
    for text in asked.form.get("take", ()):
        try:
            found.append(RowKey.parse(text))
        except ValueError:
            continue
    return found
