"""HTML to visible text.  A table of two columns becomes lines `項目名：値`, a wider one tab-separated lines.

Lines that the structure calls quoted get the quote mark `> ` (html_quotes.py).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import lxml.html
from lxml.etree import LxmlError, iterwalk

from mailbot.lines import LONGEST_LABEL, labelled_line
from mailbot.mail.extent import LARGEST_TEXT
from mailbot.mail.html_bounds import TooComplex, Work, require_bounds
from mailbot.mail.html_layout import laid_out
from mailbot.mail.html_plain import strip_tags
from mailbot.mail.html_quotes import UNSEEN, MarkedLines, mark_quotes, may_quote, with_quote_marks
from mailbot.mail.html_unseen import NOTHING_UNSEEN, has_unseen, may_hide, remove_unseen
from mailbot.text import without_blanks

LARGEST = 1_000_000  # characters; longer HTML is truncated
MOST_TAGS = 100_000  # start and end tags, before the page is parsed
MOST_ATTRIBUTES = 100_000
LONGEST_ITEM_NUMBER = 6  # digits of the number of a list item
_ATTRIBUTE = re.compile(r"[\s\"'/][a-zA-Z][^\s=<>]*=")
LONGEST_CELL = 200  # characters; a table with a longer cell is a layout table


@dataclass(frozen=True)
class VisibleText:
    """The text of a page.  `loss`: what the reader of it should know, or ""; `quoted`: the numbers of quoted lines.

    `doubtful`: pieces of the text that people who look at the page may not see.
    """

    text: str
    loss: str = ""
    quoted: frozenset[int] = frozenset()
    doubtful: tuple[str, ...] = ()


def html_to_text(page: str, work: Work | None = None) -> VisibleText:
    """The visible text; empty when there is none.  Never raises.  `work`: where the cost is counted.

    A page that would cost too much, or that the layout cannot convert, is converted without layout.
    """
    cut = page[:LARGEST].replace("\x00", "")
    try:
        shown = _laid_out(cut, work or Work())
        return replace(shown, loss="HTML truncated" if len(page) > LARGEST else "")
    except TooComplex as error:
        problem = f"HTML too complex ({error})"
    except (LxmlError, ValueError, AssertionError, RecursionError, AttributeError, IndexError, TypeError):
        problem = "HTML damaged"
    text = strip_tags(cut)
    loss = f"{problem}: converted without layout" if text else ""
    return VisibleText(text, loss, doubtful=(text,) if may_hide(cut) else ())


def unseen_beside(page: str) -> tuple[str, ...]:
    """The pieces of a page that people who look at it do not see, or may not see: for the plain text beside it.

    Without those that are seen elsewhere on the page.  Everything of a page that would cost too much.  Never raises.
    """
    cut = page[:LARGEST].replace("\x00", "")
    if not may_hide(cut):
        return ()
    try:
        tree = parsed_page(cut)
        unseen = remove_unseen(tree)
        seen = without_blanks("".join(tree.itertext()))
    except (TooComplex, LxmlError, ValueError, AssertionError, RecursionError, AttributeError, IndexError, TypeError):
        return (strip_tags(cut),)
    return (*(piece for piece in unseen.removed if without_blanks(piece) not in seen), *unseen.doubtful)


def parsed_page(page: str) -> lxml.html.HtmlElement:
    """The tree of a page.  Raises TooComplex, and what lxml raises."""
    if page.count("<") > MOST_TAGS or len(_ATTRIBUTE.findall(page)) > MOST_ATTRIBUTES:
        raise TooComplex("tags")
    return lxml.html.fromstring(page.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8"))


def _laid_out(page: str, work: Work) -> VisibleText:
    """Raises TooComplex, and what lxml and inscriptis raise."""
    tree = parsed_page(page)
    _bound_attributes(tree)
    unseen = remove_unseen(tree) if has_unseen(page) else NOTHING_UNSEEN
    elements = [*tree.iter()]  # referred to until the end: lxml would make the object of each element anew
    if len(page) > LARGEST_TEXT:
        _cut_below(tree, LARGEST_TEXT)
    require_bounds(tree, work)  # before _rows_to_lines, which visits the elements of a table several times
    if may_quote(page):
        mark_quotes(tree)
    if next(tree.iter("table"), None) is not None:
        _rows_to_lines(tree)
        require_bounds(tree, Work())
    _remove_empty(elements)
    shown = _stripped(with_quote_marks("\n".join(line.rstrip() for line in laid_out(tree).split("\n"))))
    return VisibleText("\n".join(shown.lines), quoted=shown.quoted, doubtful=unseen.doubtful)


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
