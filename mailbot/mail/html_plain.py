"""HTML to text in time that is linear in its length: for pages that would cost the layout too much."""

import html
import re

_TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9]{0,20})[^<>]*>|<!--|<[!?][^<>]*>")
BLOCKS = {  # elements that begin a line
    *("p", "div", "br", "tr", "table", "ul", "ol", "li", "dl", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "pre"),
    *("blockquote", "address", "article", "section", "header", "footer", "hr", "body", "form"),
}
_NEW_LINE = BLOCKS | {"title", "html"}
_HIDDEN = frozenset(("script", "style", "title"))
_BLANK_LINES = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[ \t\r\f\v]+")


def strip_tags(page: str) -> str:
    """The text of the page: tags and comments removed, entities decoded, a line for each block.  Never raises.

    Unlike the layout, it does not arrange table cells, which are separated by spaces, and ignores style sheets.
    """
    pieces: list[str] = []
    marks = _Marks(page.lower() if len(page.lower()) == len(page) else page)
    at = 0
    while (tag := _TAG.search(page, at)) is not None:
        pieces.append(page[at : tag.start()])
        name = (tag[2] or "").lower()
        at = tag.end()
        if tag[0] == "<!--":
            at = marks.after("-->", at)
        elif name in _HIDDEN and not tag[1]:
            at = marks.after(f"</{name}>", at)
        elif name in _NEW_LINE:
            pieces.append("\n")
        elif name in ("td", "th"):
            pieces.append(" ")
    pieces.append(page[at:])
    lines = (_SPACES.sub(" ", line).strip() for line in _unescape("".join(pieces)).split("\n"))
    return _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip("\n")


class _Marks:
    """Finds closing marks; a mark that is missing once is not searched for again, which would take quadratic time."""

    def __init__(self, page: str) -> None:
        self._page = page
        self._missing: set[str] = set()

    def after(self, mark: str, at: int) -> int:
        """The position after `mark`; `at` when there is none, so that nothing is lost."""
        if mark in self._missing:
            return at
        found = self._page.find(mark, at)
        if found < 0:
            self._missing.add(mark)
            return at
        return found + len(mark)


def _unescape(text: str) -> str:
    try:
        return html.unescape(text)
    except ValueError:  # a character reference with thousands of digits
        return text
