"""HTML to visible text.  A table of two columns becomes lines `項目名：値`, a wider one tab-separated lines.

Lines that the structure calls quoted get the quote mark `> ` (html_quotes.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import lxml.html
from inscriptis import Inscriptis
from inscriptis.model.attribute import DEFAULT_ATTRIBUTE_MAP
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError, iterwalk

from mailbot.lines import LONGEST_LABEL, labelled_line
from mailbot.mail.extent import LARGEST_TEXT
from mailbot.mail.html_bounds import TooComplex, Work, apply_style, require_bounds
from mailbot.mail.html_plain import strip_tags
from mailbot.mail.html_quotes import UNSEEN, MarkedLines, mark_quotes, may_quote, with_quote_marks
from mailbot.mail.html_unseen import remove_unseen

LARGEST = 1_000_000  # characters; longer HTML is truncated
MOST_TAGS = 100_000  # start and end tags, before the page is parsed
MOST_ATTRIBUTES = 100_000
LONGEST_ITEM_NUMBER = 6  # digits of the number of a list item
_ATTRIBUTE = re.compile(r"[\s\"'/][a-zA-Z][^\s=<>]*=")
LONGEST_CELL = 200  # characters; a table with a longer cell is a layout table


@dataclass(frozen=True)
class VisibleText:
    """The text of a page.  `loss`: what the reader of it should know, or ""; `quoted`: the numbers of quoted lines."""

    text: str
    loss: str = ""
    quoted: frozenset[int] = frozenset()


def html_to_text(page: str, work: Work | None = None) -> VisibleText:
    """The visible text; empty when there is none.  Never raises.  `work`: where the cost is counted.

    A page that would cost too much, or that the layout cannot convert, is converted without layout.
    """
    cut = page[:LARGEST].replace("\x00", "")
    try:
        shown = _laid_out(cut, work or Work())
        return VisibleText("\n".join(shown.lines), "HTML truncated" if len(page) > LARGEST else "", shown.quoted)
    except TooComplex as error:
        problem = f"HTML too complex ({error})"
    except (LxmlError, ValueError, AssertionError, RecursionError, AttributeError, IndexError, TypeError):
        problem = "HTML damaged"
    text = strip_tags(cut)
    return VisibleText(text, f"{problem}: converted without layout" if text else "")


def _laid_out(page: str, work: Work) -> MarkedLines:
    """Raises TooComplex, and what lxml and inscriptis raise."""
    if page.count("<") > MOST_TAGS or len(_ATTRIBUTE.findall(page)) > MOST_ATTRIBUTES:
        raise TooComplex("tags")
    tree = lxml.html.fromstring(page.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8"))
    elements = [*tree.iter()]  # referred to until the end: lxml would make the object of each element anew
    _bound_attributes(tree)
    remove_unseen(tree, elements)
    if len(page) > LARGEST_TEXT:
        _cut_below(tree, LARGEST_TEXT)
    require_bounds(tree, work)  # before _rows_to_lines, which visits the elements of a table several times
    if may_quote(page):
        mark_quotes(tree)
    if next(tree.iter("table"), None) is not None:
        _rows_to_lines(tree)
        require_bounds(tree, Work())
    _remove_empty(elements)
    config = ParserConfig(display_links=False, display_images=False)
    config.attribute_handler.attribute_mapping = {**DEFAULT_ATTRIBUTE_MAP, "style": apply_style}
    text = str(Inscriptis(tree, config).get_text())
    return _stripped(with_quote_marks("\n".join(line.rstrip() for line in text.split("\n"))))


def _stripped(marked: MarkedLines) -> MarkedLines:
    """Without the blank lines at both ends."""
    shown = [i for i, line in enumerate(marked.lines) if line]
    if not shown:
        return MarkedLines([], frozenset())
    first = shown[0]
    return MarkedLines(marked.lines[first : shown[-1] + 1], frozenset(i - first for i in marked.quoted))


def _cut_below(tree: lxml.html.HtmlElement, longest: int) -> None:
    """Remove the elements below the first `longest` visible characters: nobody reads them."""
    if len(tree.text_content()) <= longest:  # with what nobody sees
        return
    seen = 0
    for _, element in iterwalk(tree, events=("end",)):
        text = "" if element.tag in UNSEEN else element.text or ""
        seen += sum(map(len, text.split())) + sum(map(len, (element.tail or "").split()))
        if seen > longest and next(element.iterancestors("table"), None) is None:
            for one in (element, *element.iterancestors()):
                for below in list(one.itersiblings()):
                    below.getparent().remove(below)
            return


def _bound_attributes(tree: lxml.html.HtmlElement) -> None:
    """Remove the numbers of list items that are not a number of a list."""
    for item in tree.iter("li"):
        if len(item.get("value", "")) > LONGEST_ITEM_NUMBER:
            del item.attrib["value"]


def _remove_empty(elements: Sequence[lxml.html.HtmlElement]) -> None:
    """Remove each `<o:p></o:p>`, with which Outlook ends its paragraphs: laid out it shows nothing, at equal cost."""
    for one in elements:
        if one.tag == "o:p" and not (len(one) or one.text or one.tail or one.attrib) and one.getparent() is not None:
            one.getparent().remove(one)


def _rows_to_lines(tree: lxml.html.HtmlElement) -> None:
    """`<tr><td>氏名</td><td>通関 太郎</td></tr>` → one cell `氏名：通関 太郎`; a wider table → tab-separated lines."""
    for table in tree.iter("table"):
        if table.find(".//table") is not None or table.find(".//tr//tr") is not None:
            continue
        rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
        if not rows:
            continue
        texts = [[" ".join(cell.text_content().split()) for cell in row] for row in rows]
        if _is_table_of_records(rows, texts):
            _one_block(table, ["\t".join(row) for row in texts])
            continue
        for row, cells in zip(rows, texts, strict=True):
            if len(cells) == 2 and cells[0] and len(cells[0]) <= LONGEST_LABEL:
                _one_cell(row, labelled_line(cells[0], cells[1]))


def _is_table_of_records(rows: list[list[lxml.html.HtmlElement]], texts: list[list[str]]) -> bool:
    """Whether the table has more than two columns, or two with a header row; not a layout table with long text."""
    if len(rows) < 2 or any(len(text) > LONGEST_CELL for row in texts for text in row):
        return False
    widest = max(len(row) for row in rows)
    head = rows[0] and all(cell.tag == "th" for cell in rows[0])
    return widest > 2 or (widest == 2 and bool(head) and len(rows) > 2)


def _one_block(table: lxml.html.HtmlElement, lines: list[str]) -> None:
    tail = table.tail
    table.clear()
    table.tag = "pre"
    table.text, table.tail = "\n".join(lines), tail


def _one_cell(row: list[lxml.html.HtmlElement], text: str) -> None:
    parent = row[1].getparent()
    if parent is not None:
        parent.remove(row[1])
    row[0].clear()
    row[0].text = text
