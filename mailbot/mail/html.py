"""HTML → the text a person sees; a table of two columns becomes lines of `項目名：値`."""

import lxml.html
from inscriptis import Inscriptis
from inscriptis.model.config import ParserConfig
from lxml.etree import LxmlError

LARGEST = 1_000_000  # characters; what is longer is cut
LONGEST_KEY = 40  # characters of a cell that names a field


def html_to_text(html: str) -> str:
    """The visible text; "" when there is none or it is not HTML at all.  Never raises."""
    cut = html[:LARGEST].replace("\x00", "")
    try:
        tree = lxml.html.fromstring(cut.encode("utf-8"), parser=lxml.html.HTMLParser(encoding="utf-8"))
        _rows_to_lines(tree)
        text = str(Inscriptis(tree, ParserConfig(display_links=False, display_images=False)).get_text())
    except (LxmlError, ValueError, AssertionError, RecursionError, AttributeError, IndexError, TypeError):
        return ""
    return "\n".join(line.rstrip() for line in text.split("\n")).strip("\n")


def _rows_to_lines(tree: lxml.html.HtmlElement) -> None:
    """`<tr><td>氏名</td><td>通関 太郎</td></tr>` → one cell `氏名：通関 太郎`."""
    for row in tree.iter("tr"):
        cells = [cell for cell in row if cell.tag in ("td", "th")]
        if len(cells) != 2 or row.find(".//table") is not None:
            continue
        key, value = (" ".join(cell.text_content().split()) for cell in cells)
        if key and len(key) <= LONGEST_KEY:
            row.remove(cells[1])
            cells[0].clear()
            cells[0].text = f"{key.rstrip('：:')}：{value}"
