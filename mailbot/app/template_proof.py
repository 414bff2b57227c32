"""Proves the operator's templates: each is read, and every wording that it can be in is written for sample cases."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from mailbot.app.template_names import known_names
from mailbot.errors import Permanent, UsageError
from mailbot.model.keyword_words import is_command_line
from mailbot.model.notice import RenderedNotice
from mailbot.model.people import Language
from mailbot.notice_samples import all_samples, samples_of_pages
from mailbot.notices.calendar_file import CalendarWriter
from mailbot.notices.folder import templates_folder
from mailbot.notices.pages import PageWriter
from mailbot.notices.papers import PaperWriter
from mailbot.notices.render import Renderer
from mailbot.notices.template_faults import SourceReader, TemplateFault, keyword_words, names_in
from mailbot.notices.unprintable import Unprintable
from mailbot.notices.values import Letterhead
from mailbot.notices.write import NoticeWriter
from mailbot.procedures import load_procedures


@dataclass(frozen=True)
class _Wording:
    """One text that a template makes: `template` without language, such as `notices/received`."""

    template: str
    language: Language
    write: Callable[[], str]


def prove(own: Path, letterhead: Letterhead) -> list[TemplateFault]:
    """What is wrong with the templates in the operator's folder `own`, sorted; one fault for each place.

    Takes some seconds where there are templates of the operator, and nothing where there are none.
    """
    used = [name for name in names_in(own) if name in known_names()]
    if not used:
        return []
    procedures = load_procedures()
    reader = _reader()
    found = {fault for name in used for fault in reader.faults(own, name)}
    faulty = {fault.name for fault in found}
    renderer = Renderer([own, templates_folder()], {one.name: one.words for one in procedures.values()})
    for wording in _wordings(renderer, letterhead, used):
        try:
            text = wording.write()
        except (Unprintable, Exception) as error:  # of any kind: a template is a program
            fault = reader.fault_of(error, used, own)
            if fault.name not in faulty or fault.line:
                found.add(fault)
            continue
        found |= set(_keyword_lines(text, wording, used, faulty))
    return sorted(_one_for_each_place(found))


@lru_cache(maxsize=1)
def _reader() -> SourceReader:
    """Made once in a process: it reads every template of the program."""
    return SourceReader(templates_folder(), [one.words for one in load_procedures().values()])


def previews(name: str, own: Sequence[Path], letterhead: Letterhead) -> list[tuple[str, RenderedNotice]]:
    """What the template `name` makes of each sample that it concerns, by the sample's name, with the folders `own`.

    Raises UsageError when it makes no mail of its own, and Permanent when it cannot be rendered.
    """
    procedures = load_procedures()
    renderer = Renderer([*own, templates_folder()], {one.name: one.words for one in procedures.values()})
    writer = NoticeWriter(renderer, letterhead)
    found = []
    for (sample, language), one in all_samples.ALL.items():
        if f"{one.content.template_for()}.{language.value}.j2" == name:
            try:
                found.append((sample, one.write(writer)))
            except Exception as error:  # of any kind: a template is a program
                fault = _reader().fault_of(error, [name], own[0] if own else templates_folder())
                raise Permanent(f"{fault.where}: {fault.what}") from error
    if not found:
        raise UsageError(f"{name} makes no mail of its own; preview a notice or an answer, such as notices/received.ja")
    return found


def _one_for_each_place(found: set[TemplateFault]) -> Iterator[TemplateFault]:
    """A source is read and rendered: the first that was found about a line stands."""
    places = set()
    for fault in sorted(found, key=lambda one: (one.name, one.line, -len(one.what))):
        if (fault.name, fault.line) not in places:
            places.add((fault.name, fault.line))
            yield fault


def _keyword_lines(text: str, wording: _Wording, used: Sequence[str], faulty: set[str]) -> Iterator[TemplateFault]:
    """A keyword that stands alone only when the template is rendered; one of the source has been named."""
    for line in text.split("\n"):
        if is_command_line(line) and not faulty:
            own = f"{wording.template}.{wording.language.value}.j2"
            yield TemplateFault(own if own in used else ", ".join(used[:3]), 0, keyword_words(line))


def _wordings(renderer: Renderer, letterhead: Letterhead, used: Sequence[str]) -> Iterator[_Wording]:
    """Every wording that the templates `used` can be in."""
    notices, writers = (
        NoticeWriter(renderer, letterhead),
        samples_of_pages.Writers(
            PageWriter(renderer, letterhead), PaperWriter(renderer, letterhead), CalendarWriter(renderer, letterhead)
        ),
    )
    for (_, language), sample in all_samples.ALL.items():
        template = sample.content.template_for()
        if _concerns(template, language, used):
            yield _Wording(template, language, lambda one=sample: one.write(notices).text)  # type: ignore[misc]
    for language in Language:
        others = {f"web/{name}": ways for name, ways in samples_of_pages.pages(language).items()}
        others |= {f"papers/{name}": ways for name, ways in samples_of_pages.papers(language).items()}
        for template, ways in others.items():
            if _concerns(template, language, used):
                for write in ways:
                    yield _Wording(template, language, lambda one=write: _without_text(one, writers))  # type: ignore[misc]


def _without_text(write: samples_of_pages.Written, writers: samples_of_pages.Writers) -> str:
    write(writers)  # it is no mail: no line of it is answered
    return ""


def _concerns(template: str, language: Language, used: Sequence[str]) -> bool:
    """Whether one of the templates `used` may be in a wording: itself, or one that several share."""
    folder = template.partition("/")[0]
    for name in used:
        if f".{language.value}." not in name and (".ja." in name or ".en." in name):
            continue
        top = name.partition("/")[0]
        if name == f"{template}.{language.value}.j2":
            return True
        if top in ("notices", "answers", "papers"):
            continue
        if top == "web":
            if folder == "web":
                return True
            continue
        return True  # layouts, parts, names, the words of a procedure
    return False
