"""HTML to visible text.  A table of two columns becomes lines `項目名：値`, a wider one tab-separated lines."""

import lxml.html
from inscriptis import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError

LARGEST = 1_000_000  # characters; longer HTML is truncated
LONGEST_KEY = 40  # characters of a cell with the name of a field
LONGEST_CELL = 200  # characters; a table with a longer cell is a layout table


def html_to_text(html: str) -> str:
    """The visible text; "" when there is none or `html` cannot be parsed.  Never raises."""
    cut = html[:LARGEST].replace("\x00", "")
    try:
        tree = lxml.html.fromstring(cut.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8"))
        _rows_to_lines(tree)
        text = str(Inscriptis(tree, ParserConfig(display_links=False, display_images=False)).get_text())
    except (LxmlError, ValueError, AssertionError, RecursionError, AttributeError, IndexError, TypeError):
        return ""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _rows_to_lines(tree: lxml.html.HtmlElement) -> None:
    """`<tr><td>氏名</td><td>通関 太郎</td></tr>` → one cell `氏名：通関 太郎`; a wider table → tab-separated lines."""
    for table in tree.iter("table"):
        rows = [[cell for cell in row if cell.tag in ("td", "th")] for row in table.iter("tr")]
        if table.find(".//table") is not None or not rows:
            continue
        texts = [[" ".join(cell.text_content().split()) for cell in row] for row in rows]
        if _is_table_of_records(rows, texts):
            _one_block(table, ["\t".join(row) for row in texts])
            continue
        for row, cells in zip(rows, texts, strict=True):
            if len(cells) == 2 and cells[0] and len(cells[0]) <= LONGEST_KEY:
                _one_cell(row, f"{cells[0].rstrip('：:')}：{cells[1]}")


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
