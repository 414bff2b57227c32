"""HTML of a mail as people may look at it: nothing of it runs, submits, leads elsewhere or loads anything.

Markup and inline styles of an allow-list stay (nh3); elements that load or link keep their words alone.  The page that
shows it forbids every request besides (Content-Security-Policy, sandbox): each of the two suffices alone.
"""

import re
from html import escape

import lxml.html
import nh3
from lxml.etree import LxmlError, iterwalk

from mailbot.mail.html import parsed_page
from mailbot.mail.html_bounds import DEEPEST, TooComplex
from mailbot.mail.html_plain import strip_tags

LONGEST_PAGE = 500_000  # characters
MOST_ELEMENTS = 10_000
_COLOUR = re.compile(r"(?:rgb|hsl)a?\([0-9.,%/ ]*\)")
_TAGS = {
    *("a", "abbr", "address", "b", "bdi", "bdo", "big", "blockquote", "br", "caption", "center", "cite", "code", "col"),
    *("colgroup", "dd", "del", "dfn", "div", "dl", "dt", "em", "font", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "i"),
    *("img", "ins", "kbd", "li", "mark", "ol", "p", "pre", "q", "rp", "rt", "ruby", "s", "samp", "small", "span"),
    *("strike", "strong", "sub", "sup", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "tt", "u", "ul", "var"),
}
# Their text is none of the page's words.
_WITHOUT_CONTENT = {"script", "style", "title", "template", "noscript", "object", "svg", "math", "iframe", "textarea"}
_ATTRIBUTES = {
    "*": {"style", "dir", "lang", "align", "valign"},
    "font": {"color", "size", "face"},
    "img": {"alt"},  # never `src`: what a picture says in words stays
    "ol": {"start", "type"},
    "table": {"border", "cellpadding", "cellspacing", "width"},
    "td": {"colspan", "rowspan", "width", "bgcolor"},
    "th": {"colspan", "rowspan", "width", "bgcolor"},
}
# None takes url(), none hides, none places words elsewhere.
_PROPERTIES = {
    *("background-color", "border", "border-bottom", "border-collapse", "border-color", "border-left", "border-right"),
    *(
        "border-spacing",
        "border-style",
        "border-top",
        "border-width",
        "color",
        "font-family",
        "font-size",
        "font-style",
    ),
    *("font-weight", "letter-spacing", "line-height", "list-style-type", "margin", "margin-bottom", "margin-left"),
    *("margin-right", "margin-top", "padding", "padding-bottom", "padding-left", "padding-right", "padding-top"),
    *("text-align", "text-decoration", "vertical-align", "white-space", "width"),
}


def safe_html(page: str) -> str:
    """`page` as the content of a `<body>`; what is beyond LONGEST_PAGE is cut off.  Never raises.

    A page that is damaged or too complex becomes its text.
    """
    cut = page[:LONGEST_PAGE].replace("\x00", "")
    try:
        tidy = _tidy(cut)
    except (TooComplex, LxmlError, ValueError, AssertionError, RecursionError, TypeError):
        tidy = f"<pre>{escape(strip_tags(cut))}</pre>"
    return nh3.clean(
        tidy,
        tags=_TAGS,
        clean_content_tags=_WITHOUT_CONTENT,
        attributes=_ATTRIBUTES,
        attribute_filter=_without_functions,
        filter_style_properties=_PROPERTIES,
        url_schemes=set(),
        link_rel=None,
    )


def _tidy(page: str) -> str:
    """`page` with every element closed: what HTML parsers make of one that is not may cost quadratic time and memory.

    Raises TooComplex, and what lxml raises.
    """
    tree = parsed_page(page)
    number = depth = 0
    for event, _ in iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        number += event == "start"
        if depth > DEEPEST or number > MOST_ELEMENTS:
            raise TooComplex("nodes")
    return str(lxml.html.tostring(tree, encoding="unicode"))


def _without_functions(tag: str, attribute: str, value: str) -> str | None:
    """No url(), image-set() or the like in any value; colours remain."""
    del tag
    rest = _COLOUR.sub("", value.lower())
    return None if attribute == "style" and ("(" in rest or "\\" in rest or "@" in rest) else value
