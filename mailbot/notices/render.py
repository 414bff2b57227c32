"""From a template and its values to a subject, a text and an HTML part that say the same.

One template per notice and language is rendered with two sets of macros of the same names, `layouts/text.j2` and
`layouts/html.j2`.  Templates come from folders only; what people wrote is a value and never a template (T-83).
"""

import re
import time
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import BaseLoader, ChoiceLoader, Environment, FileSystemLoader, PrefixLoader, StrictUndefined, Template
from jinja2 import TemplateNotFound as NotFound
from markupsafe import Markup, escape

from mailbot.lines import NOTICE_RULE
from mailbot.model.applicant_commands import APPLICANT_COMMANDS
from mailbot.model.notice import RenderedNotice
from mailbot.model.people import Language
from mailbot.model.reviewer_keywords import REVIEWER_KEYWORDS
from mailbot.notices import text_layout
from mailbot.notices.display import day, day_of_iso, day_of_year, minute, moment
from mailbot.notices.mailto import mailto, mailto_filled
from mailbot.notices.phrases import whole
from mailbot.notices.sandbox import begin_rendering
from mailbot.notices.template_environment import SplitEnvironment
from mailbot.text import one_line

_PROCEDURE = "procedure"
_TAG = re.compile("(<[^>]*>)")
_LOOK_EVERY = 1.0  # seconds until a template that has changed is used at the latest


