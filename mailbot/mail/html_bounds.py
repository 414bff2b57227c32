"""How much text and work a parsed HTML page makes for inscriptis, calculated in one pass before it runs.

inscriptis pads every line of a table cell to the width of the column, each line of a block to its indentation, and
appends to a line by copying it: 400 kB of HTML can become 2 GB.
"""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from inscriptis.html_properties import Display, WhiteSpace
from inscriptis.model.css import CssParse
from inscriptis.model.html_element import HtmlElement as Style
from lxml.etree import iterwalk
from lxml.html import HtmlElement

MOST_NODES = 50_000  # elements and comments
DEEPEST = 150  # elements within one another; inscriptis and libxml2 recurse
MOST_PADDED = 6_000_000  # characters of all rendered tables and indentations
MOST_COPIED = 400_000_000  # characters that are copied while lines grow
LARGEST_EM = 10  # margins and indentations of style attributes are cut to this
LONGEST_STYLE = 2_000  # characters of a style attribute
_LONG_NUMBER = re.compile(r"[0-9.]{12}")  # on which the pattern of inscriptis takes quadratic time
_PREFORMATTED = frozenset(("pre", "xmp", "listing", "plaintext"))
_BREAKS = _PREFORMATTED | {
    *("p", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "ul", "ol", "li", "address", "article", "aside", "div"),
    *("footer", "header", "hgroup", "main", "nav", "figcaption", "blockquote", "br"),
}
_INDENTS = {"ul": 4, "ol": 4, "div": 2}  # characters, in the style sheet of inscriptis
_BLOCK_MARGIN = 2  # lines before and after a block in the style sheet of inscriptis, at most
_BULLET = 8  # characters at most, since longer `value` attributes are removed


class TooComplex(ValueError):
    """A limit is exceeded."""


@dataclass
class Work:
    """What a page has cost so far; the limits are checked against it."""

    nodes: int = 0
    padded: int = 0
    copied: int = 0


@dataclass
class _Area:
    """The text of the page or of a table cell: lines so far, longest line, and the line that is open."""

    lines: int = 1
    width: int = 0
    open: int = 0

    def end_line(self, lines: int = 1) -> None:
        self.lines += lines
        self.width = max(self.width, self.open)
        self.open = 0


@dataclass
class _Table:
    columns: list[int] = field(default_factory=list)  # width of each
    lines: int = 0
    row_lines: int = 0
    column: int = 0

    def end_row(self) -> None:
        self.lines += self.row_lines
        self.row_lines = self.column = 0

    def add(self, cell: _Area) -> None:
        if self.column == len(self.columns):
            self.columns.append(0)
        self.columns[self.column] = max(self.columns[self.column], cell.width)
        self.column += 1
        self.row_lines = max(self.row_lines, cell.lines)


def apply_style(attribute: str, style: Style) -> None:
    """Apply a style attribute as inscriptis does, but limit margins and indentations, and ignore what is too long.

    What nobody sees was removed before (`html_unseen`): `display: none` that is still there is overridden.
    """
    if len(attribute) > LONGEST_STYLE or _LONG_NUMBER.search(attribute) is not None:
        return
    display = style.display
    CssParse.attr_style(attribute, style)
    if style.display == Display.none:
        style.display = display
    style.margin_before = min(style.margin_before, LARGEST_EM)
    style.margin_after = min(style.margin_after, LARGEST_EM)
    style.padding_inline = min(style.padding_inline, LARGEST_EM)


class _Effect(NamedTuple):
    """What an element does to the text within it."""

    indent: int
    preformatted: bool
    breaks: bool
    margin: int  # lines before and after it


@lru_cache(maxsize=1_000)
def _effect(tag: str, attribute: str) -> _Effect:
    style = Style(display=Display.block, whitespace=None)
    apply_style(attribute, style)
    return _Effect(
        max(_INDENTS.get(tag, 0), style.padding_inline),
        tag in _PREFORMATTED if style.whitespace is None else style.whitespace == WhiteSpace.pre,
        tag in _BREAKS and style.display != Display.inline,
        max(_BLOCK_MARGIN, style.margin_before + style.margin_after),
    )


def require_bounds(tree: HtmlElement, work: Work) -> None:
    """Raises TooComplex as soon as a limit is exceeded."""
    _Estimate(work).walk(tree)


class _Estimate:
    def __init__(self, work: Work) -> None:
        self._work = work
        self._areas = [_Area()]
        self._tables: list[_Table] = []
        self._indents = [0]  # of each open element
        self._preformatted = [False]
        self._breaks: list[bool] = []
        self._cells: list[bool] = []  # for each open td and th, whether it has an area of its own

    def walk(self, tree: HtmlElement) -> None:
        for event, element in iterwalk(tree, events=("start", "end", "comment", "pi")):
            if event == "start":
                self._work.nodes += 1
                self._start(element.tag, element.get("style") or "")
                text = element.text
            elif event == "end":
                self._end(element.tag)
                text = element.tail
            else:
                self._work.nodes += 1
                text = element.tail
            if text:
                self._text(text)
            if self._work.nodes > MOST_NODES or len(self._indents) > DEEPEST:
                raise TooComplex("nodes")
            if self._work.padded > MOST_PADDED or self._work.copied > MOST_COPIED:
                raise TooComplex("text")

    def _start(self, tag: str, attribute: str) -> None:
        effect = _effect(tag, attribute)
        self._indents.append(self._indents[-1] + effect.indent)
        self._preformatted.append(self._preformatted[-1] or effect.preformatted)
        self._breaks.append(effect.breaks)
        if effect.breaks:
            self._areas[-1].end_line(1 + effect.margin)
        elif tag == "table":
            self._areas[-1].end_line()
            self._tables.append(_Table())
        elif tag == "tr" and self._tables:
            self._tables[-1].end_row()
        elif tag in ("td", "th"):
            self._cells.append(bool(self._tables))
            if self._tables:
                self._areas.append(_Area())

    def _end(self, tag: str) -> None:
        self._indents.pop()
        self._preformatted.pop()
        if self._breaks.pop():
            self._areas[-1].end_line()
        elif tag == "table":
            self._end_table(self._tables.pop())
        elif tag in ("td", "th") and self._cells.pop():
            cell = self._areas.pop()
            cell.end_line()
            self._tables[-1].add(cell)

    def _end_table(self, table: _Table) -> None:
        table.end_row()
        width = sum(table.columns) + 2 * len(table.columns)
        self._work.padded += table.lines * width
        area = self._areas[-1]
        area.end_line(table.lines)
        area.width = max(area.width, width + self._indents[-1])
        self._work.padded += table.lines * self._indents[-1]

    def _text(self, text: str) -> None:
        area, indent = self._areas[-1], self._indents[-1] + _BULLET
        self._work.copied += area.open  # inscriptis copies the open line for each piece of text
        widths = [*map(len, text.split("\n"))] if self._preformatted[-1] else [len(" ".join(text.split()))]
        self._work.padded += indent * len(widths)
        area.lines += len(widths) - 1
        area.width = max(area.width, area.open + widths[0], max(widths) + indent)
        area.open += sum(widths) + 2 + indent  # "\n" does not end the string that is copied
