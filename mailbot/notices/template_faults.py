"""What is wrong with an operator's template: file, line, and the known name that was perhaps meant."""

import re
import traceback
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path

from jinja2 import Environment, TemplateNotFound, TemplateSyntaxError, UndefinedError, meta, nodes

from mailbot.errors import MailbotError
from mailbot.model.keyword_words import is_command_line
from mailbot.notices.render import environment_of
from mailbot.text import did_you_mean

_UNDEFINED = re.compile(r"'([^']+)' is undefined")
_NO_ATTRIBUTE = re.compile(r"'([\w.]+) object' has no attribute '([^']+)'")
_NO_FILTER = re.compile(r"No (filter|test) named '([^']+)'")
_NO_TAG = re.compile(r"unknown tag '([^']+)'")
_TAGS: tuple[str, ...] = (
    "block",
    "call",
    "else",
    "elif",
    "endblock",
    "endcall",
    "endfor",
    "endif",
    "endmacro",
    "endset",
    "extends",
)
_TAGS += ("filter", "for", "from", "if", "import", "include", "macro", "set")
_MACRO = re.compile(r"{%-? *macro (\w+)\(")


@dataclass(frozen=True, order=True)
class TemplateFault:
    """`name`: of the template, in the operator's folder; `line` 0: the whole file; `what`: in words."""

    name: str
    line: int
    what: str

    @property
    def where(self) -> str:
        """`templates/NAME:LINE`."""
        return f"templates/{self.name}" + (f":{self.line}" if self.line else "")


def names_in(folder: Path) -> list[str]:
    """The names of the templates in a folder, sorted."""
    found = (path.relative_to(folder) for path in folder.rglob("*") if path.is_file())
    return sorted(one.as_posix() for one in found if one.suffix in (".j2", ".css") and not one.parts[0].startswith("."))


class SourceReader:
    """Reads the source of templates, without rendering them."""

    def __init__(self, program: Path, words: Sequence[Path]) -> None:
        """`program`: the folder of the program's own templates; `words`: those of its procedures."""
        self._environment: Environment = environment_of([program])
        self._values_of: dict[str, set[str]] = {}  # by source: to read one takes milliseconds
        files = (*program.rglob("*.j2"), *(one for folder in words for one in folder.glob("*.j2")))
        self._sources = [file.read_text(encoding="utf-8") for file in files]
        self.macros = {name for source in self._sources for name in _MACRO.findall(source)}
        self._always = set(self._environment.globals) | {"loop", "self", "super", "caller", "varargs", "kwargs"}

    @cached_property
    def known(self) -> set[str]:
        """The names of the values that templates may use.  Takes a second: every template of the program is parsed."""
        return self._always.union(*map(self._values, self._sources))

    def _is_known(self, name: str) -> bool:
        """Whether `known` has it, by parsing no more than the templates that have the word."""
        word = re.compile(rf"\b{re.escape(name)}\b")
        return name in self._always or any(name in self._values(one) for one in self._sources if word.search(one))

    def faults(self, folder: Path, name: str) -> Iterator[TemplateFault]:
        """What the source of one template shows: its syntax, names that no template gets, lines that are a keyword."""
        try:
            text = (folder / name).read_text(encoding="utf-8")
            tree = self._environment.parse(text)
            self._environment.compile(text)
        except TemplateSyntaxError as error:
            yield TemplateFault(name, error.lineno, self._syntax(error))
            return
        except (OSError, UnicodeDecodeError) as error:
            yield TemplateFault(name, 0, f"cannot be read as UTF-8: {error}")
            return
        unknown = {one for one in meta.find_undeclared_variables(tree) if not self._is_known(one)}
        for node in tree.find_all(nodes.Name):
            if node.name in unknown and node.ctx == "load":
                yield TemplateFault(
                    name,
                    node.lineno,
                    f"{node.name} is no value of a template{did_you_mean(node.name, self.known)}",
                )
        for number, line in enumerate(text.split("\n"), 1):
            if is_command_line(line):
                yield TemplateFault(name, number, keyword_words(line))

    def values_of(self, text: str) -> list[str]:
        """The names of the values that a template uses, without those that every template has."""
        return sorted(self._values(text) - set(self._environment.globals))

    def _values(self, text: str) -> set[str]:
        found = self._values_of.get(text)
        if found is None:
            found = self._values_of[text] = meta.find_undeclared_variables(self._environment.parse(text))
        return found

    def _syntax(self, error: TemplateSyntaxError) -> str:
        words = str(error.message)
        for pattern, known in ((_NO_FILTER, (*self._environment.filters, *self._environment.tests)), (_NO_TAG, _TAGS)):
            if (found := pattern.search(words)) is not None:
                words += did_you_mean(found[found.lastindex or 1], known)
        return words

    def fault_of(self, error: Exception, used: Sequence[str], folder: Path) -> TemplateFault:
        """The fault of an exception while a notice was rendered.  `used`: the operator's templates."""
        name, line = _place(error, folder)
        words = " ".join(str(error).split()) or type(error).__name__
        if isinstance(error, UndefinedError):
            words += self._near(words)
        elif isinstance(error, TemplateNotFound):
            words = f"there is no template {error.name}"
        if isinstance(error, MailbotError):  # of a paper: the words name the file
            name, _, words = error.detail.removeprefix("templates/").partition(": ")
            line = 0
        if not name:  # it is in a template of the program, which gets something else from the operator's
            name, line = ", ".join(used[:3]), 0
            words = f"{words} (in {_anywhere(error)})"
        return TemplateFault(name, line, words)

    def _near(self, words: str) -> str:
        if (found := _UNDEFINED.search(words)) is not None:
            return did_you_mean(found[1], self.known)
        if (found := _NO_ATTRIBUTE.search(words)) is None:
            return ""
        module, _, kind = found[1].rpartition(".")
        if kind == "TemplateModule" or "template" in words.partition("object")[0].lower():
            return did_you_mean(found[2], self.macros)
        if not module.startswith("mailbot."):
            return ""
        shape = getattr(import_module(module), kind, object)
        public = {one for one in dir(shape) if one[0] != "_"}
        return did_you_mean(found[2], public | {*getattr(shape, "__annotations__", ())})


def keyword_words(line: str) -> str:
    """What is wrong with a line that is a keyword alone."""
    return f"the line «{line.strip()}» is a keyword alone: a reply that quotes it would be read as a decision"


def _place(error: Exception, folder: Path) -> tuple[str, int]:
    """Template and line, of those in `folder`; "" when it is in none of them."""
    places = [(error.filename or "", error.lineno)] if isinstance(error, TemplateSyntaxError) else []
    frames = traceback.extract_tb(error.__traceback__)
    places += [(frame.filename, frame.lineno or 0) for frame in reversed(frames)]
    for file, line in places:
        path = Path(file)
        if path.is_relative_to(folder):
            return path.relative_to(folder).as_posix(), line
    return "", 0


def _anywhere(error: Exception) -> str:
    frames = traceback.extract_tb(error.__traceback__)
    found = next((frame for frame in reversed(frames) if frame.filename.endswith((".j2", ".css"))), frames[-1])
    return f"{'/'.join(Path(found.filename).parts[-2:])}:{found.lineno}"