class Renderer:
    """Renders notices.

    `template_dirs`: folders with `layouts/`, `notices/`, `answers/`, the last of them the program's own; the first that
    has a file wins, so an operator overrides any template by a file of the same name (`procedure/<name>/…` for the
    words of a procedure).  An operator's template runs in the sandbox, with what it includes.
    `words`: procedure name → folder of what the procedure adds to the common notices.
    """

    def __init__(
        self,
        template_dirs: Sequence[Path],
        words: Mapping[str, Path],
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._text, self._html = _environments(tuple(template_dirs), tuple(sorted(words.items())))
        self._monotonic = monotonic
        self._looked_at = -_LOOK_EVERY

    def render(self, template: str, language: Language, context: Mapping[str, object]) -> RenderedNotice:
        """The words of `template` (`notices/received`) in `language`.

        Raises jinja2.TemplateNotFound when there is no such template, jinja2.UndefinedError when it names a value
        that `context` does not have.
        """
        self._begin()
        name = f"{template}.{language.value}.j2"
        values = {**context, "lang": language}
        text, subject = _in_frames(
            self._text.get_template(name),
            {**values, "macros": "layouts/text.j2"},
            ("layouts/text_mail.j2", "layouts/subject.j2"),
        )
        html = self._html.get_template(name).render(
            values, frame="layouts/html_mail.j2", macros="layouts/html.j2", subject=one_line(subject)
        )
        return RenderedNotice(one_line(subject), text_layout.tidy(text), text_layout.tidy(html))

    def page(self, template: str, context: Mapping[str, object]) -> str:
        """`template` (a file name) as HTML, everything in `context` escaped.  Raises like `render`."""
        self._begin()
        return self._html.get_template(template).render(context)

    def plain(self, template: str, context: Mapping[str, object]) -> str:
        """`template` (a file name) as a text file, nothing in `context` escaped.  Raises like `render`."""
        begin_rendering()
        return self._text.get_template(template).render(context).rstrip("\n") + "\n"

    def phrases(self, template: str, language: Language, context: Mapping[str, object]) -> dict[str, str]:
        """The words of a paper: `template` renders to one `name = words` a line.  Raises like `render`."""
        name = f"{template}.{language.value}.j2"
        self._begin()
        lines = self._text.get_template(name).render({**context, "lang": language}).split("\n")
        pairs = (line.partition(" = ") for line in lines if " = " in line)
        return {key.strip(): words for key, _, words in pairs}

    def _begin(self) -> None:
        begin_rendering()
        if self._monotonic() - self._looked_at >= _LOOK_EVERY:
            self._looked_at = self._monotonic()
            self._text.look_again()
            self._html.look_again()


def _in_frames(template: Template, values: dict[str, object], frames: Sequence[str]) -> list[str]:
    """`template` in each of `frames`, whose blocks it fills; what it imports is imported once."""
    environment = template.environment
    context = template.new_context({**values, "frame": frames[0]})
    try:
        rendered = ["".join(template.root_render_func(context))]
        for name in frames[1:]:
            frame = environment.get_template(name)
            for block, function in frame.blocks.items():
                context.blocks.setdefault(block, []).append(function)
            rendered.append("".join(frame.root_render_func(context)))
    except Exception:  # with the lines of the templates in the traceback, as Template.render raises it
        environment.handle_exception()
    return rendered


class _Optional(BaseLoader):
    """The templates of procedures: one that a procedure does not have is empty, it has nothing to add."""

    def __init__(self, folders: Mapping[str, BaseLoader]) -> None:
        self._inner = PrefixLoader(folders)

    def get_source(self, environment: Environment, template: str) -> tuple[str, str | None, Callable[[], bool] | None]:
        try:
            return self._inner.get_source(environment, template)
        except NotFound:
            return "", None, lambda: True


@lru_cache(maxsize=8)
def _environments(
    template_dirs: tuple[Path, ...], words: tuple[tuple[str, Path], ...]
) -> tuple[SplitEnvironment, SplitEnvironment]:
    """The environments for text and for HTML, shared by all renderers of the same folders.

    Compiling the templates takes seconds, so it happens once in a process, and once more when a file has changed.
    """
    folders = {name: FileSystemLoader(path) for name, path in words}
    loader = ChoiceLoader([FileSystemLoader(template_dirs), PrefixLoader({_PROCEDURE: _Optional(folders)})])
    own = template_dirs[:-1]
    return _environment(own, loader, html=False), _environment(own, loader, html=True)


def environment_of(folders: Sequence[Path]) -> Environment:
    """An environment with the filters and values of every template, to read sources with; it is not shared."""
    return _environment((), FileSystemLoader(list(folders)), html=False).sandbox


def _environment(own: Sequence[Path], loader: BaseLoader, *, html: bool) -> SplitEnvironment:
    """`own`: the operator's folders."""
    environment = SplitEnvironment(
        own,
        loader=loader,
        autoescape=html,
        undefined=StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Any] = dict(
        bullet=text_layout.bullet,
        day=day,
        day_of_year=day_of_year,
        facts=text_layout.facts,
        iso_day=day_of_iso,
        flow=_flow_html if html else _flow,
        joined=_flow,
        unbroken=_unbroken,
        lines=_lines,
        minute=minute,
        moment=moment,
        one_line=one_line,
        own_words=text_layout.own_words,
        padded=text_layout.padded,
        paragraph=text_layout.paragraph,
        short=text_layout.short,
        visible=text_layout.visible,
    )
    values: dict[str, Any] = dict(
        RULE=NOTICE_RULE,
        mailto=mailto,
        mailto_filled=mailto_filled,
        REVIEWER_KEYWORDS=REVIEWER_KEYWORDS,
        APPLICANT_COMMANDS=APPLICANT_COMMANDS,
    )
    environment.globals.update(values)
    for one in (environment, environment.sandbox):
        one.filters.update(filters)
    return environment


def _visible(value: object) -> object:
    """Applied to whatever a template prints: nothing invisible gets into a mail."""
    if type(value) is Markup or not isinstance(value, str):
        return value
    return text_layout.visible(value)


def _flow(value: str) -> str:
    joined = text_layout.flow(str(value))
    return Markup(joined) if isinstance(value, Markup) else joined  # noqa: S704 - it was Markup before


def _flow_html(value: str) -> str:
    """A paragraph; with `_unbroken` because not even `word-break: auto-phrase` knows days and telephone numbers."""
    return _unbroken(_flow(value))


@lru_cache(maxsize=text_layout.KEPT, typed=True)  # text and Markup of the same characters are not the same
def _unbroken(value: object) -> Markup:
    """Text for HTML in which no line breaks within what `phrases.whole` names."""
    parts = _TAG.split(str(escape(value)))
    return Markup("".join(part if index % 2 else _spans(part) for index, part in enumerate(parts)))  # noqa: S704 - escaped


def _spans(text: str) -> str:
    done, position = "", 0
    for begin, end in whole(text):
        done += f'{text[position:begin]}<span class="n">{text[begin:end]}</span>'
        position = end
    return done + text[position:]


def _lines(value: object) -> list[str]:
    """The lines of what a person wrote, for HTML that has to break them."""
    if isinstance(value, Markup):
        return [Markup(line) for line in value.strip("\n").split("\n")]  # noqa: S704 - it was Markup before
    return text_layout.own_lines(text_layout.visible(str(value)))
